/** The part of the shell rungs that looks names up: getent as the application does, and dig, nslookup or host as the server's own answer. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const SHELL_LOOKUP = `literal() {
  case $1 in
    *:*) return 0 ;;
    *[!0-9.]*) return 1 ;;
  esac
}

# In every spelling that a tool may take: some read one number, octal or hex digits as an IPv4 address, so only four plain
# numbers count as one; an IPv6 address may hold the IPv4 one at its end.
metadata() {
  case $1 in
    *:*[Aa]9[Ff][Ee]:[Aa]9[Ff][Ee] | *:*[Aa]9[Ff][Ee]:[Aa][Aa]02 | *:*[Aa]9[Ff][Ee]:[Aa][Aa]17 | *:6464:64[Cc]8) return 0 ;;
    *:*[Aa]9[Ff][Ee]:17 | *:*[Aa]9[Ff][Ee]:0017 | *:*[Aa]9[Ff][Ee]:2[Aa]2[Aa]) return 0 ;;
    2002:[Aa]9[Ff][Ee]:* | [Ff][Dd]00:[Ee][Cc]2:* | [Ff][Dd]00:0[Ee][Cc]2:*) return 0 ;;
    [Ff][Dd]20:[Cc][Ee]:* | [Ff][Dd]20:00[Cc][Ee]:* | [Ff][Dd]00:42:* | [Ff][Dd]00:0042:*) return 0 ;;
  esac
  case " ${METADATA_V4} ${METADATA_V6} " in
    *" \${1##*:} "* | *" $1 "*) return 0 ;;
  esac
  return 1
}

# Adds one address that a tool printed, if it is nothing but an address.
keep() {
  case $1 in
    *[!0-9A-Fa-f.:]*) return 0 ;;
    *:*:*) ;;
    0[0-9]* | *.0[0-9]* | *.*.*.*.* | *..* | .* | *.) return 0 ;;
    *.*.*.*) ;;
    *) return 0 ;;
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

# library ID FORM FIELD...: what ADDRESSES holds, as found so.
library() {
  in_order
  id=$1 form=$2
  shift 2
  for address in $ADDRESSES; do set -- "$@" "addr=$address"; done
  emit library "$id" "form=$form" "$@"
}

# lines TOOL ID TEXT: passes on what a tool printed, line by line; the reader parses it.
lines() {
  n=0
  IFS=$NEWLINE
  for text in $3; do
    n=$((n + 1))
    [ $n -gt 150 ] && break
    [ \${#text} -le 1000 ] || continue
    emit raw "$2" "tool=$1" "$text"
  done
  IFS=" $TAB$NEWLINE"
}

cut_off() { case $1 in 124 | 137 | 143) return 0 ;; *) return 1 ;; esac }

# getent_of HOST WITHIN_MS: the addresses into ADDRESSES, the exit code into CODE. An older musl's knows no ahosts.
getent_of() {
  capture "$2" getent ahosts "$1"
  if [ "$CODE" = 1 ] && [ "\${OUT#*ahosts}" != "$OUT" ]; then capture "$2" getent hosts "$1"; fi
  ADDRESSES=
  IFS=$NEWLINE
  for text in $OUT; do keep "\${text%%[ $TAB]*}"; done
  IFS=" $TAB$NEWLINE"
}

# The way the application asks; where that fails, the absolute name as the control.
ask_getent() {
  clock
  start=$NOW
  getent_of "$2" "$LOOKUP"
  since "$start"
  if [ -n "$ADDRESSES" ]; then
    library "$1" app "ms=$MS"
  elif cut_off "$CODE"; then
    emit library "$1" form=app "ms=$MS" err=timeout
  else
    emit library "$1" form=app "ms=$MS" "err=getent_$CODE"
    left=$((LOOKUP - MS))
    case $2 in *.) return ;; esac
    [ "$left" -gt 100 ] || return
    getent_of "$2." "$left"
    [ -z "$ADDRESSES" ] || library "$1" absolute
    ADDRESSES=
  fi
}

# /etc/hosts comes first for an application, and tools that ask a name server do not read it.
ask_hosts() {
  [ -r /etc/hosts ] || return 1
  while read -r address names; do
    case $address in '#'*) continue ;; esac
    for name in $names; do
      case $name in
        '#'*) break ;;
        "$2") keep "$address" ;;
      esac
    done
  done </etc/hosts
  [ -n "$ADDRESSES" ] || return 1
  library "$1" hosts
}

# keep_answers TEXT: the addresses that a tool printed for the name; those before it are the server's own.
keep_answers() {
  answer=
  IFS=$NEWLINE
  for text in $1; do
    IFS=" $TAB$NEWLINE"
    case $text in
      Name:*) answer=1 ;;
      Address*) for word in \${text#*:}; do [ -z "$answer" ] || keep "$word"; break; done ;;
      \\;*) ;;
      *' has address '* | *' has IPv6 address '* | *[$TAB' ']IN[$TAB' ']A*) keep "\${text##*[ $TAB]}" ;;
    esac
  done
  IFS=" $TAB$NEWLINE"
}

# One run of TOOL within LEFT. The final dot keeps a tool's own search list out.
run_tool() {
  wait_s=$(((LEFT + 1999) / 2000))
  case $TOOL in
    dig) capture "$LEFT" dig +nocmd +noauthority +noadditional +tries=1 "+time=$wait_s" "$1." A "$1." AAAA ;;
    host) capture "$LEFT" host "$1." ;;
    nslookup) capture "$LEFT" nslookup "$1." ;;
  esac
}

# ask_tool ID NAME FIELD...: 1: it was silent.
ask_tool() {
  clock
  start=$NOW
  run_tool "$2"
  since "$start"
  LEFT=$((LEFT - MS))
  id=$1
  shift 2
  lines "$TOOL" "$id" "$OUT"
  emit end "$id" "tool=$TOOL" "exit=$CODE" "ms=$MS" "$@"
  # Busybox's old nslookup asks through the C library, which hides what the server said.
  case $TOOL:$OUT in nslookup:*'Address 1: '* | nslookup:*"can't resolve"*) emit limit - code=no_rcode ;; esac
  cut_off "$CODE" && return 1
  case $OUT in *'timed out'* | *'no servers could'*) return 1 ;; esac
  [ "$LEFT" -gt 100 ]
}

# For a name that is no target's.
plain_address() {
  [ $TOOL != none ] || return
  LEFT=$LOOKUP
  run_tool "\${1%.}"
  keep_answers "$OUT"
}

# The name itself, and then what an application would try before it: the first search domain that makes an address of the name
# takes it, and without getent that is the address to connect to.
ask_tools() {
  LEFT=$LOOKUP
  ADDRESSES= taken= DOMAINS=
  ask_tool "$1" "\${2%.}" && domains "$2"
  keep_answers "$OUT"
  own=$ADDRESSES
  for domain in $DOMAINS; do
    ADDRESSES=
    ask_tool "$1" "$2.$domain" "suffix=$domain" || break
    [ -z "$taken" ] || continue
    keep_answers "$OUT"
    taken=$ADDRESSES
  done
  ADDRESSES=\${taken:-$own}
  if [ -n "$taken" ] && [ $LIBRARY != getent ]; then library "$1" search; else in_order; fi
}

# By curl's own resolver. It is told to connect to port 0 and from the loopback, from which no address outside can be reached: so
# it names each address and fails at once, and nothing leaves the container.
ask_curl() {
  clock
  start=$NOW
  url telnet "$2" 0 ''
  in_seconds "$LOOKUP"
  capture $((LOOKUP + 1000)) curl -q -sS -v --noproxy '*' --interface 127.0.0.1 --connect-timeout "$S" -m "$S" -o /dev/null "$URL"
  since "$start"
  ADDRESSES=
  IFS=$NEWLINE
  for text in $OUT; do
    case $text in
      '*   Trying '*) text=\${text#*Trying } text=\${text%...} ;;
      '* IPv4: '* | '* IPv6: '*) text=\${text#*: } ;;
      *) continue ;;
    esac
    IFS=' ,'
    for word in $text; do
      case $word in
        \\[*) word=\${word#\\[}; keep "\${word%%\\]*}" ;;
        *:*:*) keep "$word" ;;
        *) keep "\${word%%:*}" ;;
      esac
    done
  done
  IFS=" $TAB$NEWLINE"
  if [ -n "$ADDRESSES" ]; then
    library "$1" app "ms=$MS"
  elif cut_off "$CODE" || [ "$CODE" = 28 ]; then
    emit library "$1" form=app "ms=$MS" err=timeout
  else
    emit library "$1" form=app "ms=$MS" "err=curl_$CODE" "text=\${OUT##*"$NEWLINE"}"
  fi
}
`;
