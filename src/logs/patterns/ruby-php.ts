/** Error texts of Ruby's Net::HTTP and Faraday, and of PHP's curl, Guzzle, streams and PDO. */
import { ADDRESS, ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf, URL_TEXT } from '../failure-pattern.ts';
import { forReasons } from '../reasons.ts';

const ruby = rowsOf('ruby');
const php = rowsOf('php');
const curl = rowsOf('curl');

/** net/http.rb, connect. */
const OPEN = `Failed to open TCP connection to ${HOST}:${PORT} \\(`;
const SOCKET = `stream_socket_client\\(\\): Unable to connect to (?:tcp|ssl|tls)://${HOST}:${PORT} \\(`;
/** The URL that the caller opened; redirects are followed below it (main/streams/streams.c; seen in a run of PHP 8.2). */
const FILE = `\\(${URL_TEXT}\\): [Ff]ailed to open stream: `;

const RUBY: readonly FailurePattern[] = [
  ruby('tls_failed', 3, `ssl_socket_connect': (?:Net::OpenTimeout|execution expired)`),
  ...forReasons(
    ruby,
    `${OPEN}(?:getaddrinfo(?:\\(3\\))?: )?`,
    `(?: - connect\\(2\\) for \\[?${ADDRESS}\\]?:\\d{1,5})?`,
  ),
  ruby('other', 2, `${OPEN}[^\\n]{0,80} - connect\\(2\\) for \\[?${ADDRESS}\\]?:\\d{1,5}`),
  ruby('other', 2, OPEN),
  ruby('connect_timeout', 3, `${OPEN}execution expired`),
  ruby('connect_timeout', 3, `Net::OpenTimeout|Errno::ETIMEDOUT`),
  ruby('read_timeout', 3, `Net::ReadTimeout`),
  ruby('tls_failed', 3, `OpenSSL::SSL::SSLError|SSL_connect SYSCALL`),
  ruby('tls_failed', 3, `SSL_connect returned=1 errno=\\d{1,4} (?:peeraddr=${ADDRESS_PORT} )?state=`),
  ruby('connection_reset', 3, `SSL_connect SYSCALL returned=5 errno=(?:0|104)|Errno::ECONNRESET|Errno::EPIPE`),
  ruby('connection_reset', 2, `end of file reached \\(EOFError\\)|EOFError: end of file reached`),
  ruby(
    'http_denied',
    2,
    `Net::HTTPClientException[^\\n]{0,40} 40[37] |40[37] "(?:Proxy Authentication Required|Forbidden)" \\((?:Net::HTTP|Faraday::)`,
  ),
];

/** curl's own numbers (libcurl-errors(3)) are told by PHP and Guzzle in front of curl's words, which `command-line.ts` knows. */
const PHP: readonly FailurePattern[] = [
  curl('connection_reset', 3, `cURL error 35: [^\\n]{0,120}(?:Connection reset|SSL_ERROR_SYSCALL|unexpected eof)`),
  curl('http_denied', 3, `cURL error 22: [^\\n]{0,80}40[37]`),
  curl('connect_timeout', 3, `cURL error 28: (?:Connection|Resolving) timed out`),
  curl('connect_timeout', 3, `cURL error 28: Failed to connect to ${HOST} port ${PORT}`),
  curl('tls_failed', 3, `cURL error 28: SSL connection timeout|cURL error (?:35|51|58|60|77|83|90|91): `),
  curl('read_timeout', 3, `cURL error 28: Operation timed out`),
  curl('lookup_failed', 3, `cURL error [56]: `),
  curl('connection_reset', 3, `cURL error (?:52|55|56): `),
  curl('http_denied', 3, `cURL error 56: [^\\n]{0,80}(?:40[37]|CONNECT)`),
  curl('other', 2, `cURL error 7: `),
  ...forReasons(php, `php_network_getaddresses: getaddrinfo (?:for ${HOST} )?failed: `),
  ...forReasons(php, SOCKET),
  ...forReasons((failure, weight, source) => php(failure, weight, source, { firstHop: true }), FILE),
  php('read_timeout', 2, `${FILE}HTTP request failed`, { firstHop: true }),
  php('tls_failed', 3, `SSL operation failed with code|SSL: Handshake timed out`),
  php('connection_reset', 3, `SSL: Connection reset by peer`),
  php('tls_failed', 3, `Failed to enable crypto`),
  ...forReasons(
    php,
    `SQLSTATE\\[HY000\\] \\[2002\\] (?:php_network_getaddresses: getaddrinfo (?:for ${HOST} )?failed: )?`,
  ),
];

export const RUBY_PHP: readonly FailurePattern[] = [RUBY, PHP].flat();
