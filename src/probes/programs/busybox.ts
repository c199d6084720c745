/**
 * The probe program for any other shell: busybox, toybox, and images with a partial set of tools. getent, dig, nslookup, host or
 * curl look up, nc or curl connect, openssl or curl shake hands; what is not there is reported as a limit. A constant, run by
 * whatever `sh` is.
 */
import { type Rung, SHELL_LOADER } from './rung.ts';
import { SHELL_COMMON } from './shell-common.ts';
import { SHELL_HTTP } from './shell-http.ts';
import { SHELL_LOOKUP } from './shell-lookup.ts';
import { SHELL_TLS } from './shell-tls.ts';
import { SHELL_WALK } from './shell-walk.ts';

const PROGRAM = `${SHELL_COMMON}
${SHELL_LOOKUP}
${SHELL_TLS}
${SHELL_HTTP}
${SHELL_WALK}
# limit MS COMMAND...: its exit code; 137: it was cut off.
limit() {
  trap ending TERM PIPE
  within=$1
  shift
  {
    "$@" 2>&1 <&4 4<&- &
    child=$!
  } 4<&0
  {
    trap ending TERM PIPE
    doze "$within"
    [ $? = 2 ] || kill -9 "$child"
  } >/dev/null &
  guard=$!
  wait "$child"
  code=$?
  kill "$guard"
  wait "$guard"
  return $code
}

# capture MS COMMAND...: what it prints into OUT, its exit code into CODE.
capture() {
  OUT=$(limit "$@")
  CODE=$?
}

# converse MS COMMAND...: with REQUEST on its input.
converse() {
  OUT=$(trap ending TERM PIPE; printf %s "$REQUEST" | limit "$@")
  CODE=$?
}

# How this nc connects without sending anything: a scan, an empty input, or handing the connection to a program that does nothing.
NC=none
find_nc() {
  has nc || return
  NC=plain
  case $(nc -h 2>&1; nc --help 2>&1) in
    *[Zz]\\]* | *[!a-z]-z[!a-z]*) NC=scan ;;
    *--send-only*) NC=send ;;
    *-e\\ PROG*) ! find_idle || NC=exec ;;
    *-q*Quit\\ SECONDS*) NC=quit ;;
  esac
}

# A program that does nothing, into IDLE: a file, since nc starts no shell's own command.
find_idle() {
  IFS=:
  for folder in $PATH; do
    IFS=" $TAB$NEWLINE"
    if [ -x "$folder/true" ]; then IDLE="$folder/true"; return; fi
    if [ -x "$folder/busybox" ]; then IDLE="$folder/busybox true"; return; fi
  done
  IFS=" $TAB$NEWLINE"
  return 1
}

by_nc() {
  case $NC in
    scan) exec nc -z -v -w "$1" "$2" "$3" ;;
    send) exec nc --send-only -w "$1" "$2" "$3" ;;
    exec) exec nc -w "$1" "$2" "$3" -e $IDLE ;;
    quit) exec nc -q 1 -w "$1" "$2" "$3" ;;
    plain) exec nc -w "$1" "$2" "$3" ;;
  esac
}

connect_nc() {
  if [ $((CONNECT % 1000)) = 0 ] && [ $NC != plain ]; then
    OUT=$(by_nc $((CONNECT / 1000)) "$1" "$2" 2>&1)
    CODE=$?
  else
    capture "$CONNECT" by_nc $(((CONNECT + 999) / 1000)) "$1" "$2"
  fi
  TEXT=\${OUT##*"$NEWLINE"}
  # nc 1.10 and busybox's after its manner name every failure but this one.
  [ "$NC:$CODE:$OUT" != scan:1: ] || TEXT='Connection refused'
}

# A telnet option that there is none of ends it once it is connected, before anything is sent.
connect_curl() {
  url telnet "$1" "$2" ''
  curl_to "$CONNECT" "$1" "$2" "$1" -t X=1 "$URL"
  TEXT=
  IFS=$NEWLINE
  for text in $OUT; do
    case $text in
      '* Connected'* | '* Established'*) CODE=0 ;;
      *' failed: '* | *'connect fail'*) TEXT=$text ;;
      'curl: ('*) TEXT=\${TEXT:-$text} ;;
    esac
  done
  IFS=" $TAB$NEWLINE"
  # Cut off before it began.
  case $CODE:$OUT in 137:*'* '*) ;; 137:*) tool=plain ;; esac
}

connect() {
  trap ending TERM PIPE
  CODE=1
  clock
  start=$NOW
  case $CONNECTOR in
    nc) tool=$NC; connect_nc "$2" "$3" ;;
    curl) tool=curl; connect_curl "$2" "$3" ;;
    none) return 1 ;;
  esac
  since "$start"
  emit connect "$1" "addr=$2" "ms=$MS" "exit=$CODE" "tool=$tool" "text=$TEXT"
  return $CODE
}

# Sends REQUEST through nc to ADDRESS PORT and prints the head of the answer. The input stays open until that is there: a nc
# that sees it end closes its half of the connection, which some proxies take for the end of all. So the writer says which process
# it is, and is ended by the reader; the nonce keeps a server from naming one.
talk() {
  trap ending TERM PIPE
  {
    trap ending TERM PIPE
    {
      trap ending TERM PIPE
      read -r self rest </proc/self/stat
      printf '%s %s\\n' "$NONCE" "$self" >&5
      exec 5>&-
      printf %s "$REQUEST"
      doze "$1"
    } | {
      trap ending TERM PIPE
      limit "$1" nc_talks "$2" "$3"
      printf '%s end\\n' "$NONCE"
    } 5>&-
  } 5>&1 | {
    trap ending TERM PIPE
    writer= n=0
    while IFS= read -r line && [ $n -lt 100 ]; do
      case $line in
        "$NONCE end") break ;;
        "$NONCE "*) writer=\${line#* }; continue ;;
        '' | "$CR") break ;;
      esac
      n=$((n + 1))
      printf '%s\\n' "$line"
    done
    [ -z "$writer" ] || kill "$writer"
  }
}

nc_talks() {
  case $NC in
    scan) exec nc -v -w "$WAIT_S" "$1" "$2" ;;
    *) exec nc -w "$WAIT_S" "$1" "$2" ;;
  esac
}

exchange() {
  WAIT_S=$(((CONNECT + 999) / 1000))
  OUT=$(talk "$@")
  case $OUT in
    *succeeded* | *' open'* | *Connected*) connected=1 ;;
    *'imed out'* | *imeout* | *TIMEOUT*) connected=0 ;;
  esac
}

# With getent it gives the addresses that the application gets, and a tool the server's own answer, side by side.
lookup() {
  if [ $LIBRARY = getent ]; then
    if [ $TOOL != none ]; then
      ask_tools "$1" "$2" &
      ASKING=$!
    fi
    ask_getent "$1" "$2"
  elif ask_hosts "$1" "$2"; then
    :
  elif [ $TOOL != none ]; then
    ask_tools "$1" "$2"
  elif [ -n "$CURL_TELNET" ]; then
    ask_curl "$1" "$2"
  fi
}

LIBRARY=none TOOL=none CONNECTOR=none EXCHANGE=none PROXY_TOOL=none
watch
survey "$@"
if has getent; then LIBRARY=getent; fi
for tool in dig nslookup host; do
  [ $TOOL != none ] || ! has $tool || TOOL=$tool
done
find_nc
find_curl
find_tls
libc
case $NC:$CURL_TELNET in
  none: | plain:1 | none:1) ;;
  *) CONNECTOR=nc ;;
esac
[ $CONNECTOR != none ] || [ -z "$CURL_TELNET" ] || CONNECTOR=curl
[ $NC = none ] || EXCHANGE=nc
[ -z "$CURL_TELNET" ] || PROXY_TOOL=curl
[ $EXCHANGE = none ] || PROXY_TOOL=nc
LOOKED_UP_BY=$LIBRARY
if [ $LIBRARY = none ]; then
  LOOKED_UP_BY=$TOOL
  [ $TOOL != none ] || [ -z "$CURL_TELNET" ] || LOOKED_UP_BY=curl
fi
KIND=sh
if has busybox || nslookup --help 2>&1 | { read -r word rest; [ "$word" = BusyBox ]; }; then
  KIND=busybox
elif has toybox; then
  KIND=toybox
fi
TIME=$(date +%s)
emit hello - rung=$KIND $LIBC "time=$TIME" lookup=$LOOKED_UP_BY connect=$CONNECTOR \${WANT_TLS:+tls=$TLS_TOOL}
if [ -n "$WANT_NAMES" ]; then
  case $LOOKED_UP_BY:$TOOL in
    none:none) emit limit - code=lookup_none ;;
    *:none) emit limit - code=no_rcode ;;
    getent:*) emit limit - code=tool_dns ;;
    *) emit limit - code=lookup_tool; emit limit - code=tool_dns ;;
  esac
fi
[ $CONNECTOR != none ] || emit limit - code=connect_none
[ $CONNECTOR:$NC != nc:plain ] || emit limit - code=connect_plain
limits
probe_all "$@"
`;

export const SHELL: Rung = {
  name: 'sh',
  detect: 'true',
  // Distroless debug images have busybox in a folder of its own, not always on PATH.
  direct: [
    ['/busybox/sh', '-c', SHELL_LOADER, 'k8s-egress-probe'],
    ['/busybox/busybox', 'sh', '-c', SHELL_LOADER, 'k8s-egress-probe'],
  ],
  program: PROGRAM,
};
