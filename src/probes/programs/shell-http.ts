/** The part of the shell rungs that speaks HTTP: one HEAD request, and a CONNECT to the environment's proxy. `exchange` is the rung's own. */

export const SHELL_HTTP = `# answer_in TEXT: an answer's status and telling headers, as fields in FIELDS, one a line; 1: no answer.
answer_in() {
  FIELDS=
  IFS=$NEWLINE
  for text in $1; do
    text=\${text#< }
    text=\${text%"$CR"}
    value=\${text#*:}
    value=\${value# }
    value=\${value%%"$TAB"*}
    # A record goes out in one write; the rest of a long URL is its query.
    [ \${#value} -le 3000 ] || value=$(printf %.3000s "$value")
    case $FIELDS:$text in
      :HTTP/[12]*' '[2-5][0-9][0-9]*) value=\${text#* }; FIELDS="status=\${value%% *}" ;;
      :*) ;;
      *:[Ll][Oo][Cc][Aa][Tt][Ii][Oo][Nn]:*) FIELDS="$FIELDS\${NEWLINE}location=$value" ;;
      *:[Vv][Ii][Aa]:*) FIELDS="$FIELDS\${NEWLINE}via=$value" ;;
      *:[Ss][Ee][Rr][Vv][Ee][Rr]:*) FIELDS="$FIELDS\${NEWLINE}server=$value" ;;
    esac
  done
  IFS=" $TAB$NEWLINE"
  [ -n "$FIELDS" ]
}

# failure ALLOWED_MS: why there is no answer in OUT, as the record has it, into FIELDS.
failure() {
  case $OUT in
    *[Rr]efused*) FIELDS=err=ECONNREFUSED ;;
    *[Rr]eset*) FIELDS=err=ECONNRESET ;;
    *'o route'*) FIELDS=err=EHOSTUNREACH ;;
    *nreachable*) FIELDS=err=ENETUNREACH ;;
    *'not permitted'*) FIELDS=err=EPERM ;;
    *'ermission denied'*) FIELDS=err=EACCES ;;
    *) FIELDS=err=closed; [ "$MS" -lt $(($1 - 50)) ] || FIELDS=err=timeout ;;
  esac
}

# with_fields FIELD...: emits them and what is in FIELDS.
with_fields() {
  IFS=$NEWLINE
  set -- "$@" $FIELDS
  IFS=" $TAB$NEWLINE"
  emit "$@"
}

# http ID HOST PORT TLS PATH ADDRESS: by the shell's own means where it has some, else by curl or openssl; none: says nothing.
http() {
  authority=\${2%.}
  case $2 in *:*) authority="[$2]" ;; esac
  case $4:$3 in 0:80 | 1:443) ;; *) authority=$authority:$3 ;; esac
  REQUEST="HEAD $5 HTTP/1.1$CR\${NEWLINE}Host: $authority$CR\${NEWLINE}Accept: */*$CR\${NEWLINE}Connection: close$CR$NEWLINE$CR$NEWLINE"
  clock
  start=$NOW
  if [ "$4" = 0 ] && [ $EXCHANGE != none ]; then
    exchange "$CONNECT" "$6" "$3"
  elif [ -n "$CURL" ]; then
    if [ "$4" = 1 ]; then url https "$2" "$3" "$5"; else url http "$2" "$3" "$5"; fi
    curl_to "$CONNECT" "$2" "$3" "$6" -I "$URL"
  elif [ "$4" = 1 ] && [ $TLS_TOOL = openssl ]; then
    openssl_to converse "$2" "$3" "$6" -quiet -ign_eof -verify_return_error
  else
    return
  fi
  since "$start"
  answer_in "$OUT" || failure "$CONNECT"
  with_fields http "$1" "addr=$6" "ms=$MS"
}

# As most clients read it: names and what ends in them, with or without a leading dot, and "*".
is_direct() {
  IFS=", $TAB$NEWLINE"
  for entry in \${no_proxy:-\${NO_PROXY-}}; do
    IFS=" $TAB$NEWLINE"
    [ "$entry" != '*' ] || return 0
    case $entry in
      *:*:*) ;;
      *:*) [ "\${entry##*:}" = "$2" ] || continue; entry=\${entry%:*} ;;
    esac
    entry=\${entry#\\*}
    entry=\${entry#.}
    [ -n "$entry" ] || continue
    case $1 in "$entry" | *".$entry") return 0 ;; esac
  done
  IFS=" $TAB$NEWLINE"
  return 1
}

# The proxy that the environment names for HOST PORT TLS, into VARIABLE, PROXY_HOST, PROXY_PORT and SCHEME.
proxy_of() {
  names='http_proxy HTTP_PROXY all_proxy ALL_PROXY' value=
  [ "$3" = 0 ] || names='https_proxy HTTPS_PROXY all_proxy ALL_PROXY'
  for VARIABLE in $names; do
    eval "value=\\\${$VARIABLE-}"
    [ -z "$value" ] || break
  done
  [ -n "$value" ] || return 1
  ! is_direct "$1" "$2" || return 1
  SCHEME=http
  case $value in *://*) SCHEME=\${value%%://*} value=\${value#*://} ;; esac
  value=\${value##*@}
  value=\${value%%/*}
  PROXY_PORT=1080
  [ "$SCHEME" != http ] || PROXY_PORT=80
  case $value in
    \\[*\\]:*) PROXY_PORT=\${value##*:} value=\${value%:*} ;;
    *:*:*) ;;
    *:*) PROXY_PORT=\${value##*:} value=\${value%:*} ;;
  esac
  value=\${value#\\[}
  PROXY_HOST=\${value%\\]}
  case $PROXY_HOST in '' | -* | *[!A-Za-z0-9._:-]*) return 1 ;; esac
  case $PROXY_PORT in '' | *[!0-9]*) return 1 ;; esac
}

# The proxy's own address, into ADDRESSES, by whatever looks names up here.
proxy_address() {
  ADDRESSES=
  if literal "$PROXY_HOST"; then
    keep "$PROXY_HOST"
  elif [ $LIBRARY = getent ]; then
    getent_of "$PROXY_HOST" "$LOOKUP"
  elif [ $TOOL != none ]; then
    ask_hosts - "$PROXY_HOST" >/dev/null || plain_address "$PROXY_HOST"
  else
    lookup - "$PROXY_HOST" "$PROXY_PORT" >/dev/null
  fi
  in_order
  for address in $ADDRESSES; do break; done
  [ -n "$ADDRESSES" ]
}

# proxy ID HOST PORT TLS: once PROXY_HOST is known. The time of a connection to it, and as much for its answer.
proxy() {
  trap ending TERM PIPE
  clock
  start=$NOW
  OUT= MS=0
  to=\${2%.}:$3
  case $2 in *:*) to="[$2]:$3" ;; esac
  REQUEST="CONNECT $to HTTP/1.1$CR\${NEWLINE}Host: $to$CR$NEWLINE$CR$NEWLINE"
  if [ "$SCHEME" != http ]; then
    FIELDS=err=scheme
  elif ! proxy_address; then
    FIELDS=err=lookup
  elif metadata "$address"; then
    FIELDS=err=metadata
  else
    connected=
    if [ $EXCHANGE != none ]; then
      exchange $((2 * CONNECT)) "$address" "$PROXY_PORT"
    else
      url http "$address" "$PROXY_PORT" ''
      proxy=$URL
      url telnet "$2" "$3" ''
      in_seconds "$CONNECT"
      seconds=$S
      in_seconds $((2 * CONNECT))
      capture $((2 * CONNECT + 1000)) curl -q -sS -v --noproxy '' -x "$proxy" -p --connect-timeout "$seconds" -m "$S" -t X=1 "$URL"
      case $OUT in *'* Connected'* | *'* Established'* | *'Establish HTTP proxy tunnel'*) connected=1 ;; *) connected=0 ;; esac
    fi
    since "$start"
    answer_in "$OUT" || failure $((2 * CONNECT))
    case $FIELDS:$connected in
      err=timeout:0 | err=closed:0) FIELDS=err=ETIMEDOUT ;;
      err=timeout:) FIELDS='text=no answer by a tool that does not say whether it connected' ;;
    esac
  fi
  since "$start"
  with_fields proxy "$1" "name=$VARIABLE" "host=$PROXY_HOST" "port=$PROXY_PORT" "ms=$MS"
}
`;
