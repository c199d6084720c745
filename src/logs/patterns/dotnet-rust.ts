/** Error texts of .NET's HttpClient and Rust's reqwest and hyper, from their sources and documentation; of .NET some only as others' programs printed them. */
import { ADDRESS_PORT, type FailurePattern, HOST, PORT, rowsOf, URL_TEXT } from '../failure-pattern.ts';

const dotnet = rowsOf('.net');
const reqwest = rowsOf('reqwest');
const redis = rowsOf('stackexchange.redis');
const npgsql = rowsOf('npgsql');
const mySqlConnector = rowsOf('mysqlconnector');
const sqlClient = rowsOf('sqlclient');

const DOTNET_PLACE = ` \\(${HOST}:${PORT}\\)`;
/** The URL of the request that was made: redirects are followed below it (reqwest 0.13, src/async_impl/client.rs, `PendingRequest::poll`). */
const firstHop = true;
const REQWEST = `error sending request for url \\(${URL_TEXT}`;
const REQWEST_CAUSES: readonly (readonly [FailurePattern['class'], string])[] = [
  ['name_not_found', 'failed to lookup address information: (?:Name or service not known|nodename nor servname)'],
  ['lookup_failed', '(?:dns error|failed to lookup address information)'],
  ['connect_refused', 'os error 111\\)'],
  ['connect_timeout', '(?:tcp connect error: (?:deadline has elapsed|Connection timed out)|os error 110\\))'],
  ['unreachable', 'os error (?:101|113)\\)'],
  ['connection_reset', '(?:os error 104\\)|connection closed before message completed)'],
  ['tls_failed', '(?:invalid peer certificate|certificate verify failed)'],
  ['connect_timeout', 'client error \\(Connect\\)[\\s\\d:]{1,20}operation timed out'],
  ['http_denied', 'proxy authorization required'],
];

/** The same with `{:?}`. */
const DEBUG = `reqwest::Error \\{ kind: [A-Za-z]{3,20}, url: "${URL_TEXT}`;
const DEBUG_CODES: readonly (readonly [FailurePattern['class'], string])[] = [
  ['connect_refused', '111'],
  ['connect_timeout', '110'],
  ['unreachable', '(?:101|113)'],
  ['connection_reset', '104'],
];
const DEBUG_CAUSES: readonly (readonly [FailurePattern['class'], string])[] = [
  ['name_not_found', 'dns error[^\\n]{0,200}Name or service not known'],
  ['lookup_failed', 'dns error'],
  ['connect_timeout', '\\(Connect, TimedOut\\)|kind: TimedOut'],
  ['tls_failed', 'InvalidCertificate|invalid peer certificate|HandshakeFailure|AlertReceived'],
  ['http_denied', 'ProxyAuthRequired'],
  ...DEBUG_CODES.map(([failure, code]) => [failure, `Os \\{ code: ${code},`] as const),
];

export const DOTNET_RUST: readonly FailurePattern[] = [
  dotnet(
    'name_not_found',
    3,
    `(?:Name or service not known|Name does not resolve|No such host is known\\.?)${DOTNET_PLACE}`,
  ),
  dotnet(
    'lookup_failed',
    3,
    `(?:Resource temporarily unavailable|Temporary failure in name resolution|Try again)${DOTNET_PLACE}`,
  ),
  dotnet('connect_refused', 3, `(?:Connection refused|actively refused it\\.?)${DOTNET_PLACE}`),
  dotnet(
    'connect_timeout',
    3,
    `(?:Connection timed out|Operation timed out|did not properly respond after a period of time[^(\\n]{0,120})${DOTNET_PLACE}`,
  ),
  dotnet('unreachable', 3, `(?:Network is unreachable|No route to host)${DOTNET_PLACE}`),
  dotnet('tls_failed', 3, `The SSL connection could not be established`),
  dotnet('tls_failed', 3, `The remote certificate (?:is invalid|was rejected)`),
  dotnet('http_denied', 3, `The proxy tunnel request to proxy '[^'\\n]{1,300}' failed with status code '40[37]'`, {
    placeWhole: true,
  }),
  dotnet('http_denied', 3, `does not indicate success: (?:403 \\(Forbidden|407 \\(Proxy)`),
  // Which step the limit for the whole request cut off, only the frame below says.
  dotnet(
    'connect_timeout',
    3,
    `The operation was canceled\\.\\n\\s{1,8}at System\\.Net\\.Http\\.(?:ConnectHelper\\.ConnectAsync|HttpConnectionPool\\.ConnectToTcpHost)`,
  ),
  dotnet('other', 2, `TaskCanceledException: The operation was canceled`),
  dotnet('connection_reset', 3, `Unable to (?:read|write) data (?:from|to) the transport connection: Connection reset`),
  ...DEBUG_CODES.map(([failure, code]) => dotnet(failure, 2, `SocketException \\(${code}\\)`)),
  dotnet('lookup_failed', 2, `SocketException \\((?:11|00000001, 11)\\): Resource temporarily unavailable`),
  dotnet('name_not_found', 2, `SocketException \\((?:-131073|(?:00000005, )?0xFFFDFFFF)\\): Name or service not known`),
  // SocketsHttpHandler's own clock over connecting and handshake (HttpConnectionPool.CreateConnectTimeoutException); the words as programs printed them.
  dotnet('connect_timeout', 3, `A connection could not be established within the configured ConnectTimeout`),
  dotnet('connection_reset', 3, `Unable to (?:read|write) data (?:from|to) the transport connection: Broken pipe`),
  // Cut off where the name was sent: what filters by name says no that way.
  dotnet('connection_reset', 2, `Received an unexpected EOF or 0 bytes from the transport stream`),
  dotnet('tls_failed', 3, `Authentication failed because the remote party sent a TLS alert`),
  dotnet('other', 2, `Error connecting to subchannel`),
  ...DEBUG_CODES.map(([failure, code]) =>
    npgsql(failure, 3, `NpgsqlException[^\n]{0,40}: Failed to connect to ${ADDRESS_PORT}`, {
      cause: `SocketException \\(${code}\\)`,
    }),
  ),
  npgsql('connect_timeout', 3, `NpgsqlException[^\n]{0,40}: Failed to connect to ${ADDRESS_PORT}`, {
    cause: 'TimeoutException: (?:Timeout during connection attempt|The operation has timed out)',
  }),
  npgsql('other', 2, `NpgsqlException[^\n]{0,40}: Failed to connect to ${ADDRESS_PORT}`),
  mySqlConnector('other', 2, `Unable to connect to any of the specified MySQL hosts`),
  sqlClient(
    'other',
    2,
    `A network-related or instance-specific error occurred while establishing a connection to SQL Server`,
  ),
  redis('other', 2, `UnableToConnect on ${HOST}:${PORT}/`),
  dotnet('other', 2, `configured HttpClient\\.Timeout of [\\d.]{1,12} seconds elapsing`),
  // HttpIOException puts `(ResponseEnded)` behind it in .NET 8 and later; below a cancelled request it is only how that ended.
  dotnet('connection_reset', 2, `The response ended prematurely`),
  ...REQWEST_CAUSES.map(([failure, cause]) => reqwest(failure, 3, REQWEST, { firstHop, cause })),
  ...DEBUG_CAUSES.map(([failure, cause]) => reqwest(failure, 3, DEBUG, { firstHop, cause })),
  ...DEBUG_CODES.map(([failure, code]) =>
    reqwest(failure, 3, `"tcp connect error", ${ADDRESS_PORT}, Os \\{ code: ${code},`),
  ),
  reqwest('connect_timeout', 3, `"tcp connect error", ${ADDRESS_PORT}, Custom \\{ kind: TimedOut`),
  reqwest('other', 2, REQWEST, { firstHop }),
  reqwest('other', 2, DEBUG, { firstHop }),
];
