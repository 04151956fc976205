#!/usr/bin/env bash
# A throw-away OpenLDAP directory (MDB; memberof, refint, ppolicy, syncprov) on one loopback address and two ports.
#   slapd.sh up      load once (kept as a tar in CACHE), then start
#   slapd.sh down    stop
#   slapd.sh reset   stop, put the golden state back, start
#   slapd.sh env     print what a client needs
#   slapd.sh hold    up, env, "ready"; stops when its stdin closes
# Needs no root. The people are those of people.tsv (all but what only Active Directory knows), in ou=people and
# ou=outside; USERS=n adds uid=u0000000 and on. Several run side by side with a DIR and ports each.
DIR=${DIR:-/tmp/cloudsync-lab/ldap}
CACHE=${CACHE:-$DIR/cache}
ADDR=${ADDR:-127.0.0.1}
PORT=${PORT:-3389}                      # ldap:// with StartTLS
TLSPORT=${TLSPORT:-3636}                # ldaps://
NAME=${NAME:-ldap.example.org}          # in the certificate
BASE=${BASE:-dc=example,dc=org}
ADMIN_PW=${ADMIN_PW:-admin-secret}
USER_PW=${USER_PW:-Passw0rd!demo}       # every person
SVC_PW=${SVC_PW:-Svc-Passw0rd!demo}     # cn=reader
USERS=${USERS:-0}                       # 100000 take about 6 s, once
GROUP=${GROUP:-500}                     # bulk people in each bulk group
BIG=${BIG:-0}                           # so many of them in one group besides, cn=big
LOCKOUT=${LOCKOUT:-5}                   # bad binds before lockout
SESSLOG=${SESSLOG:-1000}                # changes syncprov remembers (until restarted); 0: it must list all it still has
SYNCPROV=${SYNCPROV:-yes}               # no: the server reports no changes
UNAUTH=${UNAUTH:-no}                    # yes = like AD: a DN with an empty password "succeeds" as anonymous
LOGLEVEL=${LOGLEVEL:-0}                 # 256 = one line per operation
THREADS=${THREADS:-16}
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
conf=$DIR/slapd.conf; db=$DIR/db; pidfile=$DIR/slapd.pid
slapd=/usr/sbin/slapd; mod=/usr/lib/ldap; schema=/etc/ldap/schema
admin="cn=admin,$BASE"

golden() {                              # named by all that goes into it
  { printf '%s\n' "$BASE" "$USER_PW" "$SVC_PW" "$USERS" "$GROUP" "$BIG" "$LOCKOUT"
    cat "$lab/slapd.sh" "$lab/people.tsv" "$lab/groups.tsv"; } | sha256sum | cut -c 1-16
}
current() { [ -s "$db/data.mdb" ] && [ "$(cat "$db/golden" 2>/dev/null)" = "$(golden)" ]; }

config() {                              # conf db: written at every start, since paths and ports may move
  mkdir -p "$2"
  cat >"$1" <<CONF
include $schema/core.schema
include $schema/cosine.schema
include $schema/inetorgperson.schema
include $schema/nis.schema
modulepath $mod
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
moduleload syncprov
threads $THREADS
pidfile $pidfile
$([ "$UNAUTH" = no ] || echo "allow bind_anon_dn")
argsfile $DIR/slapd.args
TLSCACertificateFile $DIR/pki/ca.pem
TLSCertificateFile $DIR/pki/cert.pem
TLSCertificateKeyFile $DIR/pki/key.pem
# a plain user gets 500 entries; paging does not lift the limit
sizelimit 500

database mdb
suffix "$BASE"
rootdn "$admin"
rootpw $ADMIN_PW
directory $2
maxsize 4294967296
# a throw-away database: it survives a kill, but not a power cut
dbnosync
index objectClass,uid,mail,member,memberOf,entryUUID,entryCSN eq
index cn,sn eq,sub
# the account that reads and syncs: no size limit, hard or paged
limits dn.exact="cn=reader,ou=svc,$BASE" size=unlimited size.pr=unlimited size.prtotal=unlimited time=unlimited
access to attrs=userPassword by self =xw by anonymous auth by * none
$([ ! -f "$DIR/rules" ] || cat "$DIR/rules")
access to * by users read by anonymous auth by * none

overlay memberof
overlay refint
refint_attributes member
refint_nothing "cn=nobody,$BASE"
overlay ppolicy
ppolicy_default "cn=default,ou=policies,$BASE"
# reports a lock to the user (accountLocked), although that discloses it
ppolicy_use_lockout
# changes that memberof and refint make are in no syncrepl stream
$([ "$SYNCPROV" = no ] || printf 'overlay syncprov\nsyncprov-checkpoint 100 10\n')
$([ "$SYNCPROV" = no ] || [ "$SESSLOG" = 0 ] || echo "syncprov-sessionlog $SESSLOG")
CONF
}

load() {                                # tar: the whole tree, packed
  local at; at=$(mktemp -d "$CACHE/load.XXXXXX")
  config "$at/slapd.conf" "$at/db"
  awk -v base="$BASE" -v users="$USERS" -v per="$GROUP" -v big="$BIG" -v lockout="$LOCKOUT" -f "$lab/slapd_seed.awk" \
    -v pw="$(/usr/sbin/slappasswd -s "$USER_PW")" -v svcpw="$(/usr/sbin/slappasswd -s "$SVC_PW")" "$lab/groups.tsv" "$lab/people.tsv" >"$at/seed.ldif"
  # -q: no checks, no fsync
  "$slapd" -T add -q -f "$at/slapd.conf" -l "$at/seed.ldif" >&2 || { rm -rf "$at"; die "the OpenLDAP tree could not be loaded"; }
  tar -C "$at" -Scf "$1" db
  rm -rf "$at"
}

unpack() {                              # whole or not at all
  rm -rf "$db" "$DIR/unpack"; mkdir -p "$DIR/unpack"
  tar -C "$DIR/unpack" -xf "$1"
  golden >"$DIR/unpack/db/golden"
  mv "$DIR/unpack/db" "$db"; rmdir "$DIR/unpack"
}

answers() {
  LDAPTLS_REQCERT=never ldapsearch -LLL -x -H "ldaps://$ADDR:$TLSPORT" -o nettimeout=2 -s base -b '' 1.1 >/dev/null 2>&1 || ! [ -d "/proc/$1" ]
}

start() {
  alive "$pidfile" slapd && return
  local port; for port in "$PORT" "$TLSPORT"; do ! listening "$ADDR" "$port" || die "port $port on $ADDR is in use by another program"; done
  config "$conf" "$db"; rm -f "$pidfile"
  setsid "$slapd" -f "$conf" -h "ldap://$ADDR:$PORT ldaps://$ADDR:$TLSPORT" -d "$LOGLEVEL" </dev/null >"$DIR/slapd.log" 2>&1 &
  disown
  until_true 30 answers $! && alive "$pidfile" slapd
}

stop() {
  local p; alive "$pidfile" slapd || return 0; p=$(cat "$pidfile")
  kill -CONT "$p"; kill "-$1" "$p"
  until_true 10 ended "$pidfile" slapd || { kill -KILL "$p"; until_true 5 ended "$pidfile" slapd; } || die "slapd $p did not stop"
}

forget() { rm -rf "$db"; }

up() {
  need slapd slapd; need ldapsearch ldap-utils; need openssl openssl
  local tar; tar=$CACHE/ldap-$(golden).tar
  mkdir -p "$DIR" "$CACHE"
  current && alive "$pidfile" slapd && return
  stop KILL; pki "$NAME"
  cached "$tar" load "$tar.tmp"
  touch "$tar"; find "$CACHE" -name 'ldap-*.tar' -mtime +7 -delete
  current || unpack "$tar"
  start || { tail -n 20 "$DIR/slapd.log" >&2; die "OpenLDAP did not start, see $DIR/slapd.log"; }
}

environment() {
  cat <<ENV
export LDAP_ADDR=$ADDR LDAP_PORT=$PORT LDAP_TLSPORT=$TLSPORT LDAP_NAME=$NAME LDAP_BASE=$BASE LDAP_CA=$DIR/pki/ca.pem
export LDAP_URL=ldap://$ADDR:$PORT LDAP_URLS=ldaps://$ADDR:$TLSPORT LDAP_PIDFILE=$pidfile LDAP_SVC='cn=reader,ou=svc,$BASE' LDAP_SVC_PW='$SVC_PW'
export LDAP_ADMIN='$admin' LDAP_ADMIN_PW='$ADMIN_PW' LDAP_USER_PW='$USER_PW' LDAPTLS_REQCERT=never
ENV
}

main "$@"
