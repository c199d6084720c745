/**
 * The part of `programs/bash.ts` that asks the pod's name servers itself. Each server gets all questions of a target through one
 * socket over /dev/udp; `dd` reads the datagrams, since bash reads a byte at a time and would lose the rest of each, and drops
 * NUL bytes where it does not. Over /dev/tcp bash reads alone, byte by byte: what was silent or truncated, and everything where
 * there is no dd or od.
 */
export const BASH_DNS = `# packet NAME TYPE ID: the question as escapes of printf, into PACKET. RFC 1035, section 4.
packet() {
  local label size
  LENGTH=17
  printf -v PACKET '\\\\x%02x\\\\x%02x\\\\x01\\\\0\\\\0\\\\x01\\\\0\\\\0\\\\0\\\\0\\\\0\\\\0' $(($3 >> 8)) $(($3 & 255))
  IFS=.
  for label in $1; do
    IFS=" $TAB$NEWLINE"
    [ -n "$label" ] || continue
    printf -v size '\\\\x%02x' \${#label}
    PACKET=$PACKET$size$label
    LENGTH=$((LENGTH + 1 + \${#label}))
  done
  IFS=" $TAB$NEWLINE"
  PACKET="$PACKET\\\\0\\\\0\\\\x$2\\\\0\\\\x01"
}

# All questions of a target: by index the packet, its ID, what the record says of it, and the answer.
PACKETS=() LENGTHS=() IDS=() ASKED=() ANSWERS=() TIMES=()
question() {
  local id=$(((RANDOM % 200 + 16) * 256 + \${#IDS[@]} + 16))
  packet "$1" "$2" $id
  PACKETS+=("$PACKET")
  LENGTHS+=($LENGTH)
  IDS+=($id)
  shift 2
  ASKED+=("$*")
  ANSWERS+=('')
  TIMES+=('')
}

questions() {
  question "$1" 01 q=A
  question "$1" 1c q=AAAA
  domains "$1"
  for domain in $DOMAINS; do question "$1.$domain" 01 q=A "suffix=$domain"; done
}

# Line by line would a packet be cut where a label has ten characters: that length is a newline, and bash writes by lines.
send() {
  case $1 in
    *'\\x0a'*) printf %b "$1" | dd obs=4096 ;;
    *) printf %b "$1" ;;
  esac >&4
}

# A datagram in hex without most of the padding, into UNPADDED: 32 bytes stay, since an answer may end in zeros of its own.
printf -v ZEROS %0576d 0
unpadded() {
  local cut
  UNPADDED=$1
  for cut in 512 256 128 64; do
    [ "\${UNPADDED:\${#UNPADDED}-cut-64}" != "\${ZEROS:0:cut+64}" ] || UNPADDED=\${UNPADDED:0:\${#UNPADDED}-cut}
  done
}

# start_udp INDEX...: sends these questions and takes every datagram that comes, each padded to 512 bytes; then finish_udp MS.
start_udp() {
  local i
  REFUSED=
  for i in "$@"; do send "\${PACKETS[i]}" || REFUSED=1; done
  exec {DATAGRAMS}< <(exec dd bs=512 count=$# conv=sync <&4)
  READER=$!
  exec {HEX}< <(exec od -An -v -tx1 <&$DATAGRAMS)
  DUMPER=$!
  exec {DATAGRAMS}<&-
}

finish_udp() {
  local all i id IFS
  in_seconds "$1"
  # A port that is closed: the error of one question comes back to the next.
  [ -z "$REFUSED" ] || in_seconds 100
  IFS= read -r -d '' -t "$S" -u $HEX OUT
  if [ $? -gt 128 ]; then
    LATE=\${REFUSED:-late}
    kill $READER
    in_seconds 300
    IFS= read -r -d '' -t "$S" -u $HEX all
    OUT=$OUT$all
  fi
  exec {HEX}<&-
  wait $READER
  wait $DUMPER
  since "$ASKED_AT"
  IFS=" $TAB$NEWLINE"
  printf -v all %s $OUT
  while [ \${#all} -ge 1024 ]; do
    for i in "\${!IDS[@]}"; do
      printf -v id %04x "\${IDS[i]}"
      if [ "\${all:0:4}" = $id ] && [ -z "\${ANSWERS[i]}" ]; then
        unpadded "\${all:0:1024}"
        ANSWERS[i]=$UNPADDED
        [ -n "$LATE" ] || TIMES[i]=$MS
      fi
    done
    all=\${all:1024}
  done
}

# Runs by itself: one question over TCP; prints the answer in hex, or why there is none. At most 1800 bytes of it.
over_tcp() {
  local byte size=0 n=0 hex code
  echo $BASHPID
  exec 5<>"/dev/tcp/$1/53" || exit
  printf -v size '\\\\x%02x\\\\x%02x' $(($3 >> 8)) $(($3 & 255))
  trap '' PIPE
  printf %b "$size$2" >&5
  while IFS= read -r -d '' -n 1 byte <&5; do
    printf -v code %d "'$byte"
    printf -v hex %s%02x "$hex" $((code & 255))
    n=$((n + 1))
    [ $n != 2 ] || size=$((16#$hex))
    if [ $n -ge 2 ] && [ $n -ge $((size > 1800 ? 1802 : size + 2)) ]; then printf 'hex=%s' "\${hex:4}"; exit; fi
  done
  printf closed
}

# start_tcp SERVER INDEX..., then finish_tcp SERVER ID MS: side by side.
start_tcp() {
  local i server=$1
  shift
  TCP=() TCP_PIDS=()
  for i in "$@"; do
    exec {PIPE}< <(over_tcp "$server" "\${PACKETS[i]}" "\${LENGTHS[i]}" 2>&1)
    TCP[i]=$PIPE
    begun
    TCP_PIDS[i]=$CHILD
  done
}

finish_tcp() {
  local i fd end server=$1 id=$2 result
  clock
  end=$((NOW + $3))
  for i in "\${!TCP[@]}"; do
    clock
    in_seconds $((end > NOW ? end - NOW : 1))
    IFS= read -r -d '' -t "$S" -u "\${TCP[i]}" OUT
    if [ $? -gt 128 ]; then kill "\${TCP_PIDS[i]}"; OUT=timeout; fi
    fd=\${TCP[i]}
    exec {fd}<&-
    wait "\${TCP_PIDS[i]}"
    since "$TCP_AT"
    case $OUT in
      hex=*) result=$OUT BEST[i]=\${OUT#hex=} ;;
      timeout | *'timed out'*) result=err=timeout ;;
      *refused*) result=err=ECONNREFUSED ;;
      *) result=err=ECONNRESET ;;
    esac
    emit dns "$id" "server=$server" via=tcp \${ASKED[i]} "ms=$MS" "$result"
  done
}

# The indexes of questions that are silent or, with "cut", truncated so far, into OPEN.
open_questions() {
  local i
  OPEN=()
  for i in "\${!IDS[@]}"; do
    case $1:\${ANSWERS[i]} in
      *:) OPEN+=($i) ;;
      cut:????[89a-f][2367abef]*) OPEN+=($i) ;;
    esac
  done
}

# The addresses of an answer in hex, into ADDRESSES. RFC 1035, section 4.1.3.
addresses_in() {
  local hex=$1 at=24 n size data address
  n=$((16#\${hex:12:4}))
  past_name && at=$((at + 8)) || return
  while [ $n -gt 0 ] && past_name && [ \${#hex} -ge $((at + 20)) ]; do
    n=$((n - 1))
    size=$((16#\${hex:at+16:4}))
    data=\${hex:at+20:2*size}
    case \${hex:at:4}:\${#data} in
      0001:8) printf -v address '.%d' 0x\${data:0:2} 0x\${data:2:2} 0x\${data:4:2} 0x\${data:6:2}; keep "\${address:1}" ;;
      001c:32)
        printf -v address ':%x' 0x\${data:0:4} 0x\${data:4:4} 0x\${data:8:4} 0x\${data:12:4} 0x\${data:16:4} 0x\${data:20:4} 0x\${data:24:4} 0x\${data:28:4}
        keep "\${address:1}"
        ;;
    esac
    at=$((at + 20 + 2 * size))
  done
}

past_name() {
  while [ $at -lt \${#hex} ]; do
    size=$((16#\${hex:at:2}))
    at=$((at + 2 + 2 * size))
    [ $size != 0 ] || return 0
    [ $size -lt 192 ] || { at=$((at + 2 - 2 * size)); return 0; }
  done
  return 1
}

# Where nothing else does: the address that an application would get, from the answers of ask_server. The search list first.
take_answers() {
  local i
  ADDRESSES=
  for i in "\${!BEST[@]}"; do
    [ $i -lt 2 ] || [ -n "$ADDRESSES" ] || addresses_in "\${BEST[i]}"
  done
  [ -z "$ADDRESSES" ] || return 0
  for i in 0 1; do
    [ -z "\${BEST[i]}" ] || addresses_in "\${BEST[i]}"
  done
}

# ask_server ID HOST SERVER
ask_server() {
  trap ending TERM PIPE
  local i silent
  BEST=() PACKETS=() LENGTHS=() IDS=() ASKED=() ANSWERS=() TIMES=()
  questions "\${2%.}"
  clock
  ASKED_AT=$NOW LATE=
  if [ $DATAGRAMS_TOOL = none ]; then
    TCP_AT=$NOW
    open_questions
    start_tcp "$3" "\${OPEN[@]}"
    finish_tcp "$3" "$1" $((LOOKUP * 9 / 10))
    return
  fi
  if ! exec 4<>"/dev/udp/$3/53"; then
    emit dns "$1" "server=$3" via=udp q=A err=ENETUNREACH
    return
  fi
  open_questions
  start_udp "\${OPEN[@]}"
  finish_udp $((LOOKUP * 2 / 5))
  clock
  TCP_AT=$NOW
  open_questions cut
  start_tcp "$3" "\${OPEN[@]}"
  open_questions
  silent=\${#OPEN[@]}
  [ "$LATE" != late ] || [ $silent = 0 ] || start_udp "\${OPEN[@]}"
  finish_tcp "$3" "$1" $((LOOKUP / 2))
  clock
  [ "$LATE" != late ] || [ $silent = 0 ] || finish_udp $((ASKED_AT + LOOKUP * 19 / 20 - NOW))
  for i in "\${!IDS[@]}"; do
    set -- "$1" "$2" "$3" "hex=\${ANSWERS[i]}"
    BEST[i]=\${BEST[i]:-\${ANSWERS[i]}}
    if [ -z "\${ANSWERS[i]}" ]; then
      set -- "$1" "$2" "$3" err=ECONNREFUSED
      [ "$LATE" != late ] || set -- "$1" "$2" "$3" err=timeout
    fi
    emit dns "$1" "server=$3" via=udp \${ASKED[i]} \${TIMES[i]:+ms=\${TIMES[i]}} "$4"
  done
}
`;
