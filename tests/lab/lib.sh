# Shared by the lab's scripts: throw-away servers, each in its own directory, stopped by process id only.
# Sourced, never run; the sourcing script has set DIR.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

need() {                                # tool package: says what to install instead of failing in the middle
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || die "$1 is missing: apt-get install $2 (or: make install)"
}

pki() {                                 # name [more]: a CA of our own and a certificate that carries this name (and ",IP:...")
  local name=$1 at=$DIR/pki
  [ -s "$at/cert.pem" ] && return
  rm -rf "$at" "$at.new"; mkdir -p "$at.new"
  ( cd "$at.new"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Lab CA for $name" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
      -keyout ca.key -out ca.pem 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout key.pem -out csr.pem 2>/dev/null
    # The name and no address, as in a real domain controller's certificate: a client that connects to
    # 127.x.y.z must verify the name.
    openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -out cert.pem -extfile <(
      printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:%s%s\n' "$name" "${2:-}") 2>/dev/null
    chmod 600 key.pem ca.key )          # Samba refuses a key that others can read
  mv "$at.new" "$at"
}

alive() {                               # pidfile name: its first line is the id of a process of that name, no zombie
  local p s; p=$(head -n 1 "$1" 2>/dev/null) && [ -n "$p" ] && s=$(cat "/proc/$p/stat" 2>/dev/null) && [[ $s == *" ($2) "[!ZX]* ]]
}

ended() { ! alive "$@"; }

until_true() {                          # seconds command...: waits for a condition
  local end=$((SECONDS + $1)); shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.02
  done
}

listening() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

cached() {                              # file command...: runs it once to make the file, even for concurrent callers
  local file=$1; shift
  [ -s "$file" ] && return
  mkdir -p "${file%/*}"
  ( flock 9; [ -s "$file" ] || { "$@" && mv "$file.tmp" "$file"; } ) 9>"$file.lock"
}

# Start, print the environment and "ready", then wait until the caller is gone: its end of our stdin closes
# even after kill -9. Then everything stops, and with TRANSIENT=yes nothing is left on disk.
hold() {
  trap let_go EXIT
  trap 'exit 143' TERM INT HUP
  up >&2
  environment
  echo ready
  read -r _ || true
}

let_go() {
  stop KILL || true
  [ "${TRANSIENT:-no}" = no ] || { tidy; rm -rf "$DIR" "$DIR.log"; }
}

tidy() { :; }                           # a script that keeps something outside DIR removes it here

main() {                                # what each script does with its first argument
  case "${1:-}" in
    up) up ;;
    down) stop TERM ;;
    reset) stop KILL; forget; up ;;
    env) environment ;;
    hold) hold ;;
    *) sed -n '2,/^set\|^$/{/^#/p}' "$0"; exit 2 ;;
  esac
}
