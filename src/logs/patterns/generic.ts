/** Words of the C library and errno names that every stack shares; the last resort of `classify.ts`. */
import { type FailurePattern, rowsOf } from '../failure-pattern.ts';

const shared = rowsOf(undefined);
const envoy = rowsOf('envoy');
const near = { placeNear: true } as const;

export const GENERIC: readonly FailurePattern[] = [
  shared('lookup_failed', 1, 'Temporary failure in name resolution|EAI_AGAIN|[Cc]ould not resolve host', near),
  shared('name_not_found', 1, 'Name or service not known|ENOTFOUND|[Nn]o such host|NXDOMAIN', near),
  shared('connect_refused', 1, '[Cc]onnection refused|ECONNREFUSED', near),
  shared('connect_timeout', 1, '[Cc]onnect(?:ion)? timed out|ETIMEDOUT|[Cc]onnection attempt timed out', near),
  shared('unreachable', 1, '[Nn]o route to host|[Nn]etwork is unreachable|EHOSTUNREACH|ENETUNREACH', near),
  shared('connection_reset', 1, '[Cc]onnection reset by peer|ECONNRESET', near),
  shared(
    'tls_failed',
    1,
    '[Cc]ertificate verify failed|unable to get local issuer certificate|certificate has expired|wrong version number',
    near,
  ),
  shared('http_denied', 1, 'Tunnel connection failed: 40[37]|Proxy Authentication Required', near),
  shared('other', 1, 'timeout expired|i/o timeout', near),
  envoy('http_denied', 2, 'BlackHoleCluster|RBAC: access denied'),
];
