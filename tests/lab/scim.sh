#!/usr/bin/env bash
# A throw-away SCIM 2.0 service provider that others wrote, on one loopback address and port. It keeps everything in memory.
#   scim.sh up | down | reset | env
#   scim.sh hold    up, env, "ready"; stops when its stdin closes
DIR=${DIR:-/tmp/cloudsync-lab/scim}
ADDR=${ADDR:-127.0.0.1}
PORT=${PORT:-28080}
SERVER=${SERVER:-scim2-server}          # or scimmy
TOKEN=${TOKEN:-lab-scim-token}          # the bearer token that it accepts
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=$lab/../../target/scim; pidfile=$DIR/scim.pid
PATH=$lab/../../target/node/bin:$PATH   # where the system's Node is too old
case "$SERVER" in
  scim2-server) url=http://$ADDR:$PORT/v2 ;;
  scimmy) url=http://$ADDR:$PORT/scim/v2 ;;
  *) die "there is no service provider $SERVER" ;;
esac

serve() {
  case "$SERVER" in
    scim2-server)
      need python3 python3
      [ -x "$packages/bin/scim2-server" ] || die "scim2-server is missing: make install"
      PYTHONPATH=$packages exec setsid python3 "$packages/bin/scim2-server" --hostname "$ADDR" --port "$PORT" --bearer-token "$TOKEN" ;;
    scimmy)
      need node nodejs
      [ -d "$lab/scim/node_modules/scimmy-routers" ] || die "scimmy-routers is missing: make install"
      ADDR=$ADDR PORT=$PORT TOKEN=$TOKEN exec setsid node "$lab/scim/scimmy.mjs" ;;
  esac
}

# An interpreter calls its process as it likes: the name is noted once it answers.
running() { [ -s "$DIR/name" ] && alive "$pidfile" "$(cat "$DIR/name")"; }
gone() { ! running; }
answers() {
  curl -fsS -o /dev/null --max-time 2 -H "Authorization: Bearer $TOKEN" "$url/ServiceProviderConfig" 2>/dev/null || ! [ -d "/proc/$1" ]
}
name() { cp "/proc/$1/comm" "$DIR/name"; }

up() {
  need curl curl
  running && return
  ! listening "$ADDR" "$PORT" || die "port $PORT on $ADDR is in use by another program"
  mkdir -p "$DIR"; rm -f "$pidfile" "$DIR/name"
  serve </dev/null >"$DIR/scim.log" 2>&1 &
  disown
  local server=$!
  echo "$server" >"$pidfile"
  { until_true 30 answers "$server" && name "$server"; } ||
    { tail -n 20 "$DIR/scim.log" >&2; die "$SERVER did not start, see $DIR/scim.log"; }
}

stop() {
  local p; p=$(cat "$pidfile" 2>/dev/null) || return 0
  [ -s "$DIR/name" ] || name "$p" 2>/dev/null || return 0
  running || return 0
  kill -CONT "$p"; kill "-$1" "$p"
  until_true 10 gone || die "$SERVER $p did not stop"
}

forget() { :; }                         # it remembers nothing anyway

environment() { echo "export SCIM_URL=$url SCIM_TOKEN=$TOKEN SCIM_PIDFILE=$pidfile"; }

main "$@"
