/** Error texts of the JDK's clients, Apache HttpClient, OkHttp, Netty and JDBC drivers. */
import { ADDRESS, ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';

const java = rowsOf('java');
const netty = rowsOf('netty');
const apache = rowsOf('apache httpclient');
const okhttp = rowsOf('okhttp');

const APACHE = `Connect to (?:https?://)?${HOST}:${PORT} (?:\\[[^\\]\\n]{0,200}\\] )?failed: `;
/** With the address that was tried. */
const APACHE_TRIED = `Connect to (?:https?://)?${HOST}:${PORT} \\[[^\\]\\n/]{0,253}/${ADDRESS}[^\\]\\n]{0,200}\\] failed: `;
/** Reactor Netty's logger names both ends of the connection in front of the exception. */
const PEER = ` R:${HOST}/${ADDRESS_PORT}\\]`;
const NETTY = `: (?:${HOST})?/${ADDRESS_PORT}`;

export const JAVA: readonly FailurePattern[] = [
  java('name_not_found', 3, `UnknownHostException: (?:[^\\n:]{1,80}: )?${HOST}: Name or service not known`),
  // Java folds time-out, refusal and NXDOMAIN into this one exception.
  java('lookup_failed', 2, `UnknownHostException: ${HOST}`),
  java('lookup_failed', 2, `UnresolvedAddressException`),
  netty('lookup_failed', 3, `Failed to resolve '${HOST}'`),
  apache('connect_timeout', 3, `${APACHE_TRIED}(?:[Cc]onnect(?:ion)? timed out)`),
  apache('connect_refused', 3, `${APACHE_TRIED}Connection refused`),
  apache('unreachable', 3, `${APACHE_TRIED}(?:Network is unreachable|No route to host)`),
  apache('connection_reset', 3, `${APACHE_TRIED}Connection reset`),
  apache('connect_timeout', 3, `${APACHE}(?:[Cc]onnect(?:ion)? timed out|Connect timed out)`),
  apache('connect_refused', 3, `${APACHE}Connection refused`),
  apache('unreachable', 3, `${APACHE}(?:Network is unreachable|No route to host)`),
  okhttp(
    'connect_timeout',
    3,
    `failed to connect to ${HOST}/${ADDRESS} \\(port ${PORT}\\)[^\\n]{0,120}? after \\d{1,9}ms`,
  ),
  // Its own words for whatever ended the attempt; the exception below says what that was.
  okhttp('connect_refused', 3, `Failed to connect to ${HOST}/${ADDRESS_PORT}`, { cause: 'Connection refused' }),
  okhttp('connect_timeout', 3, `Failed to connect to ${HOST}/${ADDRESS_PORT}`, { cause: 'Connection timed out' }),
  okhttp('other', 2, `Failed to connect to ${HOST}/${ADDRESS_PORT}`),
  netty('http_denied', 3, `HttpProxyConnectException: [^\\n]{1,300}=> ${HOST}/[^\\n:]{1,60}:${PORT}, status: 40[37]`),
  netty('unreachable', 3, `AnnotatedNoRouteToHostException: [^\\n]{0,80}: ${HOST}/${ADDRESS_PORT}`),
  netty('connection_reset', 3, `Connection reset by peer: ${HOST}/${ADDRESS_PORT}`),
  netty('connection_reset', 3, PEER, { cause: 'Connection reset by peer' }),
  netty('read_timeout', 3, PEER, { cause: 'ReadTimeoutException' }),
  netty('read_timeout', 2, `io\\.netty\\.handler\\.timeout\\.ReadTimeoutException`),
  netty('connection_reset', 2, `NativeIoException: [^\\n]{0,60}Connection reset by peer`),
  netty('tls_failed', 3, `SslHandshakeTimeoutException`),
  netty('connect_timeout', 3, `[Cc]onnection timed out(?: after \\d{1,9} ms)?${NETTY}`),
  netty('connect_refused', 3, `Connection refused${NETTY}`),
  java(
    'connect_timeout',
    3,
    `HttpConnectTimeoutException|SocketTimeoutException: [Cc]onnect timed out|ConnectException: (?:Connection timed out|HTTP connect timed out)`,
  ),
  java('connect_refused', 3, `ConnectException: Connection refused`),
  java('unreachable', 3, `NoRouteToHostException|ConnectException: Network is unreachable`),
  java('tls_failed', 3, `SocketTimeoutException: Read timed out`, {
    cause: 'SSLSocketImpl\\.(?:startHandshake|readHandshakeRecord)',
  }),
  java('read_timeout', 3, `SocketTimeoutException: (?:Read timed out|timeout)`),
  java('other', 2, `HttpTimeoutException: request timed out`),
  // Ended where the name was sent: what filters by name, or a proxy, says no that way.
  java('connection_reset', 3, `Remote host terminated the handshake`, {
    cause: 'SocketException: Connection reset|EOFException',
  }),
  java('tls_failed', 3, `No name matching ${HOST} found`),
  java('tls_failed', 3, `No subject alternative DNS name matching ${HOST} found`),
  java('tls_failed', 3, `PKIX path building failed|SSLHandshakeException|SSLPeerUnverifiedException`),
  java('connection_reset', 3, `SocketException: (?:Connection reset|Broken pipe)`),
  java('http_denied', 3, `Tunnel failed, got: 40[37]`),
  java(
    'tls_failed',
    3,
    `SSLPeerUnverifiedException: (?:Hostname |Certificate for <)${HOST}>? (?:not verified|doesn't match)`,
  ),
  java('http_denied', 3, `Unable to tunnel through proxy\\. Proxy returns "HTTP/1\\.[01] 40[37]`),
  okhttp('http_denied', 3, `Failed to authenticate with proxy|Unexpected response code for CONNECT: 40[37]`),
  java('tls_failed', 3, `the trustAnchors parameter must be non-empty`),
  netty('connection_reset', 3, `PrematureCloseException: Connection prematurely closed (?:BEFORE|DURING) response`),
  // RealCall's clock over the whole call (OkHttp, internal/connection/RealCall.kt).
  okhttp('other', 2, `InterruptedIOException: timeout`),
  // HttpCore 4.4's RouteSpecificPool and HttpAsyncRequestExecutor, as Elasticsearch's clients pass them on.
  apache('connect_timeout', 3, `Timeout connecting to \\[(?:https?://)?${HOST}(?:/${ADDRESS})?:${PORT}\\]`),
  apache('read_timeout', 3, `[\\d,]{1,12} milliseconds timeout on connection http-outgoing-\\d{1,9} \\[ACTIVE\\]`),
  java('other', 1, `java\\.net\\.ConnectException`),
];
