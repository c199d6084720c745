/**
 * The probe program for containers with bash but no python3 (Debian- and Red-Hat-like images): `/dev/tcp` connects, getent looks
 * up, and a hand-made question over `/dev/udp` shows the DNS server's own answer. A constant, run by bash itself.
 */
import { type Rung, SHELL_LOADER } from './rung.ts';
import { SHELL_COMMON } from './shell-common.ts';

const PROGRAM = `${SHELL_COMMON}
connect() {
  clock
  start=$NOW
  out=$(limit "$CONNECT_S" bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$2" "$3" 2>&1 </dev/null)
  code=$?
  since "$start"
  emit connect "$1" "addr=$2" "ms=$MS" "exit=$code" "text=\${out%%"$NEWLINE"*}"
  return $code
}

# One question, for the A record: with what getent says it tells every failure apart, and each further process costs a
# throttled container time. dd reads one datagram; bash itself would lose all but its first byte.
ask_server() {
  clock
  start=$NOW
  question='\\0113\\0070\\0001\\0000\\0000\\0001\\0000\\0000\\0000\\0000\\0000\\0000'
  IFS=.
  for label in $2; do
    printf -v size %03o \${#label}
    question="$question\\\\0$size$label"
  done
  unset IFS
  question="$question\\\\0000\\\\0000\\\\0001\\\\0000\\\\0001"
  hex=
  for seconds in 1 $((LOOKUP_S > 1 ? LOOKUP_S - 1 : 1)); do
    answer=$(
      exec 3<>"/dev/udp/$SERVER/53" || exit 1
      printf %b "$question" >&3
      limit "$seconds" dd bs=4096 count=1 <&3 2>/dev/null | od -An -v -tx1
    ) 2>/dev/null
    for byte in $answer; do hex=$hex$byte; done
    [ -z "$hex" ] || break
  done
  since "$start"
  result="hex=$hex"
  if [ -z "$hex" ]; then
    result=err=failed
    [ "$MS" -lt 900 ] || result=err=timeout
  fi
  emit dns "$1" q=A "server=$SERVER" "ms=$MS" "$result"
}

# Where getent only says that it failed, bash says why: opening a UDP socket resolves the name and sends nothing.
ask_bash() {
  out=$(limit "$LOOKUP_S" bash -c 'exec 3<>"/dev/udp/$1/9"' _ "$2" 2>&1 </dev/null)
  emit library "$1" form=bash "text=\${out%%"$NEWLINE"*}"
}

lookup() {
  if has dd && has od; then
    ask_server "$1" "$2" &
    ASKING=$!
  fi
  if has getent; then
    ask_getent "$1" "$2"
    [ -n "$ADDRESSES" ] || ask_bash "$1" "$2"
  elif has nslookup; then
    ask_hosts "$1" "$2" || ask_nslookup "$1" "$2"
  else
    ask_bash "$1" "$2"
  fi
}

LOOKUP_TOOL=none
if has getent; then
  LOOKUP_TOOL=getent
elif has nslookup; then
  LOOKUP_TOOL=nslookup
fi
emit hello - rung=bash "version=\${BASH_VERSION%%(*}" "lookup=$LOOKUP_TOOL"
{ has dd && has od; } || emit limit - code=no_rcode
[ $LOOKUP_TOOL != none ] || emit limit - code=no_lookup
probe_all "$@"
`;

export const BASH: Rung = {
  name: 'bash',
  detect: "bash -c 'exec 3<>/dev/udp/127.0.0.1/9'",
  start: ['bash', '-c', SHELL_LOADER, 'k8s-egress-probe'],
  program: PROGRAM,
};
