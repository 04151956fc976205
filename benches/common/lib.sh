# Shared by the benchmarks, which source it in the project's root; each lists its variables at its head.
set -euo pipefail
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
address=${BENCH_ADDRESS:-127.0.0.1}; port=${BENCH_PORT:-18480}
BENCH_DIR=${BENCH_DIR:-$target/bench}; mkdir -p "$BENCH_DIR"; BENCH_DIR=$(realpath "$BENCH_DIR"); export BENCH_DIR
export BENCH_ISSUER=http://$address:$port
DIR=$BENCH_DIR
source tests/lab/lib.sh

build() {                               # name: the provider and the driver of this bench
  "${CARGO:-cargo}" build --locked --release --bin cloudsync-idp --bench "$1"
  # The file name of a benchmark contains a hash; ask cargo for it.
  driver=$("${CARGO:-cargo}" build --locked --release --bench "$1" --message-format=json 2>/dev/null |
    sed -n '/"kind":\["bench"\]/s/.*"executable":"\([^"]*\)".*/\1/p')
  export BENCH_PROVIDER=${BENCH_PROVIDER:-$target/release/cloudsync-idp}
  [ -x "$driver" ] && [ -x "$BENCH_PROVIDER" ] || die "The build produced no driver or no provider."
  trap stop_directory EXIT
  trap 'exit 130' INT TERM HUP
}

# Starts a script of the lab with its variables, one at a time. It stops when its stdin closes, however this script ends.
start_directory() {
  local script=$1 at; shift
  at=$BENCH_DIR/${script%.sh}
  rm -f "$at.env"
  exec 6> >(exec env DIR="$at" CACHE="$target/lab/cache" "$@" "tests/lab/$script" hold >"$at.env" 2>"$at.log")
  directory=$!
  until_true 600 answered "$at.env"
  grep -q '^ready$' "$at.env" || { cat "$at.log" >&2; die "The directory did not start."; }
  source <(grep '^export ' "$at.env")
}
answered() { grep -q '^ready$' "$1" 2>/dev/null || [ ! -d "/proc/$directory" ]; }

stop_directory() {
  exec 6>&-
  wait "${directory:-}" 2>/dev/null || true
}

# Creates a folder with the provider's configuration, and its settings from stdin.
prepare_home() {
  local home=$1
  rm -rf "$home"; mkdir -p "$home"; chmod 700 "$home"
  cat >"$home/idp.toml" <<CONFIG
public_url = "$BENCH_ISSUER"
listen = "$address:$port"
store = "${BENCH_STORE:-sqlite:idp.db}"
volatile = "memory"
keys_dir = "keys"
CONFIG
  (umask 077; cat >"$home/settings.toml")
}

openldap_settings() {
  cat <<SETTINGS
[[directories]]
id = "corp"
name = "Example Corp"
schema = "Rfc2307bis"
base_dn = "$LDAP_BASE"
servers = [{ host = "$LDAP_ADDR", port = $LDAP_TLSPORT, tls_name = "$LDAP_NAME" }]
ca_file = "$LDAP_CA"
service_account = "$LDAP_SVC"
service_account_password = "$LDAP_SVC_PW"
email_written_by_admins_only = true
[directories.scope]
organizational_units = ["ou=people,$LDAP_BASE"]
SETTINGS
}

client_settings() {
  cat <<SETTINGS

[[clients]]
client_id = "cloudsync"
client_secret = "cloudsync-bench-secret"
redirect_uris = ["https://cloudsync.example/callback"]
scope = "openid profile email offline_access"
SETTINGS
}
