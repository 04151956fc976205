#!/usr/bin/env bash
# What a login costs: complete logins against the release build of the provider, in a process of its own, and an OpenLDAP
# full of people: with name and password alone, and with a code of an authenticator besides. Started by "make bench". Prints a
# table and writes target/bench/login.json.
#
#   BENCH_LOGINS=5000      timed logins of each kind in a round (a tenth of it more warms up)
#   BENCH_ROUNDS=3         rounds, each with a freshly started provider; the figures are medians
#   BENCH_AT_ONCE=32       people who sign in at the same time, each on a kept connection
#   BENCH_BINDS=20000      raw binds in a round, for comparison
#   BENCH_PEOPLE=10000     people in the directory
#   BENCH_ADDRESS=127.0.0.1  where everything listens, on the next three:
#   BENCH_PORT=18480 BENCH_LDAP_PORT=18389 BENCH_LDAPS_PORT=18636
#   BENCH_DIR=target/bench   databases, logs and the result
#   BENCH_PROVIDER=FILE    another build of the provider, to compare
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export BENCH_LOGINS=${BENCH_LOGINS:-5000} BENCH_ROUNDS=${BENCH_ROUNDS:-3} BENCH_AT_ONCE=${BENCH_AT_ONCE:-32}
export BENCH_BINDS=${BENCH_BINDS:-20000} BENCH_PEOPLE=${BENCH_PEOPLE:-10000}
address=${BENCH_ADDRESS:-127.0.0.1}; port=${BENCH_PORT:-18480}
BENCH_DIR=${BENCH_DIR:-$target/bench}; mkdir -p "$BENCH_DIR"; BENCH_DIR=$(realpath "$BENCH_DIR"); export BENCH_DIR
DIR=$BENCH_DIR/ldap
source tests/lab/lib.sh

main() {
  BENCH_LOAD=$(cut -d ' ' -f 1-3 /proc/loadavg); export BENCH_LOAD     # before we add to it
  build
  trap finish EXIT
  trap 'exit 130' INT TERM HUP
  start_directory
  export BENCH_ISSUER=http://$address:$port BENCH_CONFIG=$BENCH_DIR/idp/idp.toml BENCH_CONFIG_TOTP=$BENCH_DIR/idp-totp/idp.toml
  prepare_provider "$BENCH_DIR/idp" nobody
  prepare_provider "$BENCH_DIR/idp-totp" everyone
  "$driver"
}

build() {
  "${CARGO:-cargo}" build --locked --release --bin cloudsync-idp --bench login
  # The name of a bench carries a hash that only cargo knows.
  driver=$("${CARGO:-cargo}" build --locked --release --bench login --message-format=json 2>/dev/null |
    sed -n '/"kind":\["bench"\]/s/.*"executable":"\([^"]*\)".*/\1/p')
  export BENCH_PROVIDER=${BENCH_PROVIDER:-$target/release/cloudsync-idp}
  [ -x "$driver" ] && [ -x "$BENCH_PROVIDER" ] || die "The build left no driver or no provider."
}

# Stops by itself when our end of its stdin closes, however we end.
start_directory() {
  rm -f "$DIR.env"
  exec 6> >(exec env DIR="$DIR" CACHE="$target/lab/cache" USERS="$BENCH_PEOPLE" ADDR="$address" \
    PORT="${BENCH_LDAP_PORT:-18389}" TLSPORT="${BENCH_LDAPS_PORT:-18636}" tests/lab/slapd.sh hold >"$DIR.env" 2>"$DIR.log")
  directory=$!
  until_true 60 directory_answered
  grep -q '^ready$' "$DIR.env" || { cat "$DIR.log" >&2; die "The OpenLDAP did not start."; }
  source <(grep '^export ' "$DIR.env")
}
directory_answered() { grep -q '^ready$' "$DIR.env" 2>/dev/null || [ ! -d "/proc/$directory" ]; }

finish() {
  exec 6>&-
  wait "$directory" 2>/dev/null || true
}

# A fresh store with everybody in it: what is measured starts on an existing one. The second word: who needs a second factor.
prepare_provider() {
  local home=$1 required=$2
  rm -rf "$home"; mkdir -p "$home"; chmod 700 "$home"
  cat >"$home/idp.toml" <<CONFIG
public_url = "$BENCH_ISSUER"
listen = "$address:$port"
store = "sqlite:idp.db"
volatile = "memory"
keys_dir = "keys"
CONFIG
  (umask 077; settings "$required" >"$home/settings.toml")
  local step
  for step in "settings apply --replace $home/settings.toml" sync; do
    # shellcheck disable=SC2086
    "$BENCH_PROVIDER" --config "$home/idp.toml" $step >"$home/step.log" 2>&1 || { cat "$home/step.log" >&2; die "$step failed"; }
  done
}

settings() {
  cat <<SETTINGS
[second_factor]
required = "$1"

[[directories]]
id = "corp"
name = "Example Corp"
schema = "Rfc2307bis"
base_dn = "$LDAP_BASE"
servers = [{ host = "$LDAP_ADDR", port = $LDAP_TLSPORT, tls_name = "$LDAP_NAME" }]
ca_file = "$LDAP_CA"
service_account = "$LDAP_SVC"
service_account_password = "$LDAP_SVC_PW"
email_written_by_admins_only = true
[directories.scope]
organizational_units = ["ou=people,$LDAP_BASE"]

[[clients]]
client_id = "cloudsync"
client_secret = "cloudsync-bench-secret"
redirect_uris = ["https://cloudsync.example/callback"]
scope = "openid profile email"
SETTINGS
}

main
