/** Error texts of grpc-java, grpc-js and of an older C core; the newer one's stand in `services.ts`, and Go's prints what `go.ts` knows. */
import { ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';
import { forReasons } from '../reasons.ts';

const grpc = rowsOf('grpc');
const grpcJs = rowsOf('grpc-js');

export const GRPC: readonly FailurePattern[] = [
  ...forReasons(grpc, `DNS resolution failed for ${HOST}:${PORT}: [^\\n]{0,300}`),
  grpc('lookup_failed', 2, `DNS resolution failed for ${HOST}:${PORT}: `),
  grpc('lookup_failed', 3, `UNAVAILABLE: Unable to resolve host ${HOST}`),
  // grpc-java, ClientCallImpl and AbstractClientStream: whom it still waited for when the time was over.
  grpc('read_timeout', 3, `DEADLINE_EXCEEDED: [^\\n]{0,300}?remote_addr=(?:${HOST})?/${ADDRESS_PORT}`),
  grpc(
    'other',
    2,
    `DEADLINE_EXCEEDED: (?:ClientCall started after )?(?:(?:CallOptions|Context) )?(?:[Dd]eadline|context)`,
  ),
  // grpc-go, internal/transport/http2_client.go and the DNS resolver.
  grpc('tls_failed', 3, `transport: authentication handshake failed: (?!read tcp|write tcp)`),
  grpc(
    'connection_reset',
    3,
    `error reading server preface: (?:EOF|unexpected EOF|http2: frame too large|connection reset)`,
  ),
  grpc('other', 2, `error reading server preface: `),
  grpc('lookup_failed', 3, `name resolver error: produced zero addresses`),
  grpcJs('lookup_failed', 3, `14 UNAVAILABLE: Name resolution failed for target dns:(?:///)?${HOST}:${PORT}`),
  grpcJs('connect_refused', 3, `14 UNAVAILABLE: No connection established[^\\n]{0,60}ECONNREFUSED ${ADDRESS_PORT}`),
  grpcJs('connect_timeout', 3, `14 UNAVAILABLE: No connection established[^\\n]{0,60}ETIMEDOUT ${ADDRESS_PORT}`),
  grpcJs(
    'unreachable',
    3,
    `14 UNAVAILABLE: No connection established[^\\n]{0,60}(?:EHOST|ENET)UNREACH ${ADDRESS_PORT}`,
  ),
  grpcJs('connection_reset', 3, `14 UNAVAILABLE: [^\\n]{0,120}ECONNRESET`),
  grpcJs('http_denied', 3, `Failed to connect to ${HOST}:${PORT} through proxy [^\\s]{1,260} with status 40[37]`),
  grpcJs('tls_failed', 3, `14 UNAVAILABLE: No connection established[^\\n]{0,80}:SSL routines:`),
  grpcJs('other', 2, `14 UNAVAILABLE: No connection established|4 DEADLINE_EXCEEDED: `),
];
