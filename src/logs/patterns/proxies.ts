/** What proxies that stand in a call's way print: Envoy (a mesh's, a gateway's) and its answers, nginx, HAProxy; used by `all.ts`. */
import type { FailureClass } from '../../core/model/logs.ts';
import { ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';

const envoy = rowsOf('envoy');
const nginx = rowsOf('nginx');
const haproxy = rowsOf('haproxy');

/** source/common/router/router.cc and source/common/http/utility.cc of Envoy: the body of the 503 that a client behind it logs. */
const RESET = `upstream connect error or disconnect/reset before headers\\.[^\\n]{0,60}? ?reset reason: `;
const REFUSED = `delayed[_ ]connect[_ ]error:[_ ](?:111|Connection[_ ]refused)`;
const UNREACHABLE = `delayed[_ ]connect[_ ]error:[_ ](?:101|113|N[eo][a-z]{0,8}[_ ](?:is[_ ]unreachable|route))`;

/** What follows the flags in the access log (%RESPONSE_FLAGS%) where no connection to the other side came about. */
const UF_REASONS: readonly (readonly [FailureClass, string])[] = [
  ['connect_refused', `[^\\n]{0,300}?${REFUSED}`],
  ['unreachable', `[^\\n]{0,300}?${UNREACHABLE}`],
  ['tls_failed', `[^\\n]{0,300}?TLS_error`],
  ['connect_timeout', `[^\\n"]{0,200}?connection_timeout`],
];
/** Of calls that leave the pod: the cluster's name tells port and host (Istio's `outbound|PORT|SUBSET|HOST`), or the address that was dialled. */
const LEAVING = `[^\\n]{0,2500}? (?:outbound\\|${PORT}\\|[^|\\s]{0,63}\\|${HOST}|"${ADDRESS_PORT}" PassthroughCluster)`;
const STATUS = `" \\d{1,3}`;
/** source/common/stream_info/utility.h; newer proxies print the flag for "no more attempts" first. */
const UF = `${STATUS} UF|${STATUS} URX,UF`;
/** The same as JSON, where `unwrap-json.ts` leaves the field's name. */
const JSON_UF = `"response_flags":"UF|"response_flags":"URX,UF`;
const JSON_LEAVING = `^[^"]{0,40}"[\\s\\S]{0,800}?outbound\\|${PORT}\\|[^|\\s]{0,63}\\|${HOST}`;

const ENVOY: readonly FailurePattern[] = [
  envoy('connect_refused', 3, `${RESET}[^\\n]{0,120}?${REFUSED}`),
  envoy('unreachable', 3, `${RESET}[^\\n]{0,120}?${UNREACHABLE}`),
  envoy('tls_failed', 3, `${RESET}[^\\n]{0,120}?TLS[_ ]error`),
  envoy('connect_timeout', 3, `${RESET}connection timeout`),
  envoy('connection_reset', 3, `${RESET}(?:connection termination|remote reset)`),
  envoy('other', 2, `upstream connect error or disconnect/reset before headers`),
  ...UF_REASONS.map(([failure, reason]) => envoy(failure, 3, UF, { cause: `^${reason}${LEAVING}` })),
  envoy('connection_reset', 3, `${STATUS} UC|${STATUS} URX,UC`, {
    cause: `^[^\\n"]{0,200}?connection_termination${LEAVING}`,
  }),
  envoy('lookup_failed', 3, `${STATUS} DF `, { cause: `^${LEAVING}` }),
  envoy('other', 2, UF, { cause: `^${LEAVING}` }),
  envoy('connect_refused', 3, JSON_UF, { cause: `${JSON_LEAVING}[\\s\\S]{0,800}?${REFUSED}` }),
  envoy('unreachable', 3, JSON_UF, { cause: `${JSON_LEAVING}[\\s\\S]{0,800}?${UNREACHABLE}` }),
  envoy('tls_failed', 3, JSON_UF, { cause: `${JSON_LEAVING}[\\s\\S]{0,800}?TLS_error` }),
  envoy('other', 2, JSON_UF, { cause: JSON_LEAVING }),
];

/** src/http/ngx_http_upstream.c and ngx_http_log_error_handler: the other side stands behind who asked and what. */
const UPSTREAM = `^[^\\n]{0,4000}?upstream: "[a-z]{2,8}://${ADDRESS_PORT}`;
const CONNECTING = ' while connecting to upstream, client: ';
const HANDSHAKING = ' while SSL handshaking to upstream, client: ';
const READING = ' while (?:reading response header from|reading|sending request to) upstream, client: ';

const toldWhole = (failure: FailureClass, source: string, cause?: string): FailurePattern =>
  nginx(failure, 3, source, { placeWhole: true, ...(cause !== undefined && { cause }) });
const toUpstream = (failure: FailureClass, source: string): FailurePattern => toldWhole(failure, source, UPSTREAM);

const NGINX: readonly FailurePattern[] = [
  toUpstream('connect_timeout', `upstream timed out \\(110: [^)\\n]{1,40}\\)${CONNECTING}`),
  toUpstream('connect_refused', `connect\\(\\) failed \\(111: Connection refused\\)${CONNECTING}`),
  toUpstream('unreachable', `connect\\(\\) failed \\((?:101|113): [^)\\n]{1,40}\\)${CONNECTING}`),
  toUpstream('tls_failed', `upstream timed out \\(110: [^)\\n]{1,40}\\)${HANDSHAKING}`),
  toldWhole(
    'tls_failed',
    '(?:SSL_do_handshake\\(\\) failed|upstream SSL certificate )',
    `^[^\\n]{0,400}?${HANDSHAKING}${UPSTREAM.slice(1)}`,
  ),
  toUpstream('connection_reset', `peer closed connection in SSL handshake[^\\n]{0,60}?${HANDSHAKING}`),
  toUpstream('read_timeout', `upstream timed out \\(110: [^)\\n]{1,40}\\)${READING}`),
  toUpstream('connection_reset', `(?:recv|send|readv)\\(\\) failed \\(104: Connection reset by peer\\)${READING}`),
  toUpstream('connection_reset', `upstream prematurely closed connection${READING}`),
  // ngx_resolver_strerror.
  toldWhole('name_not_found', `${HOST} could not be resolved \\(3: Host not found\\)`),
  toldWhole('lookup_failed', `${HOST} could not be resolved \\((?:2|5|110): [^)\\n]{1,40}\\)`),
  toldWhole('lookup_failed', `host not found in (?:upstream|resolver) "${HOST}(?::\\d{1,5})?"`),
];

/**
 * HAProxy's configuration manual, "Session state at disconnection": `sC` is the clock of the connect. Of checks: src/check.c,
 * chk_report_conn_err, which puts the words of the system in brackets behind its own where it has some.
 */
const CHECK = `erver [\\w.<>/-]{1,200} (?:is DOWN|failed), reason: `;

const L4_PROBLEM = `${CHECK}Layer4 connection problem, info: "(?:[^"\\n]{1,60} \\()?`;

const HAPROXY: readonly FailurePattern[] = [
  haproxy('connect_timeout', 3, `/-1/\\+?-?\\d{1,9}(?:/\\+?\\d{1,9})? (?:50[34] )?\\+?\\d{1,12} (?:- - )?sC[-\\s]`),
  haproxy('other', 2, `/-1/\\+?-?\\d{1,9}(?:/\\+?\\d{1,9})? (?:50[23] )?\\+?\\d{1,12} (?:- - )?SC[-\\s]`),
  haproxy('connect_timeout', 3, `${CHECK}Layer4 timeout`),
  haproxy('connect_refused', 3, `${L4_PROBLEM}(?:Connection refused|ECONNREFUSED)`),
  haproxy('unreachable', 3, `${L4_PROBLEM}(?:No route to host|Network is unreachable|ENETUNREACH)`),
  haproxy('other', 2, `${CHECK}Layer4 connection problem`),
  haproxy('tls_failed', 3, `${CHECK}Layer6 (?:timeout|invalid response)`),
  haproxy('read_timeout', 3, `${CHECK}Layer7 timeout`),
];

export const PROXIES: readonly FailurePattern[] = [ENVOY, NGINX, HAPROXY].flat();
