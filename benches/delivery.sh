#!/usr/bin/env bash
# The cost of deliveries: the release build of the provider delivers to a service that takes everything at once; a bare
# HTTP client sends the same requests for comparison. Then people are suspended while very many creations wait, and a sync
# is measured without a service and with one. Started by "make bench-delivery". Prints a table and writes
# target/bench/delivery.json.
#
#   BENCH_PEOPLE=20000     people who are delivered, and in the OpenLDAP of the sync
#   BENCH_SHARES=100       Team Shares, which the people are divided among
#   BENCH_ROUNDS=3         rounds, each with a new store; the figures are medians
#   BENCH_AT_ONCE=16       connections of the bare client: as many requests as the provider has on their way
#   BENCH_WAITING=100000   creations that wait while people are suspended
#   BENCH_SPARE=10000      more of them, which may be delivered meanwhile
#   BENCH_SUSPENSIONS=200  people who are suspended, one after the other
#   BENCH_ANSWER_MS=100    time of each answer meanwhile
#   BENCH_ADDRESS=127.0.0.1  where everything listens, on the next four:
#   BENCH_PORT=18480 BENCH_TARGET_PORT=18481 BENCH_LDAP_PORT=18389 BENCH_LDAPS_PORT=18636
#   BENCH_DIR=target/bench   databases, logs and the result
#   BENCH_PROVIDER=FILE    another build of the provider, to compare
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source benches/common/lib.sh
export BENCH_PEOPLE=${BENCH_PEOPLE:-20000} BENCH_SHARES=${BENCH_SHARES:-100} BENCH_ROUNDS=${BENCH_ROUNDS:-3}
export BENCH_AT_ONCE=${BENCH_AT_ONCE:-16} BENCH_WAITING=${BENCH_WAITING:-100000} BENCH_SPARE=${BENCH_SPARE:-10000}
export BENCH_SUSPENSIONS=${BENCH_SUSPENSIONS:-200} BENCH_ANSWER_MS=${BENCH_ANSWER_MS:-100}
export BENCH_TARGET=$address:${BENCH_TARGET_PORT:-18481} BENCH_FIGURES=$BENCH_DIR/delivery.json
export BENCH_HOME=$BENCH_DIR/delivery BENCH_SYNC_WITHOUT=$BENCH_DIR/delivery-without BENCH_SYNC_WITH=$BENCH_DIR/delivery-with
# The driver opens the store as well, and makes a new one for each round.
unset BENCH_STORE

main() {
  local load; load=$(cut -d ' ' -f 1-3 /proc/loadavg)                  # before we add to it
  build delivery
  rm -f "$BENCH_FIGURES"
  start_directory slapd.sh USERS="$BENCH_PEOPLE" GROUP=100 ADDR="$address" PORT="${BENCH_LDAP_PORT:-18389}" \
    TLSPORT="${BENCH_LDAPS_PORT:-18636}"
  { client_settings; service; } | prepare_home "$BENCH_HOME"
  openldap_settings | prepare_home "$BENCH_SYNC_WITHOUT"
  { openldap_settings; service; } | prepare_home "$BENCH_SYNC_WITH"
  "$driver"
  printf '\n%s processors, load before: %s\n%s\n' "$(nproc)" "$load" "$BENCH_FIGURES"
}

# Without the daily comparison, which might begin during a measurement.
service() {
  cat <<SETTINGS

[[provisioning]]
id = "null"
base_url = "http://$BENCH_TARGET/scim/v2"
private_addresses = ["$address/32"]
token = "a-token-of-the-bench"
drift = "off"
SETTINGS
}

main
