/**
 * What the shell rungs share: records, time, how all of it ends, the resolver's configuration and the proxies. POSIX sh, tried
 * with dash, bash and busybox ash; a constant: every value comes in as an argument. No here-documents: older shells write them
 * to a file, and a pod's file system may be read-only.
 *
 * How it ends early. A watcher reads standard input and, at its end or when TOTAL_MS is over, sends TERM to everything: to the
 * process group where the shell leads one (a runtime starts an exec in a session of its own), else to its descendants as /proc
 * tells them. Tools die of it; every shell waits for its children first (`ending`), so that nothing is left to the container's
 * first process, which may never collect it. For that reason there is no `timeout`: busybox's watches from an orphan, and GNU's
 * leaves the process group.
 */
export const SHELL_COMMON = `set -f
# 9 keeps the exec's error stream open: containerd ends standard input, too, once nothing can write there any more.
exec 3<&0 9>&2 </dev/null 2>/dev/null
LC_ALL=C PATH=$PATH:/busybox
export LC_ALL PATH
TAB='\t'
NEWLINE='
'
CR=$(printf '\\r')
IFS=" $TAB$NEWLINE"
NONCE=$1 CONNECT=$2 LOOKUP=$3 TOTAL=$4
shift 4

emit() {
  record=$NONCE
  for field in "$@"; do record="$record$TAB$field"; done
  printf '%s\\n' "$record"
}

has() { command -v "$1" >/dev/null; }

# Milliseconds since boot (to 10 ms) into NOW: the one clock every container's shell can read; else whole seconds.
clock() {
  if ! read -r up idle </proc/uptime; then
    NOW=$(date +%s)000
    return
  fi
  NOW=$(((\${up%.*} * 100 + 1\${up#*.} - 100) * 10))
}

since() {
  clock
  MS=$((NOW - $1))
}

# Milliseconds as seconds with three decimals, into S.
in_seconds() {
  part=$((1000 + $1 % 1000))
  S=$(($1 / 1000)).\${part#1}
}

# doze MS: sleeps; ends early when the caller is gone. By the shell itself where its read has a time-out; 2: it cannot.
SLEEPER=
read -r -t 0.001 line </dev/null
if [ $? -le 1 ]; then
  doze() {
    in_seconds "$1"
    read -r -t "$S" line <&3
    return 0
  }
elif has sleep; then
  FINE=1
  sleep 0.001 || FINE=
  doze() {
    in_seconds "$1"
    [ -n "$FINE" ] || S=$((($1 + 999) / 1000))
    sleep "$S" &
    SLEEPER=$!
    wait "$SLEEPER"
    SLEEPER=
  }
else
  doze() { return 2; }
fi

ending() {
  trap '' TERM PIPE
  [ -z "$SLEEPER" ] || kill "$SLEEPER"
  wait
  exit 143
}

# Every process below this shell into TREE.
descendants() {
  pairs=
  set +f
  for file in /proc/[0-9]*/stat; do
    read -r line <"$file" || continue
    rest=\${line##*) }
    rest=\${rest#* }
    pairs="$pairs \${line%% *}:\${rest%% *}"
  done
  set -f
  TREE=" $$ " before=
  while [ "$before" != "$TREE" ]; do
    before=$TREE
    for pair in $pairs; do
      case $TREE in
        *" \${pair%:*} "*) continue ;;
        *" \${pair#*:} "*) TREE="$TREE\${pair%:*} " ;;
      esac
    done
  done
}

end_all() {
  trap '' TERM PIPE
  read -r line </proc/$$/stat
  rest=\${line##*) }
  rest=\${rest#* }
  rest=\${rest#* }
  if [ "\${rest%% *}" = $$ ]; then
    kill -TERM 0
  else
    descendants
    kill -TERM $TREE
  fi
}

# Ends everything when the caller is gone, or when time is up.
watch() {
  trap ending TERM PIPE
  {
    while read -r line <&3; do :; done
    end_all
  } >/dev/null &
  WATCHERS=$!
  {
    trap ending TERM PIPE
    doze "$TOTAL" && end_all
  } >/dev/null &
  WATCHERS="$WATCHERS $!"
}

SERVERS= SEARCH= NDOTS=1
resolver() {
  [ -r /etc/resolv.conf ] || { emit limit - code=no_resolv_conf; return; }
  while read -r key values; do
    case $key in search | domain) SEARCH= ;; esac
    for value in $values; do
      case $key:$value in
        nameserver:*) SERVERS="$SERVERS $value"; break ;;
        search:*[!A-Za-z0-9._-]* | domain:*[!A-Za-z0-9._-]*) ;;
        search:* | domain:*) SEARCH="$SEARCH \${value%.}" ;;
        options:ndots:*[!0-9]* | options:ndots:) ;;
        options:ndots:*) NDOTS=\${value#ndots:} ;;
        options:*) set -- "$@" "option=$value" ;;
      esac
    done
  done </etc/resolv.conf
  for value in $SERVERS; do set -- "$@" "nameserver=$value"; done
  for value in $SEARCH; do set -- "$@" "search=$value"; done
  emit resolver - "ndots=$NDOTS" "$@"
}

# The search domains that an application tries before the name itself, into DOMAINS.
domains() {
  DOMAINS= count=0 rest=$1
  case $rest in *.) return ;; esac
  while [ "$rest" != "\${rest#*.}" ]; do
    count=$((count + 1))
    rest=\${rest#*.}
  done
  [ "$count" -ge "$NDOTS" ] || DOMAINS=$SEARCH
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

# The C library's own loader tells which it is; nothing where there is neither, or both.
libc() {
  found=
  set +f
  for file in /lib/ld-musl-*.so.1; do [ ! -e "$file" ] || found=musl; done
  for file in /lib64/ld-linux*.so.? /lib/ld-linux*.so.? /lib/ld64.so.?; do
    [ ! -e "$file" ] || [ "$found" = glibc ] || found=\${found}glibc
  done
  set -f
  case $found in glibc | musl) LIBC=libc=$found ;; *) LIBC=libc= ;; esac
}
`;
