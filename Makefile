# make demo    a real Active Directory, the provider and a stand-in for CloudSync: open the page and sign in
# make test    everything that must hold: format, lints, tests on real servers, a real browser
#
# make install      what both need (Debian 12; root or sudo; starts no service)
# make build        the provider and the stand-in
# make verify       the tests with full counts, optimised
# make bench        what a login costs
# make bench-sync   what a sync costs
# make clean-lab    forget the demo's and the tests' directories and their golden states

CARGO ?= cargo
export CARGO
STEP := .ci/step
SHELL := /bin/bash
# Node from target/node where the system's is too old
export PATH := $(CURDIR)/target/node/bin:$(PATH)

.PHONY: help install install-demo build demo test test-browser fmt clippy test-rust verify bench bench-sync clean-lab
.NOTPARALLEL:

help:
	@sed -n '1,10s/^# \?//p' Makefile

install:
	@$(STEP) "Install what the tests need" .ci/install test

install-demo:
	@$(STEP) "Install what the demo needs" .ci/install demo

build:
	@$(STEP) "Build" $(CARGO) build --locked --bins --example cloudsync

demo: install-demo build
	@examples/demo/run.sh

fmt:
	@$(STEP) "Format" $(CARGO) fmt --check

clippy:
	@$(STEP) "Lints" $(CARGO) clippy --locked --all-targets -- -D warnings

test-rust:
	@$(STEP) "Unit, property and integration tests" $(CARGO) test --locked

test-browser: install build
	@$(STEP) "Browser" .ci/browser

test: install fmt clippy test-rust test-browser

verify: install
	@$(STEP) "All tests with full counts, optimised" .ci/verify

bench: install
	@$(STEP) "Bench" benches/login.sh

bench-sync: install
	@$(STEP) "Bench of the sync" benches/sync.sh

clean-lab:
	@rm -rf target/lab target/demo
