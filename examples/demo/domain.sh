#!/usr/bin/env bash
# Changes the domain of a running demo, as an administrator of the domain would.
#
#   domain.sh disable NAME          disables the account of a person, by the user name
#   domain.sh enable NAME
#   domain.sh join NAME GROUP       makes the person a member of a group
#   domain.sh leave NAME GROUP
#
#   DEMO_DIR=target/demo            where the data of the demo is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
DEMO_DIR=${DEMO_DIR:-${CARGO_TARGET_DIR:-target}/demo}
DISABLED=2                              # a bit of userAccountControl

die() { printf '%s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,/^set/{s/^# \?//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }

main() {
  case "${1:-} $#" in
    "disable 2") set_control "$2" "|" $DISABLED ;;
    "enable 2") set_control "$2" "&" $((~DISABLED)) ;;
    "join 3") set_member "$2" "$3" add ;;
    "leave 3") set_member "$2" "$3" delete ;;
    *) usage ;;
  esac
}

set_control() {                         # name operator bits
  local entry control; entry=$(found user "$1" userAccountControl)
  control=$(sed -n 's/^userAccountControl: //p' <<<"$entry")
  change <<LDIF
$(grep '^dn:' <<<"$entry")
changetype: modify
replace: userAccountControl
userAccountControl: $((control $2 $3))
LDIF
}

set_member() {                          # name group add|delete
  local person group; person=$(found user "$1" 1.1); group=$(found group "$2" 1.1)
  change <<LDIF
$(grep '^dn:' <<<"$group")
changetype: modify
$3: member
$(sed -n 's/^dn:/member:/p' <<<"$person")
LDIF
}

found() {                               # class name attribute: the one entry, as LDIF (a DN may be in base64)
  [[ $2 =~ ^[A-Za-z0-9._\ -]+$ ]] || die "\"$2\" is no name in the demo's domain."
  local entry
  entry=$(tool ldapsearch -LLL -o ldif-wrap=no -b "$AD_BASE" "(&(objectClass=$1)(sAMAccountName=$2))" "$3") ||
    die "The domain does not answer: is the demo running?"
  [ "$(grep -c '^dn:' <<<"$entry")" = 1 ] || die "There is no $1 $2 in the domain."
  printf '%s\n' "$entry"
}

change() { tool ldapmodify >/dev/null; }

tool() { local name=$1; shift; "$name" -x -H "$AD_URLS" -D "$AD_ADMIN" -w "$AD_ADMIN_PW" "$@"; }

[ -r "$DEMO_DIR/ad.env" ] || die "There is no domain in $DEMO_DIR: start it with \"make demo\", or set DEMO_DIR."
source <(grep '^export ' "$DEMO_DIR/ad.env")
main "$@"
