/** The part of the shell rungs that walks over the targets: lookup, every address at once, TLS and HTTP on the first that connects, the proxy beside all that. */

export const SHELL_WALK = `# connections ID HOST PORT TLS PATH: to every address of ADDRESSES at once, then TLS and HTTP on the first that connects.
connections() {
  n=0 attempts= first=
  for address in $ADDRESSES; do
    n=$((n + 1))
    [ $n -gt 4 ] && break
    emit trying "$1" "addr=$address"
    if metadata "$address"; then
      emit connect "$1" "addr=$address" err=metadata
    elif [ "\${ADDRESSES# }" = "$address" ]; then
      connect "$1" "$address" "$3" && connected_to "$address" "$@"
    else
      connect "$1" "$address" "$3" &
      attempts="$attempts $!=$address"
    fi
  done
  for attempt in $attempts; do
    wait "\${attempt%%=*}" && [ -z "$first" ] || continue
    first=\${attempt#*=}
    { trap ending TERM PIPE; connected_to "$first" "$@"; } &
  done
}

# connected_to ADDRESS ID HOST PORT TLS PATH
connected_to() {
  if [ "$5" = 0 ] || tls "$2" "$3" "$4" "$1"; then
    [ "$6" = - ] || http "$2" "$3" "$4" "$5" "$6" "$1"
  fi
}

# probe ID HOST PORT TLS PATH; lookup and connect are the rung's own. What still asks name servers delays no connection.
probe() {
  trap ending TERM PIPE
  ADDRESSES= ASKING=
  if proxy_of "$2" "$3" "$4" && [ $PROXY_TOOL != none ]; then proxy "$1" "$2" "$3" "$4" & fi
  if literal "$2"; then ADDRESSES=$2; else lookup "$1" "$2"; fi
  if [ -n "$ASKING" ]; then
    { trap ending TERM PIPE; connections "$@"; wait; } &
    wait $ASKING
    emit looked "$1"
  else
    # Where nothing looks up, nothing has been looked up either, unless /etc/hosts had it.
    if ! literal "$2" && { [ -n "$ADDRESSES" ] || [ $LOOKED_UP_BY != none ]; }; then emit looked "$1"; fi
    connections "$@"
  fi
  wait
}

WANT_TLS= WANT_PATH= WANT_SECURE_PATH= WANT_NAMES= WANT_PROXY=
survey() {
  while [ $# -ge 5 ]; do
    literal "$2" || WANT_NAMES=1
    [ "$4" = 0 ] || WANT_TLS=1
    case $4:$5 in
      ?:-) ;;
      1:*) WANT_SECURE_PATH=1 ;;
      *) WANT_PATH=1 ;;
    esac
    if proxy_of "$2" "$3" "$4"; then WANT_PROXY=1; fi
    shift 5
  done
}

# What the tools at hand leave out, where it matters for the targets.
limits() {
  if [ -n "$WANT_TLS" ]; then
    case $TLS_TOOL in
      none) emit limit - code=no_tls ;;
      *) emit limit - code=no_segment ;;
    esac
  fi
  if [ -n "$WANT_PATH" ] && [ $EXCHANGE = none ] && [ -z "$CURL" ]; then emit limit - code=no_http; fi
  if [ -n "$WANT_SECURE_PATH" ]; then
    case $TLS_TOOL:$CURL in none:) emit limit - code=no_http_tls ;; esac
  fi
  if [ -n "$WANT_PROXY" ] && [ $PROXY_TOOL = none ]; then emit limit - code=no_proxy; fi
}

probe_all() {
  proxies
  resolver
  PROBES=
  while [ $# -ge 5 ]; do
    probe "$@" &
    PROBES="$PROBES $!"
    shift 5
  done
  for probe in $PROBES; do wait "$probe"; done
  emit done -
  kill $WATCHERS
  wait
}
`;
