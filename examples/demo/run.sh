#!/usr/bin/env bash
# The demo: a real Active Directory, the provider, and a stand-in for CloudSync, all on this machine's loopback.
# Started by "make demo". Ctrl-C (or TERM) stops everything; so does kill -9 of this script.
#
#   DEMO_ISSUER=http://localhost:8080          address of the provider (plain http, loopback only)
#   DEMO_CLOUDSYNC_URL=http://localhost:8090   address of the stand-in for CloudSync
#   DEMO_REALM=CORP.EXAMPLE.COM                the domain
#   DEMO_AD_ADDRESS=127.0.0.10                 the domain controller's address: ldaps://ADDRESS:636
#   DEMO_CLIENT_ID=cloudsync                   CloudSync's client id
#   DEMO_CLIENT_SECRET=cloudsync-demo-secret
#   DEMO_SCIM_TOKEN=cloudsync-demo-scim-token        opens the stand-in's SCIM service, to which the provider delivers
#   DEMO_ADA_TOTP=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP   the key of ada's authenticator, in base32
#   DEMO_DIR=target/demo                       all data is stored here: remove it to start over
#   PROFILE=debug                              or release: which build is started
#   DEMO_SETTINGS=FILE                         another settings file, applied last
set -euo pipefail

# A parent process without a terminal may have set Ctrl-C to be ignored.
[ -n "${DEMO_SIGNALS:-}" ] || exec env --default-signal=INT,TERM,HUP DEMO_SIGNALS=reset "$0" "$@"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -z "${DEMO_SETTINGS:-}" ] || DEMO_SETTINGS=$(realpath -- "$DEMO_SETTINGS")
cd "$root"
target=${CARGO_TARGET_DIR:-target}
DEMO_ISSUER=${DEMO_ISSUER:-http://localhost:8080}; DEMO_ISSUER=${DEMO_ISSUER%/}
DEMO_CLOUDSYNC_URL=${DEMO_CLOUDSYNC_URL:-http://localhost:8090}; DEMO_CLOUDSYNC_URL=${DEMO_CLOUDSYNC_URL%/}
DEMO_REALM=${DEMO_REALM:-CORP.EXAMPLE.COM}
DEMO_AD_ADDRESS=${DEMO_AD_ADDRESS:-127.0.0.10}
DEMO_CLIENT_ID=${DEMO_CLIENT_ID:-cloudsync}
DEMO_CLIENT_SECRET=${DEMO_CLIENT_SECRET:-cloudsync-demo-secret}
DEMO_SCIM_TOKEN=${DEMO_SCIM_TOKEN:-cloudsync-demo-scim-token}
DEMO_ADA_TOTP=${DEMO_ADA_TOTP:-JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}
DEMO_DIR=${DEMO_DIR:-$target/demo}; mkdir -p "$DEMO_DIR"; DEMO_DIR=$(realpath "$DEMO_DIR")
DIR=$DEMO_DIR/ad
source tests/lab/lib.sh

ad_env=(env DIR="$DIR" CACHE="$(realpath -m "$target")/lab/cache" ADDR="$DEMO_AD_ADDRESS" REALM="${DEMO_REALM^^}")
ad=("${ad_env[@]}" tests/lab/samba-ad.sh)
built=$target/${PROFILE:-debug}; idp=$built/cloudsync-idp; stand_in=$built/examples/cloudsync
home=$DEMO_DIR/idp; prepared=$DEMO_DIR/prepared

main() {
  trap finish EXIT
  trap 'exit 0' INT TERM HUP
  check
  # Two pipes to the watchers of the servers: when this script ends, in any way, the pipes close.
  exec 7> >(keeper)
  keeper=$!
  start_domain
  # needs no provider to start, and is there when the first accounts are delivered
  start_cloudsync
  start_provider
  screen
  local ended=0
  { wait -n "$provider" "$cloudsync"; } 2>/dev/null || ended=$?
  die "$(alive "$DEMO_DIR/provider.pid" cloudsync-idp && echo "The CloudSync stand-in" || echo "The provider") ended by itself ($ended); its log is in $DEMO_DIR."
}

check() {
  [ -x "$idp" ] && [ -x "$stand_in" ] || die "The provider is not built: run 'make build' (or 'make demo') first."
  local url
  for url in "$DEMO_ISSUER" "$DEMO_CLOUDSYNC_URL"; do
    [[ $url =~ ^http://(localhost|127\.[0-9.]+)(:[0-9]+)?$ ]] || die "The demo speaks plain http on loopback only, like http://localhost:8080, and not $url."
  done
  [ -z "${DEMO_SETTINGS:-}" ] || [ -r "$DEMO_SETTINGS" ] || die "DEMO_SETTINGS: $DEMO_SETTINGS cannot be read."
  exec 9>"$DEMO_DIR/lock"
  # a process that was just killed may still be stopping
  flock -w 15 9 || die "The demo runs already, in $DEMO_DIR: stop it first, or choose another DEMO_DIR, addresses and ports."
  free "$DEMO_ISSUER" DEMO_ISSUER; free "$DEMO_CLOUDSYNC_URL" DEMO_CLOUDSYNC_URL
  alive "$DIR/dc/run/samba.pid" samba || ! listening "$DEMO_AD_ADDRESS" 636 ||
    die "Port 636 on $DEMO_AD_ADDRESS is in use by another program: choose another loopback address, DEMO_AD_ADDRESS=127.0.0.11 for example."
}

free() {                                # url variable
  ! listening "$(host_of "$1")" "$(port_of "$1")" ||
    die "Port $(port_of "$1") is in use by another program: stop it, or choose another one, $2=http://localhost:$(($(port_of "$1") + 1000)) for example."
}
host_of() { local host=${1#http://}; host=${host%%:*}; [ "$host" = localhost ] && host=127.0.0.1; echo "$host"; }
port_of() { [[ $1 =~ :([0-9]+)$ ]] && echo "${BASH_REMATCH[1]}" || echo 80; }

# Stops the two servers when this script's end of its stdin closes. The domain has its own watcher.
keeper() {
  trap '' INT TERM HUP
  cat >/dev/null
  local name
  for name in cloudsync cloudsync-idp; do stop_one "$DEMO_DIR/${name/cloudsync-idp/provider}.pid" "$name"; done
}

stop_one() {                            # pidfile name
  local p; alive "$@" || return 0; p=$(cat "$1")
  kill -TERM "$p" || true
  until_true 8 ended "$@" || kill -KILL "$p" || true
}

finish() {
  local code=$?
  trap '' INT TERM HUP
  exec 6>&- 7>&-
  [ -z "${domain:-}" ] || wait "$domain" || true
  [ -z "${keeper:-}" ] || wait "$keeper" || true
  [ "$code" != 0 ] || [ -z "${keeper:-}" ] || printf '\nStopped. No process is left running; your data is in %s.\n' "${DEMO_DIR#"$root"/}"
  exit "$code"
}

start_domain() {
  rm -f "$DEMO_DIR/ad.env"
  # If the last run failed during preparation, the domain may be incomplete: start over.
  [ -s "$prepared" ] || { "${ad[@]}" down; rm -rf "$DIR/dc" "$home"; }
  exec 6> >(exec 7>&-; exec "${ad[@]}" hold >"$DEMO_DIR/ad.env" 2>"$DEMO_DIR/ad.log")
  domain=$!
  until_true 120 domain_answered
  grep -q '^ready$' "$DEMO_DIR/ad.env" || { cat "$DEMO_DIR/ad.log" >&2; die "The domain did not start."; }
  source <(grep '^export ' "$DEMO_DIR/ad.env")
  # After a change of domain, the accounts of the old one are useless, even if the names are equal.
  local sid; sid=$(as_admin ldapsearch -LLL -s base -b "$AD_BASE" objectSid | grep '^objectSid')
  [ "$(cat "$prepared" 2>/dev/null)" = "$sid" ] || rm -rf "$home" "$prepared"
  domain_id=$sid
}
domain_answered() { grep -q '^ready$' "$DEMO_DIR/ad.env" 2>/dev/null || [ ! -d "/proc/$domain" ]; }

as_admin() { local tool=$1; shift; "$tool" -x -H "$AD_URLS" -D "$AD_ADMIN" -w "$AD_ADMIN_PW" "$@"; }

start_provider() {
  export AD_SVC_PW_FILE=$home/service-account-password
  (umask 077; printf '%s' "$AD_SVC_PW" >"$AD_SVC_PW_FILE"; fill_in examples/demo/settings.toml >"$home/settings.toml")
  cat >"$home/idp.toml" <<CONFIG
public_url = "$DEMO_ISSUER"
listen = "$(host_of "$DEMO_ISSUER"):$(port_of "$DEMO_ISSUER")"
store = "sqlite:idp.db"
volatile = "memory"
keys_dir = "keys"
CONFIG
  if [ ! -s "$prepared" ]; then step "Existing accounts" accounts import examples/demo/accounts.csv; fi
  step "Settings" settings apply --replace "$home/settings.toml"
  if [ ! -s "$prepared" ]; then
    sync_step "First sync with the domain"
    # Gives ines Ingrid's email address: the next sync finds the conflict and holds the change back.
    printf 'dn: CN=Inês Isidoro,OU=Sales,OU=Staff,%s\nchangetype: modify\nreplace: mail\nmail: ingrid.sommer@example.com\n' "$AD_BASE" |
      as_admin ldapmodify >"$DEMO_DIR/ldapmodify.log" 2>&1 || die "The domain refused a change: $(cat "$DEMO_DIR/ldapmodify.log")"
    sync_step "Second sync"
    (umask 077; printf 'name,secret\nada,%s\n' "$DEMO_ADA_TOTP" >"$home/ada.csv")
    step "The authenticator of ada" admin factors import "$home/ada.csv"
    rm "$home/ada.csv"
    printf '%s\n' "$domain_id" >"$prepared"
  fi
  [ -z "${DEMO_SETTINGS:-}" ] || step "Your settings ($DEMO_SETTINGS)" settings apply "$DEMO_SETTINGS"
  serve provider "$idp" --config "$home/idp.toml" serve
  provider=$!
  ready "$provider" "$DEMO_ISSUER/readyz" || failed provider "The provider did not become ready."
}

start_cloudsync() {
  mkdir -p "$home"; chmod 700 "$home"
  export CLOUDSYNC_LISTEN CLOUDSYNC_URL=$DEMO_CLOUDSYNC_URL CLOUDSYNC_ISSUER=$DEMO_ISSUER
  CLOUDSYNC_LISTEN=$(host_of "$DEMO_CLOUDSYNC_URL"):$(port_of "$DEMO_CLOUDSYNC_URL")
  export CLOUDSYNC_CLIENT_ID=$DEMO_CLIENT_ID CLOUDSYNC_CLIENT_SECRET=$DEMO_CLIENT_SECRET
  # beside the provider's data, and removed with it: together they know who was delivered
  export CLOUDSYNC_SCIM_TOKEN=$DEMO_SCIM_TOKEN CLOUDSYNC_STATE=$home/cloudsync-state.json
  serve cloudsync "$stand_in"
  cloudsync=$!
  ready "$cloudsync" "$DEMO_CLOUDSYNC_URL/" || failed cloudsync "The CloudSync stand-in did not become ready."
}

serve() {                               # name command...: in its own session, so that this script handles Ctrl-C
  local name=$1; shift
  setsid "$@" </dev/null >"$DEMO_DIR/$name.log" 2>&1 6>&- 7>&- 9>&- &
  echo $! >"$DEMO_DIR/$name.pid"
}
ready() { until_true 20 settled "$@" && kill -0 "$1" 2>/dev/null; }
settled() { curl -fsS -o /dev/null --max-time 2 "$2" 2>/dev/null || [ ! -d "/proc/$1" ]; }   # or it has ended
failed() { tail -n 20 "$DEMO_DIR/$1.log" >&2; die "$2 Its log is $DEMO_DIR/$1.log"; }

step() {                                # name arguments...: runs a command of the provider; prints its output only if it fails
  local name=$1; shift
  runs "$@" || step_failed "$name"
}
# A domain that has just started on a busy machine may answer too late: the sync is run again, as the provider itself would.
sync_step() { until_true 60 runs sync || step_failed "$1"; }
runs() { "$idp" --config "$home/idp.toml" "$@" >"$DEMO_DIR/step.log" 2>&1 6>&- 7>&- 9>&-; }
step_failed() { cat "$DEMO_DIR/step.log" >&2; die "$1: failed."; }

fill_in() {                             # replaces ${NAME} by the variable, for these names only
  local text name; text=$(cat "$1")
  for name in AD_BASE AD_NETBIOS AD_ADDR AD_HOST AD_CA AD_SVC AD_SVC_PW_FILE DEMO_CLIENT_ID DEMO_CLIENT_SECRET DEMO_CLOUDSYNC_URL DEMO_SCIM_TOKEN; do
    text=${text//"\${$name}"/"${!name}"}
  done
  printf '%s\n' "$text"
}

screen() {
  local b='' n='' change=examples/demo/domain.sh; if [ -t 1 ]; then b=$'\e[1m' n=$'\e[0m'; fi
  # The script finds the domain by itself only in the usual place.
  [ "$DEMO_DIR" = "$(realpath -m target/demo)" ] || change="env DEMO_DIR=$(printf %q "$DEMO_DIR") $change"
  cat <<SCREEN

  ${b}Open ${DEMO_CLOUDSYNC_URL}/ and sign in.${n}  The password of all: ${b}${AD_USER_PW}${n}

  alice   signs in: she is in a synced OU of the domain
  bob     signs in: in no synced OU, but in a synced group, nested two levels deep
  zoe     signs in: a name with a quote, a comma, brackets and two dots
  ada     signs in: an administrator of CloudSync
  carol   is refused: her account is not set up for CloudSync
  dora    is refused: her account is disabled
  emil    is refused: his account has expired
  fred    must choose a new password first: an administrator requires it
  gina    must choose a new password first: hers has expired
  hugo    is refused as after a wrong password: his account is locked
  ines    is refused: her email address belongs to another account
  jan     is refused: he has no email address
          and 200 more, for example i.sommer and a.garcia

  ${b}Open ${DEMO_CLOUDSYNC_URL}/accounts?live${n} to see accounts and Team Shares arrive by SCIM 2.0.
  Change the domain in another terminal, and see it there within seconds:

  $change disable alice        she becomes suspended
  $change enable alice         active again
  $change join bob Sales       he becomes a member of the Team Share "Sales plans"
  $change leave bob Sales      not any more

  CloudSync      $DEMO_CLOUDSYNC_URL/    (client $DEMO_CLIENT_ID; SCIM 2.0 at $DEMO_CLOUDSYNC_URL/scim/v2, token $DEMO_SCIM_TOKEN)
  Provider       $DEMO_ISSUER/    log in ${DEMO_DIR#"$root"/}/provider.log
  Domain         $AD_REALM at ldaps://$AD_ADDR:636
  Admin panel    $DEMO_ISSUER/admin    sign in as ada; put this key into an authenticator app: ${b}${DEMO_ADA_TOTP}${n}
                 or run   oathtool --totp --base32 $DEMO_ADA_TOTP
  Explain        ${idp#"$root"/} --config ${home#"$root"/}/idp.toml explain hugo
  Deliveries     ${idp#"$root"/} --config ${home#"$root"/}/idp.toml delivery status

  ${b}Ctrl-C stops everything.${n}

SCREEN
}

main
