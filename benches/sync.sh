#!/usr/bin/env bash
# The cost of a sync: the release build of the provider with an OpenLDAP and an Active Directory (Samba) full of
# people: an initial sync, few changes, one change in a very large group, and the time until a change takes effect.
# Started by "make bench-sync". Prints a table and writes target/bench/sync.json.
#
#   BENCH_PEOPLE=100000    people in the OpenLDAP, 100 in each group
#   BENCH_BIG_GROUP=50000  of them in one large group, for the part "big"
#   BENCH_SMALL=20000      people in a smaller OpenLDAP, to compare memory
#   BENCH_AD_PEOPLE=10000  people in the Active Directory
#   BENCH_ROUNDS=3         initial syncs of each; the figures are medians
#   BENCH_CHANGES=100      changes, each of which is waited for
#   BENCH_PARTS="small openldap big ad"   what to measure
#   BENCH_ADDRESS=127.0.0.1  where the provider and the OpenLDAP listen, on the next three:
#   BENCH_PORT=18480 BENCH_LDAP_PORT=18389 BENCH_LDAPS_PORT=18636
#   BENCH_AD_ADDRESS=127.0.0.19  where the Active Directory listens, on its own ports
#   BENCH_DIR=target/bench   databases, logs and the result
#   BENCH_PROVIDER=FILE    another build of the provider, to compare
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source benches/common/lib.sh
export BENCH_ROUNDS=${BENCH_ROUNDS:-3} BENCH_CHANGES=${BENCH_CHANGES:-100} BENCH_BIG_GROUP=${BENCH_BIG_GROUP:-50000}
export BENCH_FIGURES=$BENCH_DIR/sync.json
openldap_people=${BENCH_PEOPLE:-100000}

main() {
  local part load; load=$(cut -d ' ' -f 1-3 /proc/loadavg)             # before we add to it
  build sync
  rm -f "$BENCH_FIGURES"
  for part in ${BENCH_PARTS:-small openldap big ad}; do
    export BENCH_PART=$part BENCH_HOME=$BENCH_DIR/sync-$part
    "prepare_$part"
    "$driver"
    stop_directory
  done
  printf '\n%s processors, load before: %s\n%s\n' "$(nproc)" "$load" "$BENCH_FIGURES"
}

prepare_small() {
  export BENCH_PEOPLE=${BENCH_SMALL:-20000}
  openldap 0
  { openldap_settings; client_settings; } | prepare_home "$BENCH_HOME"
}

prepare_openldap() {
  export BENCH_PEOPLE=$openldap_people
  openldap 0
  { openldap_settings; guard; client_settings; } | prepare_home "$BENCH_HOME"
}

prepare_big() {
  export BENCH_PEOPLE=$openldap_people
  openldap "$BENCH_BIG_GROUP"
  { openldap_settings; guard; client_settings; team_share "cn=big,ou=groups,$LDAP_BASE"; } | prepare_home "$BENCH_HOME"
}

prepare_ad() {
  export BENCH_PEOPLE=${BENCH_AD_PEOPLE:-10000}
  start_directory samba-ad.sh USERS="$BENCH_PEOPLE" ADDR="${BENCH_AD_ADDRESS:-127.0.0.19}"
  { ad_settings; guard; client_settings; } | prepare_home "$BENCH_HOME"
}

openldap() {                            # members of the large group
  start_directory slapd.sh USERS="$BENCH_PEOPLE" GROUP=100 BIG="$1" SESSLOG=100000 ADDR="$address" \
    PORT="${BENCH_LDAP_PORT:-18389}" TLSPORT="${BENCH_LDAPS_PORT:-18636}"
}

ad_settings() {
  cat <<SETTINGS
[[directories]]
id = "corp"
name = "Example Corp"
schema = "ActiveDirectory"
base_dn = "$AD_BASE"
netbios_name = "$AD_NETBIOS"
servers = [{ host = "$AD_ADDR", port = 636, tls_name = "$AD_HOST" }]
ca_file = "$AD_CA"
service_account = "$AD_SVC"
service_account_password = "$AD_SVC_PW"
email_written_by_admins_only = true
[directories.scope]
organizational_units = ["OU=Bulk,$AD_BASE"]
SETTINGS
}

# More people leave in a few minutes than the guard lets pass by default.
guard() { printf '[directories.sync]\nguard_people = 1000000\nguard_percent = 100\n'; }

team_share() { printf '\n[[team_shares]]\ndirectory = "corp"\ngroup = "%s"\nteam_share = "Everybody"\n' "$1"; }

main
