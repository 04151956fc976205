#!/usr/bin/env bash
# A throw-away Active Directory (Samba AD DC, LDAP only) on one loopback address.
#   samba-ad.sh up      provision and seed once (kept as a tar in CACHE), then start
#   samba-ad.sh down    stop
#   samba-ad.sh reset   stop, put the golden state back, start
#   samba-ad.sh env     print what a client needs
#   samba-ad.sh hold    up, env, "ready"; stops when its stdin closes
# Samba hard-wires the ports 389, 636, 3268 and 3269: run as root, or with sudo at hand (only the right to bind
# them is borrowed, the server runs as the caller). Nothing under /etc is read or written.
DIR=${DIR:-/tmp/cloudsync-lab/ad}       # everything lives here
CACHE=${CACHE:-$DIR/cache}              # golden states; may be shared by many DIRs
ADDR=${ADDR:-127.0.0.10}                # own loopback address = own set of ports
REALM=${REALM:-CORP.EXAMPLE.COM}
DOMAIN=${DOMAIN:-}                      # NetBIOS name; by default the realm's first label
HOST=${HOST:-dc1}
ADMIN_PW=${ADMIN_PW:-Adm1n-Passw0rd!}
USER_PW=${USER_PW:-Passw0rd!demo}       # every person
SVC_PW=${SVC_PW:-Svc-Passw0rd!demo}     # svc-sync
USERS=${USERS:-0}                       # extra bulk people in OU=Bulk (3-5 ms each, once)
LOCKOUT=${LOCKOUT:-5}                   # bad binds before lockout, 0 = never
PDC=${PDC:-}                             # another host that the domain calls its PDC emulator; none: this one
STRONG_AUTH=${STRONG_AUTH:-no}          # yes = as a domain that demands signing: simple bind over TLS only
MODEL=${MODEL:-prefork}                 # or single: one process, easy to SIGSTOP
WORKERS=${WORKERS:-2}                   # prefork LDAP workers
BACKEND=${BACKEND:-tdb}                 # or mdb
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dns=${REALM,,}; base="DC=${dns//./,DC=}"; fqdn=$HOST.$dns; netbios=${DOMAIN:-${REALM%%.*}}
work=$DIR/dc; conf=$DIR/smb.conf; sam=$work/private/sam.ldb; pidfile=$work/run/samba.pid
py=/usr/bin/python3                     # python3-samba belongs to Debian's own python

golden() {                              # named by all that goes into it: a changed seed is a new state
  { printf '%s\n' "$REALM" "$netbios" "$HOST" "$ADMIN_PW" "$USER_PW" "$SVC_PW" "$USERS" "$LOCKOUT" "$PDC" "$BACKEND"
    cat "$lab/samba-ad.sh" "$lab/samba_seed.py" "$lab/people.tsv" "$lab/groups.tsv"; } | sha256sum | cut -c 1-16
}

current() { [ -s "$sam" ] && [ "$(cat "$work/golden" 2>/dev/null)" = "$(golden)" ]; }

config() {                              # directory: written at every start, since paths and address may move
  mkdir -p "$1"/{private,state,cache,lock,run,ncalrpc}
  cat >"$2" <<CONF
[global]
  netbios name = ${HOST^^}
  workgroup = $netbios
  realm = $REALM
  server role = active directory domain controller
  server services = ldap
  interfaces = $ADDR/8
  bind interfaces only = yes
  disable netbios = yes
  private dir = $1/private
  state directory = $1/state
  cache directory = $1/cache
  lock directory = $1/lock
  pid directory = $1/run
  ncalrpc dir = $1/ncalrpc
  binddns dir = $1/bind-dns
  ntp signd socket directory = $1/ntp
  winbindd socket directory = $1/winbindd
  prefork children:ldap = $WORKERS
  ldap server require strong auth = $STRONG_AUTH
  tls cafile = $DIR/pki/ca.pem
  tls certfile = $DIR/pki/cert.pem
  tls keyfile = $DIR/pki/key.pem
  log level = 1 auth_audit:2
CONF
}

provision() {                           # tar: a new domain and its people, packed
  local at log; at=$(mktemp -d "$CACHE/provision.XXXXXX"); log=$at/provision.log
  # "samba-tool domain provision" without its last step, the ACLs on sysvol: LDAP does not use them, and they
  # need root and a file system with xattrs. --configfile=/dev/null: /etc/samba is not touched
  { $py -c 'import sys, samba.provision as p; p.setsysvolacl = lambda *a, **k: None
from samba.netcmd.main import cmd_sambatool; sys.exit(cmd_sambatool()._run("samba-tool", *sys.argv[1:]))' \
      domain provision --quiet --configfile=/dev/null --targetdir="$at/dc" \
      --realm="$REALM" --domain="$netbios" --host-name="$HOST" --host-ip="$ADDR" \
      --adminpass="$ADMIN_PW" --server-role=dc --dns-backend=NONE --backend-store="$BACKEND" \
      --option='server services=ldap' --option="interfaces=$ADDR/8" --option='bind interfaces only=yes' \
      --option="pid directory=$at/dc/run" --option="ncalrpc dir=$at/dc/ncalrpc" &&
    config "$at/dc" "$at/smb.conf" &&
    USER_PW=$USER_PW SVC_PW=$SVC_PW USERS=$USERS LOCKOUT=$LOCKOUT PDC=$PDC $py "$lab/samba_seed.py" "$at/smb.conf" "$at/dc/private/sam.ldb" "$lab"
  } >"$log" 2>&1 || { tail -n 20 "$log" >&2; rm -rf "$at"; die "the domain could not be made"; }
  tar -C "$at" -Scf "$1" dc
  rm -rf "$at"
}

unpack() {                              # whole or not at all: a half-written state never counts as one
  rm -rf "$work" "$DIR/unpack"; mkdir -p "$DIR/unpack"
  tar -C "$DIR/unpack" -xf "$1"
  golden >"$DIR/unpack/dc/golden"
  mv "$DIR/unpack/dc" "$work"; rmdir "$DIR/unpack"
}

borrow=()                               # how to get the right to bind ports below 1024
rights() {
  [ "$(id -u)" != 0 ] && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 389 ] || return 0
  command -v sudo >/dev/null || die "ports 389 and 636 of the domain need root: run as root, or install sudo"
  sudo -v || die "ports 389 and 636 of the domain need root, and sudo refused"
  borrow=(sudo -n setpriv --reuid "$(id -u)" --regid "$(id -g)" --init-groups
    --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service)
}

answers() {
  LDAPTLS_REQCERT=never ldapsearch -LLL -x -H "ldaps://$ADDR" -o nettimeout=2 -s base -b '' currentTime >/dev/null 2>&1 || ! [ -d "/proc/$1" ]
}

start() {
  alive "$pidfile" samba && return
  local port; for port in 389 636; do ! listening "$ADDR" "$port" || die "port $port on $ADDR is in use by another program"; done
  rights; config "$work" "$conf"; rm -f "$pidfile"
  # setsid: a separate process group, through which everything is stopped; -F does not end with its stdin
  "${borrow[@]}" setsid samba -F --no-process-group --debug-stdout -s "$conf" -M "$MODEL" </dev/null >"$DIR/samba.log" 2>&1 9>&- &
  disown
  until_true 30 answers $! && alive "$pidfile" samba
}

stop() {                                # signal: TERM, or KILL where the data is thrown away anyway
  local p; p=$(cat "$pidfile" 2>/dev/null) && [ -n "$(family)" ] || return 0
  kill -CONT -- "-$p" && kill "-$1" -- "-$p" || true
  until_true 10 gone || { kill -KILL -- "-$p"; until_true 5 gone; } || die "samba $p did not stop"
}
gone() { [ -z "$(family)" ]; }

# Every living process of the group that we started: its workers outlive a parent that crashed.
family() {
  local p; p=$(cat "$pidfile" 2>/dev/null) || return 0
  # pid (name) state parent group; only Samba's own names, in case the number was reused
  cat /proc/[0-9]*/stat 2>/dev/null | sed -nE "s/^([0-9]+) \((samba|tfork\(.*|ldap.*)\) [^ZX] [0-9]+ $p .*/\1/p" || true
}

forget() { rm -rf "$work"; }

up() {
  need samba samba; need ldapsearch ldap-utils; need openssl openssl
  local tar; tar=$CACHE/ad-$(golden).tar
  mkdir -p "$DIR" "$CACHE"
  current && alive "$pidfile" samba && answers "$(cat "$pidfile")" && return
  stop KILL; pki "$fqdn"
  cached "$tar" provision "$tar.tmp"
  touch "$tar"; find "$CACHE" -name 'ad-*.tar' -mtime +7 -delete
  current || unpack "$tar"
  start && return
  say "The domain did not start from the state it was left in; putting the golden state back."
  stop KILL; unpack "$tar"
  start || { tail -n 20 "$DIR/samba.log" >&2; die "the domain did not start, see $DIR/samba.log"; }
}

environment() {                         # LDAPTLS_REQCERT: the tools dial an address, and the certificate has a name
  cat <<ENV
export AD_ADDR=$ADDR AD_HOST=$fqdn AD_REALM=$REALM AD_NETBIOS=$netbios AD_BASE=$base AD_CA=$DIR/pki/ca.pem
export AD_URL=ldap://$ADDR AD_URLS=ldaps://$ADDR AD_PIDFILE=$pidfile AD_SVC='CN=Svc Sync,OU=Svc,$base' AD_SVC_PW='$SVC_PW'
export AD_ADMIN='administrator@$dns' AD_ADMIN_PW='$ADMIN_PW' AD_USER_PW='$USER_PW' LDAPTLS_REQCERT=never
ENV
}

main "$@"
