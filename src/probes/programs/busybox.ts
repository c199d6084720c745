/**
 * The probe program for any other shell: busybox and images with a partial set of tools. nslookup or getent looks up, nc or
 * wget connects; what is not there is reported as a limit. A constant, run by whatever `sh` is.
 */
import type { Rung } from './rung.ts';
import { SHELL_COMMON } from './shell-common.ts';

const PROGRAM = `${SHELL_COMMON}
# How this nc connects without sending anything: a scan, or handing the connection to a program that does nothing.
NC=none
if has nc; then
  NC=plain
  case $(nc --help 2>&1 </dev/null) in
    *-z*) NC=scan ;;
    *-e\\ PROG*) if [ -x /bin/true ] || [ -x /usr/bin/true ]; then NC=exec; fi ;;
  esac
elif has wget; then
  NC=wget
fi

try_connect() {
  case $NC:$1 in
    scan:*) limit $((CONNECT_S + 1)) nc -z -v -w "$CONNECT_S" "$1" "$2" ;;
    exec:*) limit $((CONNECT_S + 1)) nc -w "$CONNECT_S" "$1" "$2" -e true ;;
    plain:*) limit $((CONNECT_S + 1)) nc -w "$CONNECT_S" "$1" "$2" ;;
    wget:*:*) limit $((CONNECT_S + 1)) wget -q -T "$CONNECT_S" -O /dev/null "http://[$1]:$2/" ;;
    wget:*) limit $((CONNECT_S + 1)) wget -q -T "$CONNECT_S" -O /dev/null "http://$1:$2/" ;;
  esac
}

connect() {
  [ $NC != none ] || return 1
  clock
  start=$NOW
  out=$(try_connect "$2" "$3" 2>&1 </dev/null)
  code=$?
  since "$start"
  emit connect "$1" "addr=$2" "ms=$MS" "exit=$code" "tool=$NC" "text=\${out%%"$NEWLINE"*}"
  return $code
}

LOOKUP_TOOL=none
if has getent; then
  LOOKUP_TOOL=getent
elif has nslookup; then
  LOOKUP_TOOL=nslookup
fi

# With both, getent gives the addresses the application gets and nslookup the server's own answer, side by side.
lookup() {
  case $LOOKUP_TOOL in
    getent)
      if has nslookup; then
        ask_nslookup "$1" "$2" &
        ASKING=$!
      fi
      ask_getent "$1" "$2"
      ;;
    nslookup) ask_hosts "$1" "$2" || ask_nslookup "$1" "$2" ;;
  esac
}

kind=sh
if has busybox || nslookup --help 2>&1 </dev/null | { read -r word rest; [ "$word" = BusyBox ]; }; then kind=busybox; fi
emit hello - "rung=$kind" "lookup=$LOOKUP_TOOL" "connect=$NC"
[ $LOOKUP_TOOL = getent ] || emit limit - "code=lookup_$LOOKUP_TOOL"
[ $LOOKUP_TOOL != getent ] || has nslookup || emit limit - code=no_rcode
case $NC in
  none | plain | wget) emit limit - "code=connect_$NC" ;;
esac
probe_all "$@"
`;

export const SHELL: Rung = {
  name: 'sh',
  detect: 'true',
  program: PROGRAM,
};
