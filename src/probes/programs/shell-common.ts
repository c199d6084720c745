/**
 * What the shell rungs share: records, time, time limits, the resolver's configuration, and the walk over one target. POSIX sh,
 * tried with dash, bash and busybox ash; a constant: every value comes in as an argument. No here-documents: older shells write
 * them to a file, and a pod's file system may be read-only.
 *
 * Each step is bounded by itself (`limit`), so a program whose stream was cut ends within its own time-outs.
 */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const SHELL_COMMON = `set -f
LC_ALL=C
export LC_ALL
NONCE=$1
CONNECT_S=$((($2 + 999) / 1000))
LOOKUP_S=$((($3 + 999) / 1000))
shift 4
TAB=$(printf '\\t')
NEWLINE='
'

emit() {
  record=$NONCE
  for field in "$@"; do record="$record$TAB$field"; done
  printf '%s\\n' "$record"
}

has() { command -v "$1" >/dev/null 2>&1; }

# Milliseconds since boot (to 10 ms) into NOW: the one clock every container's shell can read.
clock() {
  NOW=0
  { read -r up idle </proc/uptime; } 2>/dev/null || return 0
  NOW=$(((\${up%.*} * 100 + 1\${up#*.} - 100) * 10))
}

since() {
  clock
  MS=$((NOW - $1))
}

# limit SECONDS COMMAND...: exit code 124, 137 or 143 when it was cut off.
if timeout 9 true 2>/dev/null; then
  limit() { timeout "$@"; }
elif timeout -t 9 true 2>/dev/null; then
  limit() {
    seconds=$1
    shift
    timeout -t "$seconds" "$@"
  }
else
  limit() {
    seconds=$1
    shift
    "$@" <&0 &
    child=$!
    (sleep "$seconds"; kill -9 "$child") </dev/null >/dev/null 2>&1 &
    guard=$!
    wait "$child"
    code=$?
    kill "$guard" 2>/dev/null
    return $code
  }
fi

SERVER=127.0.0.1 SEARCH= NDOTS=1
resolver() {
  first=
  [ -r /etc/resolv.conf ] || { emit limit - code=no_resolv_conf; return; }
  while read -r key values; do
    for value in $values; do
      case $key:$value in
        nameserver:*) emit resolver - "nameserver=$value"; [ -n "$first" ] || first=$value ;;
        search:* | domain:*) emit resolver - "search=$value"; SEARCH="$SEARCH $value" ;;
        options:ndots:*) emit resolver - "ndots=\${value#ndots:}"; NDOTS=\${value#ndots:} ;;
      esac
    done
  done </etc/resolv.conf
  SERVER=\${first:-$SERVER}
}

proxies() {
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy; do
    eval "value=\\\${$name-}"
    case $value in
      '') continue ;;
      *://*@*) value="\${value%%://*}://\${value##*@}" ;;
      *@*) value=\${value##*@} ;;
    esac
    emit env - "name=$name" "value=$value"
  done
}

literal() {
  case $1 in
    *:*) return 0 ;;
    *[!0-9.]*) return 1 ;;
  esac
}

# Adds one address that a tool printed, if it is nothing but an address.
keep() {
  case $1 in
    '' | -* | *[!0-9A-Fa-f.:]*) return 0 ;;
  esac
  case " $ADDRESSES " in
    *" $1 "*) ;;
    *) ADDRESSES="$ADDRESSES $1" ;;
  esac
}

# Up to two addresses of each family first: the first four are the ones that are tried.
in_order() {
  four= six= later= n4=0 n6=0
  for address in $ADDRESSES; do
    case $address in
      *:*) n6=$((n6 + 1)); if [ $n6 -le 2 ]; then six="$six $address"; else later="$later $address"; fi ;;
      *) n4=$((n4 + 1)); if [ $n4 -le 2 ]; then four="$four $address"; else later="$later $address"; fi ;;
    esac
  done
  ADDRESSES="$four$six$later"
}

# lines TOOL ID TEXT: passes on what a tool printed, line by line; the reader parses it.
lines() {
  n=0
  IFS=$NEWLINE
  for text in $3; do
    n=$((n + 1))
    [ $n -gt 60 ] && break
    emit raw "$2" "tool=$1" "$text"
  done
  unset IFS
}

ask_getent() {
  clock
  start=$NOW
  out=$(limit "$LOOKUP_S" getent ahosts "$2" 2>/dev/null </dev/null)
  code=$?
  IFS=$NEWLINE
  for text in $out; do keep "\${text%% *}"; done
  unset IFS
  in_order
  since "$start"
  set -- "$1" form=app "ms=$MS"
  for address in $ADDRESSES; do set -- "$@" "addr=$address"; done
  case $code in
    0) ;;
    124 | 137 | 143) set -- "$@" err=timeout ;;
    *) set -- "$@" "err=getent_$code" ;;
  esac
  emit library "$@"
}

# /etc/hosts comes first for an application, and nslookup does not read it.
ask_hosts() {
  [ -r /etc/hosts ] || return 1
  while read -r address names; do
    for name in $names; do
      case $name in
        '#'*) break ;;
        "$2") keep "$address" ;;
      esac
    done
  done </etc/hosts
  [ -n "$ADDRESSES" ] || return 1
  in_order
  set -- "$1" form=hosts
  for address in $ADDRESSES; do set -- "$@" "addr=$address"; done
  emit library "$@"
}

# keep_answers TEXT: the addresses that nslookup printed for the name; those before it are the server's own.
keep_answers() {
  answer=
  IFS=$NEWLINE
  for text in $1; do
    unset IFS
    case $text in
      Name:*) answer=1 ;;
      Address*) for word in \${text#*:}; do [ -z "$answer" ] || keep "$word"; break; done ;;
    esac
  done
  unset IFS
}

dots() {
  count=0 rest=$1
  while [ "$rest" != "\${rest#*.}" ]; do
    count=$((count + 1))
    rest=\${rest#*.}
  done
}

ask_nslookup() {
  clock
  start=$NOW
  out=$(limit "$LOOKUP_S" nslookup "$2" 2>&1 </dev/null)
  code=$?
  since "$start"
  lines nslookup "$1" "$out"
  emit end "$1" tool=nslookup "exit=$code" "ms=$MS"
  keep_answers "$out"
  case $ADDRESSES:$out in
    :*timed\\ out*) ;;
    :*) ask_suffixes "$1" "$2" ;;
  esac
  in_order
}

# An application would try the name under the search list, which nslookup does not.
ask_suffixes() {
  dots "$2"
  [ "$count" -lt "$NDOTS" ] 2>/dev/null || return 0
  for domain in $SEARCH; do
    keep_answers "$(limit "$LOOKUP_S" nslookup "$2.$domain" 2>&1 </dev/null)"
    [ -n "$ADDRESSES" ] || continue
    set -- "$1" form=search
    for address in $ADDRESSES; do set -- "$@" "addr=$address"; done
    emit library "$@"
    return 0
  done
}

# By openssl where it is there; it sends nothing after the handshake because its input is empty. It has a second more than
# the handshake needs, for its own start: cut off early, it would look like a server that stalls.
tls() {
  id=$1
  case $4 in
    *:*) to="[$4]:$3" ;;
    *) to="$4:$3" ;;
  esac
  if literal "$2"; then set -- -verify_ip "$2"; else set -- -servername "$2" -verify_hostname "$2"; fi
  clock
  start=$NOW
  out=$(limit $((CONNECT_S + 1)) openssl s_client -connect "$to" "$@" 2>&1 </dev/null)
  code=$?
  since "$start"
  kept= inside=
  IFS=$NEWLINE
  for text in $out; do
    case $text in
      -----BEGIN\\ CERT*) [ "$inside" = done ] || inside=yes ;;
    esac
    case $inside:$text in
      yes:* | *Verify\\ return\\ code* | *errno* | *:error:* | *alert* | *New,* | *Protocol*:*) kept="$kept$text$NEWLINE" ;;
    esac
    case $text in
      -----END*) inside=done ;;
    esac
  done
  unset IFS
  lines openssl "$id" "$kept"
  emit end "$id" tool=openssl "exit=$code" "ms=$MS"
}

metadata() {
  case " ${METADATA_V4} ${METADATA_V6} " in
    *" \${1#::ffff:} "*) return 0 ;;
  esac
  return 1
}

# lookup and connect are the rung's own.
probe() {
  ADDRESSES= ASKING=
  if literal "$2"; then ADDRESSES=$2; else lookup "$1" "$2"; fi
  n=0 attempts=
  for address in $ADDRESSES; do
    n=$((n + 1))
    [ $n -gt 4 ] && break
    emit trying "$1" "addr=$address"
    if metadata "$address"; then emit connect "$1" "addr=$address" err=metadata; continue; fi
    connect "$1" "$address" "$3" &
    attempts="$attempts $!=$address"
  done
  [ -z "$ASKING" ] || wait $ASKING
  literal "$2" || emit looked "$1"
  first=
  for attempt in $attempts; do
    wait "\${attempt%%=*}" && first=\${first:-\${attempt#*=}}
  done
  if [ "$4" = 1 ] && [ -n "$first" ] && has openssl; then tls "$1" "$2" "$3" "$first"; fi
}

probe_all() {
  has openssl || emit limit - code=no_tls
  proxies
  resolver
  while [ $# -ge 5 ]; do
    probe "$1" "$2" "$3" "$4" </dev/null &
    shift 5
  done
  wait
  emit done -
}
`;
