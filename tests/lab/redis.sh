#!/usr/bin/env bash
# A throw-away Redis on one loopback address and port: nothing is written to the disk.
#   redis.sh up | down | reset | env
#   redis.sh hold    up, env, "ready"; stops when its stdin closes
DIR=${DIR:-/tmp/cloudsync-lab/redis}
ADDR=${ADDR:-127.0.0.1}
PORT=${PORT:-26379}
DATABASES=${DATABASES:-4096}            # a test takes one for itself
MAXMEMORY=${MAXMEMORY:-0}               # in bytes; 0: as much as there is
TLS=${TLS:-off}                         # on: by a certificate for ::ffff:$ADDR, which no program takes for loopback
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
pidfile=$DIR/redis.pid

tls=(); ask=()
[ "$TLS" = off ] || {
  tls=(--port 0 --tls-port "$PORT" --tls-cert-file "$DIR/pki/cert.pem" --tls-key-file "$DIR/pki/key.pem"
    --tls-ca-cert-file "$DIR/pki/ca.pem" --tls-auth-clients no)
  ask=(--tls --insecure)
}
answers() { [ "$(redis-cli "${ask[@]}" -h "$ADDR" -p "$PORT" ping 2>/dev/null)" = PONG ] || ! [ -d "/proc/$1" ]; }

up() {
  need redis-server redis-server
  alive "$pidfile" redis-server && return
  ! listening "$ADDR" "$PORT" || die "port $PORT on $ADDR is in use by another program"
  mkdir -p "$DIR"; rm -f "$pidfile"
  [ "$TLS" = off ] || { need openssl openssl; pki redis.example.org ",IP:::ffff:$ADDR"; }
  setsid redis-server --bind "$ADDR" --port "$PORT" --dir "$DIR" --pidfile "$pidfile" --databases "$DATABASES" \
    --maxmemory "$MAXMEMORY" --maxmemory-policy noeviction --save '' --appendonly no "${tls[@]}" --loglevel warning </dev/null >"$DIR/redis.log" 2>&1 &
  disown
  echo $! >"$pidfile"
  { until_true 10 answers $! && alive "$pidfile" redis-server; } ||
    { tail -n 20 "$DIR/redis.log" >&2; die "Redis did not start, see $DIR/redis.log"; }
}

stop() {
  local p; alive "$pidfile" redis-server || return 0; p=$(cat "$pidfile")
  kill -CONT "$p"; kill "-$1" "$p"
  until_true 10 ended "$pidfile" redis-server || die "Redis $p did not stop"
}

forget() { :; }                         # it remembers nothing anyway

environment() { echo "export REDIS_URL=redis://$ADDR:$PORT REDIS_ADDR=$ADDR REDIS_PORT=$PORT REDIS_CA=$DIR/pki/ca.pem"; }

main "$@"
