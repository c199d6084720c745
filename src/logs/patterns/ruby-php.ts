/** Error texts of Ruby's Net::HTTP and Faraday, and of PHP's curl, Guzzle, streams and PDO. */
import { type FailurePattern, HOST, PORT, rowsOf, URL_TEXT } from '../failure-pattern.ts';
import { forReasons } from '../reasons.ts';

const ruby = rowsOf('ruby');
const php = rowsOf('php');

/** net/http.rb, connect. */
const OPEN = `Failed to open TCP connection to ${HOST}:${PORT} \\(`;
const SOCKET = `stream_socket_client\\(\\): Unable to connect to (?:tcp|ssl|tls)://${HOST}:${PORT} \\(`;
const FILE = `\\(${URL_TEXT}\\): [Ff]ailed to open stream: `;

const RUBY: readonly FailurePattern[] = [
  ...forReasons(ruby, `${OPEN}(?:getaddrinfo(?:\\(3\\))?: )?`),
  ruby('connect_timeout', 3, `${OPEN}execution expired`),
  ruby('connect_timeout', 3, `Net::OpenTimeout|Errno::ETIMEDOUT`),
  ruby('read_timeout', 3, `Net::ReadTimeout`),
  ruby('tls_failed', 3, `OpenSSL::SSL::SSLError|SSL_connect returned=1|SSL_connect SYSCALL`),
  ruby('connection_reset', 3, `SSL_connect SYSCALL returned=5 errno=(?:0|104)|Errno::ECONNRESET|Errno::EPIPE`),
  ruby('connection_reset', 2, `end of file reached \\(EOFError\\)|EOFError: end of file reached`),
  ruby(
    'http_denied',
    2,
    `Net::HTTPClientException[^\\n]{0,40} 40[37] |40[37] "(?:Proxy Authentication Required|Forbidden)" \\(Net::HTTP`,
  ),
];

/** curl's own numbers (libcurl-errors(3)) are told by PHP and Guzzle in front of curl's words, which `command-line.ts` knows. */
const PHP: readonly FailurePattern[] = [
  php('connect_timeout', 3, `cURL error 28: (?:Connection|Resolving) timed out`),
  php('tls_failed', 3, `cURL error 28: SSL connection timeout|cURL error (?:35|51|58|60|77|83|90|91): `),
  php('read_timeout', 3, `cURL error 28: Operation timed out`),
  php('lookup_failed', 3, `cURL error [56]: `),
  php('connection_reset', 3, `cURL error (?:52|55|56): `),
  php('connection_reset', 3, `cURL error 35: [^\\n]{0,120}(?:Connection reset|SSL_ERROR_SYSCALL|unexpected eof)`),
  php('http_denied', 3, `cURL error 56: [^\\n]{0,80}(?:40[37]|CONNECT)`),
  php('other', 2, `cURL error 7: `),
  ...forReasons(php, `php_network_getaddresses: getaddrinfo (?:for ${HOST} )?failed: `),
  ...forReasons(php, SOCKET),
  ...forReasons(php, FILE),
  php('read_timeout', 2, `${FILE}HTTP request failed`),
  php('tls_failed', 3, `SSL operation failed with code|Failed to enable crypto|SSL: Handshake timed out`),
  php('connection_reset', 2, `SSL: Connection reset by peer`),
  ...forReasons(
    php,
    `SQLSTATE\\[HY000\\] \\[2002\\] (?:php_network_getaddresses: getaddrinfo (?:for ${HOST} )?failed: )?`,
  ),
];

export const RUBY_PHP: readonly FailurePattern[] = [RUBY, PHP].flat();
