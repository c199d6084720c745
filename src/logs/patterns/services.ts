/** Error texts of librdkafka and of gRPC's C core (Python, Ruby, PHP, C++), from real runs. */
import { ADDRESS, ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf, START } from '../failure-pattern.ts';
import { forReasons } from '../reasons.ts';

const kafka = rowsOf('librdkafka');
const grpc = rowsOf('grpc');

const BROKER = `${START}${HOST}:${PORT}/(?:bootstrap|\\d{1,10}): `;
/** The last attempt of a channel, which names an address alone. */
const LAST = `ipv[46]:${ADDRESS_PORT}: `;

export const SERVICES: readonly FailurePattern[] = [
  ...forReasons(kafka, `${BROKER}Connect to ipv[46]#\\[?${ADDRESS}\\]?:\\d{1,5} failed: `),
  ...forReasons(kafka, `${BROKER}Failed to resolve '[^'\\n]{1,260}': `),
  kafka('connect_timeout', 3, `${BROKER}Connection setup timed out in state (?:TRY_)?CONNECT\\b`),
  kafka('tls_failed', 3, `${BROKER}Connection setup timed out in state SSL_HANDSHAKE`),
  kafka('read_timeout', 3, `${BROKER}Connection setup timed out in state (?:APIVERSION|AUTH)`),
  kafka('read_timeout', 3, `${BROKER}[A-Za-z]{3,30}Request failed: Local: Timed out`),
  kafka('connection_reset', 3, `${BROKER}(?:SSL handshake failed: )?Disconnected: [Cc]onnection reset by peer`),
  kafka('tls_failed', 3, `${BROKER}(?:SSL handshake failed: )?error:[0-9A-F]{1,10}:SSL routines`),
  ...forReasons(grpc, `address lookup failed for ${HOST}:${PORT}: `),
  grpc('lookup_failed', 2, `address lookup failed for ${HOST}:${PORT}: `),
  ...forReasons(grpc, `${LAST}Failed to connect to remote host: (?:getsockopt\\(SO_ERROR\\): )?`),
  grpc('connect_timeout', 3, `${LAST}Failed to connect to remote host: [^\\n]{0,40}?Timeout occurred`),
  grpc('connect_timeout', 3, `connect to all addresses; last error: [A-Z_]{2,20}: ${LAST}tcp handshaker shutdown`),
  grpc('connection_reset', 3, `${LAST}[^\\n]{0,80}?Connection reset by peer`),
  grpc('tls_failed', 3, `${LAST}(?:Tls|Ssl) handshake failed`),
  grpc('http_denied', 3, `${LAST}HTTP proxy returned response code 40[37]`),
  // The caller's own clock; which step it cut off is not said.
  grpc('other', 2, `StatusCode\\.DEADLINE_EXCEEDED`),
];
