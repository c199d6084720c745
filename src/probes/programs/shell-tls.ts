/**
 * The part of the shell rungs that shakes hands by TLS, with openssl or curl, and the way they all call curl. Neither sends
 * anything after the handshake: openssl because its input is empty, curl because it is told to expect a key that no server has,
 * which it compares after all else and before its request (https://curl.se/docs/manpage.html#--pinnedpubkey; exit code 90).
 */
export const SHELL_TLS = `CURL= CURL_TLS= CURL_TELNET=
find_curl() {
  has curl || return
  # It would write a file.
  unset SSLKEYLOGFILE
  capture 6000 curl -q --version
  case $OUT in 'curl '[0-9]*.[0-9]*) ;; *) return ;; esac
  CURL=1 major=\${OUT#curl } minor=\${OUT#curl *.}
  major=\${major%%.*} minor=\${minor%%[!0-9]*}
  case $OUT in *telnet*) CURL_TELNET=1 ;; esac
  # Keys to expect: 7.39, in the form used here 7.44.
  case $OUT in *https*) [ "$((major * 1000 + minor))" -lt 7044 ] || CURL_TLS=1 ;; esac
}

# url SCHEME HOST PORT PATH: into URL.
url() {
  case $2 in
    *:*) URL="$1://[$2]:$3$4" ;;
    *) URL="$1://\${2%.}:$3$4" ;;
  esac
}

# curl_to MS HOST PORT ADDRESS ARGUMENT... [URL]: no file of settings, no proxy, no redirects, exactly the address under test.
curl_to() {
  allowed=$1 to="\${2%.}:$3:$4" host=$2
  shift 4
  in_seconds "$allowed"
  literal "$host" || set -- --resolve "$to" "$@"
  capture $((allowed + 1000)) curl -q -sS -v --noproxy '*' --connect-timeout "$S" -m "$S" -o /dev/null "$@"
}

# kept TEXT: what the reader needs of it, into KEPT: the lines that tell something, then the first certificate.
kept() {
  KEPT= pem= inside=
  IFS=$NEWLINE
  for text in $1; do
    case $text in
      *-----BEGIN\\ CERT*) [ "$inside" = done ] || inside=yes ;;
    esac
    if [ "$inside" = yes ]; then
      pem="$pem$text$NEWLINE"
      case $text in *-----END*) inside=done ;; esac
      continue
    fi
    case $text in
      *Verify\\ return\\ code* | *errno* | *:error:* | *alert* | *New,* | *Protocol*:* | *handshake\\ has\\ read* | SSL_connect:*hello*) ;;
      \\*\\ Connected* | \\*\\ Established* | \\*\\ ALPN* | \\**Client\\ hello* | \\**SSL* | \\**[a-z]\\ date:* | \\**issuer:* | \\**ertificate* | '{ ['* | curl:* | =*) ;;
      *) continue ;;
    esac
    KEPT="$KEPT$text$NEWLINE"
  done
  IFS=" $TAB$NEWLINE"
}

# openssl_to RUN HOST PORT ADDRESS FLAG...: RUN is capture or converse. A second more than the handshake needs, for its own
# start: cut off early, it would look like a server that stalls.
openssl_to() {
  run=$1 host=$2 to=$4:$3
  case $4 in *:*) to="[$4]:$3" ;; esac
  shift 4
  if literal "$host"; then set -- "$@" -verify_ip "$host"; else set -- "$@" -servername "\${host%.}" -verify_hostname "\${host%.}"; fi
  $run $((CONNECT + 1000)) openssl s_client -connect "$to" "$@"
}

tls_openssl() {
  clock
  start=$NOW
  openssl_to capture "$2" "$3" "$4" -state
  since "$start"
  kept "$OUT"
  lines openssl "$1" "$KEPT$pem"
  emit end "$1" tool=openssl "exit=$CODE" "ms=$MS"
  case $OUT in *BEGIN\\ CERT*'erify return code: 0 '*) ;; *) return 1 ;; esac
}

NO_KEY=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
# Where the certificate was refused, once more without judging it: who is it that answers?
tls_curl() {
  url https "$2" "$3" /
  clock
  start=$NOW
  curl_to "$CONNECT" "$2" "$3" "$4" --pinnedpubkey "$NO_KEY" -w '=%{ssl_verify_result}\\n%{certs}\\n' "$URL"
  since "$start"
  kept "$OUT"
  # It says its exit code, too; bash before 5 does not know it.
  code=$CODE facts=$KEPT
  case $facts in *'curl: ('[1-9]*')'*) code=\${facts#*curl: (} code=\${code%%)*} ;; esac
  case $code:$pem in
    60: | 51:)
      curl_to "$CONNECT" "$2" "$3" "$4" -k --pinnedpubkey "$NO_KEY" -w '%{certs}\\n' "$URL"
      kept "$OUT"
      facts=$facts$KEPT
      ;;
  esac
  lines curl "$1" "$facts$pem"
  emit end "$1" tool=curl "exit=$code" "ms=$MS"
  [ "$code" = 90 ]
}

TLS_TOOL=none
find_tls() {
  if has openssl; then
    TLS_TOOL=openssl
  elif [ -n "$CURL_TLS" ]; then
    TLS_TOOL=curl
  fi
}

# tls ID HOST PORT ADDRESS; 1: not trusted, or not possible here.
tls() {
  case $TLS_TOOL in
    openssl) tls_openssl "$@" ;;
    curl) tls_curl "$@" ;;
    *) return 1 ;;
  esac
}
`;
