#!/usr/bin/env bash
# The cost of a login: complete logins against the release build of the provider, in a separate process, and an
# OpenLDAP full of people; with name and password only, and with a code of an authenticator. Started by
# "make bench". Prints a table and writes target/bench/login.json.
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
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source benches/common/lib.sh
export BENCH_LOGINS=${BENCH_LOGINS:-5000} BENCH_ROUNDS=${BENCH_ROUNDS:-3} BENCH_AT_ONCE=${BENCH_AT_ONCE:-32}
export BENCH_BINDS=${BENCH_BINDS:-20000} BENCH_PEOPLE=${BENCH_PEOPLE:-10000}

main() {
  BENCH_LOAD=$(cut -d ' ' -f 1-3 /proc/loadavg); export BENCH_LOAD     # before we add to it
  build login
  start_directory slapd.sh USERS="$BENCH_PEOPLE" ADDR="$address" PORT="${BENCH_LDAP_PORT:-18389}" TLSPORT="${BENCH_LDAPS_PORT:-18636}"
  export BENCH_CONFIG=$BENCH_DIR/idp/idp.toml BENCH_CONFIG_TOTP=$BENCH_DIR/idp-totp/idp.toml
  prepare_provider "$BENCH_DIR/idp" nobody
  prepare_provider "$BENCH_DIR/idp-totp" everyone
  "$driver"
}

# Creates a store with everybody, since the measurement starts on an existing one. $2: who needs a second factor.
prepare_provider() {
  local home=$1 required=$2 step
  { printf '[second_factor]\nrequired = "%s"\n\n' "$required"; openldap_settings; client_settings; } | prepare_home "$home"
  for step in "settings apply --replace $home/settings.toml" sync; do
    # shellcheck disable=SC2086
    "$BENCH_PROVIDER" --config "$home/idp.toml" $step >"$home/step.log" 2>&1 || { cat "$home/step.log" >&2; die "$step failed"; }
  done
}

main
