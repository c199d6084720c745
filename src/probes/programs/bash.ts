/**
 * The probe program for containers with bash but no better interpreter (Debian- and Red-Hat-like images): `/dev/tcp` connects and
 * speaks HTTP, getent looks up, and hand-made questions (`bash-dns.ts`) show the DNS servers' own answers; openssl or curl shake
 * hands. A constant, run by bash itself; 4.2 or newer tells all of it, tried with 5.2.
 */
import { BASH_DNS } from './bash-dns.ts';
import { asInput, END_OF_PROGRAM, type Rung } from './rung.ts';
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
${BASH_DNS}
# A process behind PIPE says first which one it is: before bash 5 a process substitution cannot be waited for. Time that it waited
# for the CPU is no time of the network.
begun() {
  IFS= read -r -t 5 -u $PIPE CHILD
  clock
  start=$NOW
}

# collect MS: what that process prints until it ends, into OUT; its exit code into CODE, 137 where it was cut off. Before bash 5
# that code is not to be had: then it is 0 where something was printed. A little longer it listens to what a process with little of
# the CPU has to say by then.
collect() {
  local code late
  begun
  in_seconds "$1"
  IFS= read -r -d '' -t "$S" -u $PIPE OUT
  code=$?
  if [ $code -gt 128 ]; then
    IFS= read -r -d '' -t 0.15 -u $PIPE late
    code=$?
    OUT=$OUT$late
  fi
  exec {PIPE}<&-
  [ $code -le 128 ] || kill -9 $CHILD
  wait $CHILD
  CODE=$?
  if [ $code -gt 128 ]; then
    CODE=137
  elif [ "\${BASH_VERSINFO[0]}" -lt 5 ]; then
    CODE=2
    [ -z "$OUT" ] || CODE=0
  fi
}

# capture MS COMMAND...
capture() {
  local within=$1
  shift
  exec {PIPE}< <(echo $BASHPID; exec "$@" 2>&1)
  collect $within
}

# converse MS COMMAND...: with REQUEST on its input.
converse() {
  local within=$1 input
  shift
  exec {input}< <(printf %s "$REQUEST")
  exec {PIPE}< <(echo $BASHPID; exec "$@" 2>&1 <&$input)
  collect $within
  exec {input}<&-
}

# The first line of OUT without the place in this program that bash puts before it.
own_words() {
  OUT=\${OUT%%"$NEWLINE"*}
  OUT=\${OUT#*environment: }
  case $OUT in line*) OUT=\${OUT#*: } ;; esac
}

dial() {
  echo $BASHPID
  exec 4<>"/dev/tcp/$1/$2" && printf open
}

connect() {
  trap ending TERM PIPE
  exec {PIPE}< <(dial "$2" "$3" 2>&1)
  collect $CONNECT
  since "$start"
  own_words
  if [ "$OUT" = open ]; then
    emit connect "$1" "addr=$2" "ms=$MS" ok=1
  elif [ $CODE = 137 ]; then
    emit connect "$1" "addr=$2" "ms=$MS" err=ETIMEDOUT
  else
    emit connect "$1" "addr=$2" "ms=$MS" exit=1 tool=bash "text=$OUT"
    return 1
  fi
  [ "$OUT" = open ]
}

# Runs by itself: "open" once connected, then the head of the answer.
talk() {
  local line n=0
  echo $BASHPID
  exec 5<>"/dev/tcp/$1/$2" || exit
  echo open
  trap '' PIPE
  printf %s "$REQUEST" >&5
  while IFS= read -r -n 9000 line <&5 && [ "$line" != "$CR" ] && [ -n "$line" ] && [ $n -lt 100 ]; do
    n=$((n + 1))
    printf '%s\\n' "$line"
  done
}

EXCHANGE=bash PROXY_TOOL=bash
exchange() {
  exec {PIPE}< <(talk "$2" "$3" 2>&1)
  collect "$1"
  connected=0
  case $OUT in open*) connected=1 ;; esac
}

# Where getent only says that it failed, bash says why: opening a UDP socket resolves the name and sends nothing.
resolve_only() {
  echo $BASHPID
  exec 4<>"/dev/udp/$1/9"
}
ask_bash() {
  exec {PIPE}< <(resolve_only "$1" 2>&1)
  collect "$LEFT"
  own_words
}

# What is left of the lookup's time, into LEFT; 1: nothing to speak of.
time_left() {
  clock
  LEFT=$((BEGAN + LOOKUP - NOW))
  [ $LEFT -gt 200 ]
}

# usable_servers ID: the name servers to ask, at most two, into USABLE. Only plain addresses: bash would look up anything else, and
# read 0xa9fea9fe as the address that it is.
usable_servers() {
  local server n=0 ADDRESSES
  USABLE=
  for server in \${SERVERS:-127.0.0.1}; do
    [ $n -lt 2 ] || break
    ADDRESSES=
    keep "\${server%%[%]*}"
    [ -n "$ADDRESSES" ] || continue
    if metadata "\${server%%[%]*}"; then
      emit dns "$1" "server=$server" q=A err=metadata
      emit dns "$1" "server=$server" q=AAAA err=metadata
      continue
    fi
    n=$((n + 1)) USABLE="$USABLE $server"
  done
}

lookup() {
  clock
  BEGAN=$NOW
  usable_servers "$1"
  if [ $LIBRARY = getent ]; then
    for server in $USABLE; do
      ask_server "$1" "$2" "$server" &
      ASKING="$ASKING $!"
    done
    ask_getent "$1" "$2"
  elif ask_hosts "$1" "$2"; then
    return
  else
    for server in $USABLE; do
      ask_server "$1" "$2" "$server"
      take_answers
      [ -z "$ADDRESSES" ] && time_left && [ $LEFT -gt $((LOOKUP / 2)) ] || break
    done
    [ -z "$ADDRESSES" ] || library "$1" search
  fi
  if [ -z "$ADDRESSES" ] && time_left; then
    ask_bash "$2"
    emit library "$1" form=bash "text=$OUT"
  fi
}

LIBRARY=none TOOL=none LOOKED_UP_BY=bash DATAGRAMS_TOOL=none
if has getent; then LIBRARY=getent; fi
if has dd && has od; then DATAGRAMS_TOOL=dd; fi
watch
survey "$@"
[ -z "$WANT_TLS$WANT_SECURE_PATH" ] || find_curl
find_tls
libc
printf -v TIME '%(%s)T' -1
emit hello - rung=bash "version=\${BASH_VERSION%%(*}" $LIBC time=$TIME lookup=$LIBRARY \${WANT_TLS:+tls=$TLS_TOOL}
if [ -n "$WANT_NAMES" ]; then
  [ $DATAGRAMS_TOOL = dd ] || emit limit - code=no_dns_udp
  [ $LIBRARY = getent ] || emit limit - code=own_resolver
fi
limits
probe_all "$@"`;

/** From a pipe bash reads lines byte by byte, a call each, but blocks at once: the program is filled up to whole ones. */
const BLOCK = 1024;
const LOADER = `program=
while IFS= read -r -N ${BLOCK} block; do
  program=$program$block
  case $block in *'${END_OF_PROGRAM}'*) break ;; esac
done
eval "$program"`;

function filled(program: string): string {
  const rest = asInput(program).length % BLOCK;
  return `${program}${' '.repeat((BLOCK - rest) % BLOCK)}\n`;
}

/** `-p`: no BASH_ENV, no functions from the environment. */
const ARGUMENTS: readonly string[] = ['-p', '-c', LOADER, 'k8s-egress-probe'];

export const BASH: Rung = {
  name: 'bash',
  detect: "bash -p -c 'exec 3<>/dev/udp/127.0.0.1/9'",
  start: ['bash', ...ARGUMENTS],
  direct: [
    ['bash', ...ARGUMENTS],
    ['/bin/bash', ...ARGUMENTS],
  ],
  program: filled(PROGRAM),
};
