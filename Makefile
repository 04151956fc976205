# make demo    start a real Active Directory, the provider and a stand-in for CloudSync to sign in to
# make test    check the format, lints, tests on real servers, and a real browser
#
# make install        install what both need (Debian 12; root or sudo; starts no service)
# make build          build the provider and the stand-in
# make verify         run the tests with full counts, optimised
# make bench          measure a login
# make bench-panel    measure the pages of the admin panel
# make bench-sync     measure a sync
# make bench-delivery measure deliveries to a service
# make clean-lab      delete the directory servers and cached states of the demo and the tests

CARGO ?= cargo
export CARGO
STEP := .ci/step
SHELL := /bin/bash
# Many tests wait for directories and databases: more than one a core uses that time.
export RUST_TEST_THREADS ?= $(shell echo $$(($$(nproc) * 3 / 2)))
# Use Node from target/node if the system's is too old
export PATH := $(CURDIR)/target/node/bin:$(PATH)

.PHONY: help install install-demo build demo test test-browser fmt clippy test-rust verify bench bench-panel bench-sync bench-delivery clean-lab
.NOTPARALLEL:

help:
	@sed -n '1,11s/^# \?//p' Makefile

install:
	@$(STEP) "Install for the tests" .ci/install test

install-demo:
	@$(STEP) "Install for the demo" .ci/install demo

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
	@$(STEP) "Bench of a login" benches/login.sh

bench-panel: install
	@$(STEP) "Bench of the admin panel" $(CARGO) test --profile verify --locked --test integration -- --ignored --nocapture panel::scale

bench-sync: install
	@$(STEP) "Bench of a sync" benches/sync.sh

bench-delivery: install
	@$(STEP) "Bench of deliveries" benches/delivery.sh

clean-lab:
	@rm -rf target/lab target/demo
