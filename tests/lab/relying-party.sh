#!/usr/bin/env bash
# A throw-away relying party that others wrote, on one loopback address and port. "/" is for people who have signed in;
# anyone else is sent to the provider ISSUER. Sessions survive a restart.
#   relying-party.sh up | down | reset | env
#   relying-party.sh hold    up, env, "ready"; stops when its stdin closes
# Apache refuses to work as root: then it runs as "nobody", its files in a directory of its own under /tmp.
DIR=${DIR:-/tmp/cloudsync-lab/relying-party}
ADDR=${ADDR:-127.0.0.1}
PORT=${PORT:-28180}
CLIENT=${CLIENT:-openid-client}         # or mod_auth_openidc
ISSUER=${ISSUER:-http://localhost:8080}
ID=${ID:-$CLIENT}                       # its client id at the provider
SECRET=${SECRET:-lab-client-secret-of-32-characters}
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$lab/../../target/node/bin:$PATH   # where the system's Node is too old
pidfile=$DIR/relying-party.pid; log=$DIR/relying-party.log
url=http://$ADDR:$PORT; redirect=$url/callback
apache=/usr/sbin/apache2; modules=/usr/lib/apache2/modules
mkdir -p "$DIR"
as=(); home=$DIR
case "$CLIENT" in
  openid-client) backchannel=$url/backchannel ;;
  mod_auth_openidc)
    backchannel=$redirect?logout=backchannel
    if [ "$(id -u)" = 0 ]; then
      owner=$(id -u nobody)
      as=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups)
      # the caller's own directory may be unreachable for that user (/root)
      [ -s "$DIR/home" ] || mktemp -d /tmp/cloudsync-relying-party.XXXXXX >"$DIR/home"
      home=$(cat "$DIR/home")
    fi ;;
  *) die "there is no relying party $CLIENT" ;;
esac

config() {                              # written at every start, since issuer and port may move
  mkdir -p "$home"/{cache,run,pages}
  rm -f "$home/run/apache.pid"          # after a kill Apache would think that it still runs
  echo 'Signed in: <!--#echo var="REMOTE_USER" -->' >"$home/pages/index.html"
  cat >"$home/apache.conf" <<CONF
$(for module in mpm_event authn_core authz_core authz_user dir include auth_openidc; do
  echo "LoadModule ${module}_module $modules/mod_$module.so"; done)
ServerRoot $home
ServerName $ADDR
Listen $ADDR:$PORT
DefaultRuntimeDir $home/run
PidFile $home/run/apache.pid
ErrorLog $home/error.log
LogLevel warn auth_openidc:info
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
MinSpareThreads 1
MaxSpareThreads 16
DocumentRoot $home/pages
DirectoryIndex index.html

OIDCProviderMetadataURL $ISSUER/.well-known/openid-configuration
OIDCClientID $ID
OIDCClientSecret $SECRET
OIDCRedirectURI $redirect
OIDCScope "openid email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCCryptoPassphrase a-passphrase-of-the-lab
# Back-channel logout needs sessions that the server keeps; in files, so that they survive a restart.
OIDCSessionType server-cache
OIDCCacheType file
OIDCCacheDir $home/cache
# The clock of a test's provider may be ahead; more than an hour is not accepted.
OIDCIDTokenIatSlack 3600
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
<Directory $home/pages>
  Options +Includes
  ForceType text/html
  SetOutputFilter INCLUDES
</Directory>
CONF
  [ "${#as[@]}" = 0 ] || chown -R "$owner" "$home"
}

serve() {
  case "$CLIENT" in
    openid-client)
      FILE=$DIR/sessions.json URL=$url ADDR=$ADDR PORT=$PORT ISSUER=$ISSUER ID=$ID SECRET=$SECRET \
        exec setsid node "$lab/relying-party/server.mjs" ;;
    mod_auth_openidc) cd "$home" && exec "${as[@]}" setsid "$apache" -DFOREGROUND -f "$home/apache.conf" ;;
  esac
}

prepare() {
  case "$CLIENT" in
    openid-client)
      need node nodejs
      [ -d "$lab/relying-party/node_modules/openid-client" ] || die "openid-client is missing: make install" ;;
    mod_auth_openidc)
      need apache2 apache2-bin
      [ -e "$modules/mod_auth_openidc.so" ] || die "mod_auth_openidc is missing: apt-get install libapache2-mod-auth-openidc (or: make install)"
      config ;;
  esac
}

# Every living process of the group that we started; only these names, in case the number was reused.
family() {
  local p; p=$(cat "$pidfile" 2>/dev/null) || return 0
  # pid (name) state parent group
  cat /proc/[0-9]*/stat 2>/dev/null | sed -nE "s/^([0-9]+) \((apache2|node|MainThread)\) [^ZX] [0-9]+ $p .*/\1/p" || true
}
gone() { [ -z "$(family)" ]; }
answers() { listening "$ADDR" "$PORT" || ! [ -d "/proc/$1" ]; }

up() {
  gone || return 0
  prepare
  ! listening "$ADDR" "$PORT" || die "port $PORT on $ADDR is in use by another program"
  serve </dev/null >>"$log" 2>&1 &
  disown
  echo $! >"$pidfile"
  { until_true 30 answers $! && ! gone; } || { tail -q -n 20 "$log" "$home/error.log" >&2 2>/dev/null || true; die "$CLIENT did not start, see $log"; }
}

stop() {                                # signal, to the whole group: Apache's workers outlive a parent that is killed
  local p; p=$(cat "$pidfile" 2>/dev/null) && ! gone || return 0
  kill -CONT -- "-$p" && kill "-$1" -- "-$p" || true
  until_true 10 gone || { kill -KILL -- "-$p"; until_true 5 gone; } || die "$CLIENT $p did not stop"
}

forget() { rm -rf "$home/cache" "$DIR/sessions.json"; }
tidy() { [ "$home" = "$DIR" ] || rm -rf "$home"; }

environment() {
  echo "export RP_URL=$url RP_REDIRECT_URI=$redirect RP_BACKCHANNEL_URI='$backchannel' RP_ID=$ID RP_SECRET=$SECRET RP_PIDFILE=$pidfile"
}

main "$@"
