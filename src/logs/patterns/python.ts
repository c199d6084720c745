/** Error texts of Python's HTTP clients; texts taken from real runs of requests, urllib3, aiohttp, boto3, httpx and urllib. */
import { ADDRESS, type FailurePattern, HOST, PORT, rowsOf, URL_TEXT } from '../failure-pattern.ts';
import { forNumbers } from '../reasons.ts';

const urllib3 = rowsOf('urllib3');
const requests = rowsOf('requests');
const aiohttp = rowsOf('aiohttp');
const botocore = rowsOf('botocore');
const httpx = rowsOf('httpx');
const urllib = rowsOf('urllib');
const python = rowsOf('python');
/** Of the standard library below whichever client. */
const shared = rowsOf(undefined);

/** `HTTPSConnectionPool(host='h', port=443)`; newer versions name the connection instead of the pool. */
const POOL = `HTTPS?Connection(?:Pool)?\\(host='${HOST}', port=${PORT}\\)`;

/** asyncio's word for each failed attempt; what aiohttp makes of it says no more why. */
const ASYNCIO = `\\] Connect call failed \\('${ADDRESS}', ${PORT}`;
const AIOHTTP = `Cannot connect to host ${HOST}:${PORT} ssl:[^[\\n]{0,200}\\[Connect call failed`;

export const PYTHON: readonly FailurePattern[] = [
  // urllib3 and botocore call it a read that took too long.
  shared('tls_failed', 3, `handshake operation timed out`),
  urllib3('name_not_found', 3, POOL, {
    cause: 'Errno -[25]\\]',
  }),
  urllib3('lookup_failed', 3, POOL, { cause: '(?:NameResolutionError\\(|Errno -3\\])' }),
  // The handshake's own clock, which the pool's words call a read.
  urllib3('tls_failed', 3, `The handshake operation timed out`),
  urllib3('connect_timeout', 3, POOL, { cause: '(?:ConnectTimeoutError\\(|\\(connect timeout=|Errno 110\\])' }),
  urllib3('connect_refused', 3, POOL, { cause: 'Errno 111\\]' }),
  urllib3('unreachable', 3, POOL, { cause: 'Errno (?:101|113)\\]' }),
  urllib3('tls_failed', 3, POOL, { cause: '(?:SSLError\\(|CERTIFICATE_VERIFY_FAILED)' }),
  urllib3('connection_reset', 3, POOL, { cause: '(?:Errno 104\\]|ConnectionResetError|RemoteDisconnected)' }),
  urllib3('http_denied', 3, POOL, { cause: 'ProxyError\\([^\\n]{0,200}?40[37]' }),
  urllib3('read_timeout', 3, POOL, { cause: '(?:Read timed out|ReadTimeoutError)' }),
  ...forNumbers(urllib3, `Failed to establish a new connection: \\[Errno `, `\\]`),
  urllib3('other', 2, `${POOL}: Max retries exceeded`),
  urllib3('connect_timeout', 3, `Connection to ${HOST} timed out\\. \\(connect timeout=`),
  urllib3('lookup_failed', 2, `Failed to resolve '${HOST}' \\(\\[Errno -3\\]`),
  urllib3('name_not_found', 2, `Failed to resolve '${HOST}' \\(\\[Errno -[25]\\]`),
  requests('http_denied', 3, `40[37] Client Error: [^\\n]{0,80} for url: ${URL_TEXT}`),
  aiohttp('name_not_found', 3, `Cannot connect to host ${HOST}:${PORT} ssl:[^[\\n]{0,200}\\[Name or service not known`),
  aiohttp(
    'lookup_failed',
    3,
    `Cannot connect to host ${HOST}:${PORT} ssl:[^[\\n]{0,200}\\[(?:Temporary failure|Timeout while contacting DNS|Could not contact DNS)`,
  ),
  aiohttp('connect_refused', 3, `Cannot connect to host ${HOST}:${PORT} ssl:[^[\\n]{0,200}\\[Connection refused`),
  python('connect_refused', 3, `Errno 111${ASYNCIO}`),
  python('connect_timeout', 3, `Errno 110${ASYNCIO}`),
  python('connection_reset', 3, `Errno 104${ASYNCIO}`),
  python('unreachable', 3, `Errno (?:101|113)${ASYNCIO}`),
  // Alone it is any of the four; below one of them it names the host.
  aiohttp('other', 2, AIOHTTP),
  aiohttp('connect_refused', 2, AIOHTTP),
  aiohttp('connect_timeout', 2, AIOHTTP),
  aiohttp('connection_reset', 2, AIOHTTP),
  aiohttp('unreachable', 2, AIOHTTP),
  aiohttp('tls_failed', 3, `Cannot connect to host ${HOST}:${PORT} ssl:[^\\n]{0,200}(?:SSL|CERTIFICATE)`),
  aiohttp('unreachable', 3, `Cannot connect to host ${HOST}:${PORT} ssl:[^\\n]{0,200}(?:unreachable|No route to host)`),
  aiohttp('connection_reset', 3, `Cannot connect to host ${HOST}:${PORT} ssl:[^\\n]{0,200}Connection reset`),
  aiohttp('other', 2, `Cannot connect to host ${HOST}:${PORT}`),
  aiohttp('connect_timeout', 3, `Connection timeout to host ${URL_TEXT}`),
  aiohttp('read_timeout', 3, `Timeout on reading data from socket`),
  aiohttp('http_denied', 3, `ClientHttpProxyError: 40[37], message='[^'\\n]{0,80}', url='${URL_TEXT}`),
  botocore('connect_timeout', 3, `Connect timeout on endpoint URL: "${URL_TEXT}"`),
  botocore('read_timeout', 3, `Read timeout on endpoint URL: "${URL_TEXT}"`),
  botocore('other', 2, `Could not connect to the endpoint URL: "${URL_TEXT}"`),
  botocore('other', 2, `Failed to connect to proxy URL: "${URL_TEXT}"`),
  // botocore/exceptions.py, ConnectionClosedError.
  botocore(
    'connection_reset',
    3,
    `Connection was closed before we received a valid response from endpoint URL: "${URL_TEXT}"`,
  ),
  botocore('tls_failed', 3, `SSL validation failed for ${URL_TEXT}`),
  httpx('connect_timeout', 3, `(?:httpx|httpcore)\\.ConnectTimeout`),
  httpx('read_timeout', 3, `(?:httpx|httpcore)\\.ReadTimeout`),
  httpx('http_denied', 3, `(?:httpx|httpcore)\\.ProxyError: 40[37]`),
  urllib('name_not_found', 3, `<urlopen error \\[Errno -[25]\\]`),
  urllib('lookup_failed', 3, `<urlopen error \\[Errno -3\\]`),
  urllib('connect_refused', 3, `<urlopen error \\[Errno 111\\]`),
  urllib('unreachable', 3, `<urlopen error \\[Errno (?:101|113)\\]`),
  // urllib wraps only what fails before the response, so this is the connection, not the reply.
  urllib('connect_timeout', 3, `<urlopen error (?:timed out|\\[Errno 110\\])`),
  urllib('tls_failed', 3, `<urlopen error (?:\\[SSL|_ssl\\.c)`),
  urllib('connection_reset', 3, `<urlopen error \\[Errno 104\\]`),
  urllib('http_denied', 3, `HTTP Error 40[37]: |<urlopen error Tunnel connection failed: 40[37]`),
  shared('http_denied', 3, `Tunnel connection failed: 40[37]`),
  shared('tls_failed', 3, `certificate is not valid for '${HOST}'`),
  // Below `readinto` it was the answer that did not come; the same words elsewhere may be the connection.
  python('read_timeout', 2, `in readinto\\n(?:[^\\n]{0,200}\\n){1,3}(?:TimeoutError|socket\\.timeout): timed out`),
  python('read_timeout', 2, `The read operation timed out`),
  python('name_not_found', 2, `gaierror[:(][^\\n]{0,20}-[25]\\b`),
  python('lookup_failed', 2, `gaierror[:(][^\\n]{0,20}-3\\b`),
  python('connect_refused', 2, `ConnectionRefusedError[:(]`),
  python('connection_reset', 2, `ConnectionResetError[:(]|RemoteDisconnected`),
  python('tls_failed', 2, `\\[SSL: [A-Z_]{3,60}\\]`),
];
