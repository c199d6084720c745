/** Error texts of Go's net and net/http, taken from real runs; `lookup` in the text means the destination was never dialled. */
import { ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf, START, URL_TEXT } from '../failure-pattern.ts';

const goNet = rowsOf('go net');

const LOOKUP = `lookup ${HOST}(?: on [0-9a-fA-F.:\\[\\]]{2,60})?: `;
const DIAL = `dial (?:tcp|udp)[46]? ${ADDRESS_PORT}: `;

const pgx = rowsOf('pgx');
/** pgconn/errors.go: each attempt with its address and, in brackets, the name. */
const PGX = `${START}${ADDRESS_PORT} \\(${HOST}\\): `;
const PGX_REASONS: readonly (readonly [FailurePattern['class'], string])[] = [
  ['connect_refused', 'connection refused'],
  ['connect_timeout', '(?:i/o timeout|connection timed out)'],
  ['unreachable', '(?:no route to host|network is unreachable)'],
  ['connection_reset', 'connection reset by peer'],
];

export const GO: readonly FailurePattern[] = [
  goNet('name_not_found', 3, `${LOOKUP}no such host`),
  goNet(
    'lookup_failed',
    3,
    `${LOOKUP}(?:read udp [^\\n]{0,120}|dial udp [^\\n]{0,120}|write udp [^\\n]{0,120})?(?:i/o timeout|connection refused|operation not permitted)`,
  ),
  goNet(
    'lookup_failed',
    3,
    `${LOOKUP}(?:server misbehaving|Temporary failure in name resolution|device or resource busy|context deadline exceeded|operation was canceled)`,
  ),
  goNet('connect_timeout', 3, `${DIAL}(?:i/o timeout|connect: connection timed out)`),
  goNet('connect_refused', 3, `${DIAL}connect: connection refused`),
  goNet(
    'unreachable',
    3,
    `${DIAL}connect: (?:network is unreachable|no route to host|cannot assign requested address)`,
  ),
  goNet('unreachable', 3, `${DIAL}connect: (?:operation not permitted|permission denied)`),
  goNet('connect_timeout', 3, `dial tcp ${HOST}:${PORT}: i/o timeout`),
  goNet('tls_failed', 3, `net/http: TLS handshake timeout`),
  goNet('tls_failed', 3, `x509: certificate is valid for [^\\n]{1,200}?, not ${HOST}`),
  goNet(
    'tls_failed',
    3,
    `x509: |tls: (?:failed to verify|first record does not look|handshake failure|bad certificate|internal error)`,
  ),
  goNet(
    'connection_reset',
    3,
    `(?:read|write) tcp [^\\n]{0,60}->${ADDRESS_PORT}: (?:read|write): connection reset by peer`,
  ),
  goNet('read_timeout', 3, `read tcp [^\\n]{0,60}->${ADDRESS_PORT}: i/o timeout`),
  goNet('read_timeout', 3, `net/http: timeout awaiting response headers`),
  pgx('read_timeout', 3, `${PGX}failed to receive message: timeout`),
  pgx('connection_reset', 3, `${PGX}failed to receive message: [^\\n]{0,160}connection reset by peer`),
  ...PGX_REASONS.map(([failure, words]) => pgx(failure, 3, `${PGX}dial error: [^\\n]{0,160}${words}`)),
  goNet('connection_reset', 3, `[A-Z][a-z]{2,6} "${URL_TEXT}": EOF`),
  goNet('connection_reset', 3, `[A-Z][a-z]{2,6} "${URL_TEXT}": unexpected EOF`),
  goNet('connection_reset', 3, `[A-Z][a-z]{2,6} "${URL_TEXT}": http2: client connection lost`),
  goNet('connection_reset', 3, `write tcp [^\\n]{0,60}->${ADDRESS_PORT}: write: broken pipe`),
  goNet('read_timeout', 3, `(?:read|write) tcp [^\\n]{0,60}->${ADDRESS_PORT}: (?:read|write): connection timed out`),
  goNet('read_timeout', 3, `http2: timeout awaiting response headers`),
  goNet('tls_failed', 3, `http: server gave HTTP response to HTTPS client`),
  // Seen in real runs both for a dropped SYN and for a peer that accepts and never answers: it only tells whose clock ran out.
  goNet('other', 2, `Client\\.Timeout exceeded|context deadline exceeded`),
  goNet(
    'http_denied',
    2,
    `proxyconnect tcp: |[A-Z][a-z]{2,6} "https?://[^"\\n]{1,2000}": (?:Proxy Authentication Required|Forbidden)`,
  ),
];
