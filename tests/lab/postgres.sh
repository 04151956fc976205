#!/usr/bin/env bash
# A throw-away PostgreSQL on one loopback address and port: no fsync, no password.
#   postgres.sh up | down | reset | env
#   postgres.sh hold     up, env, "ready"; stops when its stdin closes
#   postgres.sh create NAME   a new, empty database
# PostgreSQL refuses to be root: then it runs as "postgres" (or "nobody"), its data in a directory of its own under /tmp.
DIR=${DIR:-/tmp/cloudsync-lab/postgres}
ADDR=${ADDR:-127.0.0.1}
PORT=${PORT:-25432}
TLS=${TLS:-off}                         # on: by a certificate for ::ffff:$ADDR, which no program takes for loopback
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
mkdir -p "$DIR"
if [ "$(id -u)" = 0 ]; then
  owner=$(id -u postgres 2>/dev/null || id -u nobody)
  as=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups)
  # the caller's own directory may be unreachable for that user (/root)
  [ -s "$DIR/home" ] || { mktemp -d /tmp/cloudsync-postgres.XXXXXX >"$DIR/home"; }
  home=$(cat "$DIR/home")
else
  as=(); home=$DIR
fi
data=$home/data; pidfile=$data/postmaster.pid

initdb() {
  rm -rf "$data" "$home/new"; mkdir -p "$home"
  [ "${#as[@]}" = 0 ] || chown "$owner" "$home"
  (cd "$home" && "${as[@]}" "$bin/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C.UTF-8 -D "$home/new") >"$DIR/initdb.log" 2>&1 ||
    { tail -n 20 "$DIR/initdb.log" >&2; die "PostgreSQL could not be initialised"; }
  mv "$home/new" "$data"
}

with_tls() {
  need openssl openssl; pki postgres.example.org ",IP:::ffff:$ADDR"
  cp "$DIR/pki/cert.pem" "$DIR/pki/key.pem" "$home"
  [ "${#as[@]}" = 0 ] || chown "$owner" "$home/key.pem"
}

answers() { "$bin/pg_isready" -q -h "$ADDR" -p "$PORT" || ! [ -d "/proc/$1" ]; }

up() {
  [ -n "$bin" ] || die "PostgreSQL is missing: apt-get install postgresql (or: make install)"
  alive "$pidfile" postgres && return
  ! listening "$ADDR" "$PORT" || die "port $PORT on $ADDR is in use by another program"
  [ -s "$data/PG_VERSION" ] || initdb
  [ "$TLS" = off ] || with_tls
  rm -f "$pidfile"
  (cd "$home" && exec "${as[@]}" setsid "$bin/postgres" -D "$data" -c listen_addresses="$ADDR" -c port="$PORT" \
    -c unix_socket_directories="$home" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c ssl="$TLS" -c ssl_cert_file="$home/cert.pem" -c ssl_key_file="$home/key.pem" \
    -c max_connections=200 -c shared_buffers=32MB -c dynamic_shared_memory_type=mmap) </dev/null >"$DIR/postgres.log" 2>&1 &
  disown
  { until_true 30 answers $! && "$bin/pg_isready" -q -h "$ADDR" -p "$PORT"; } ||
    { tail -n 20 "$DIR/postgres.log" >&2; die "PostgreSQL did not start, see $DIR/postgres.log"; }
}

stop() {                                # KILL: its "immediate" mode; a real kill -9 would leave its children behind
  local p; alive "$pidfile" postgres || return 0; p=$(head -n 1 "$pidfile")
  kill -CONT "$p"; if [ "$1" = KILL ]; then kill -QUIT "$p"; else kill -INT "$p"; fi
  until_true 10 ended_all "$p" || { kill -KILL -- "-$p"; until_true 5 ended_all "$p"; } || die "PostgreSQL $p did not stop"
}
ended_all() { [[ ! $(cat "/proc/$1/stat" 2>/dev/null) == *" ("*") "[!ZX]* ]]; }

forget() { rm -rf "$home/data"; }
tidy() { [ "$home" = "$DIR" ] || rm -rf "$home"; }

environment() { echo "export PG_URL=postgres://postgres@$ADDR:$PORT/postgres PG_ADDR=$ADDR PG_PORT=$PORT PG_CA=$DIR/pki/ca.pem"; }

case "${1:-}" in
  create) "$bin/psql" -q -h "$ADDR" -p "$PORT" -U postgres -d postgres -c "CREATE DATABASE \"$2\"" ;;
  *) main "$@" ;;
esac
