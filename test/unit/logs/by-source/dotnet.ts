/** .NET 8 and later: HttpClient, gRPC, Npgsql, MySqlConnector, SqlClient. Frames as `Exception.ToString` prints them. */
import type { SourceSample } from './sample.ts';

const HTTP = 'dotnet/runtime: src/libraries/System.Net.Http/src/System/Net/Http/SocketsHttpHandler';
const CONNECT = `${HTTP}/ConnectHelper.cs, CreateWrappedException; words of SocketException: strerror(3) and gai_strerror(3)`;
const RESOURCES = 'src/libraries/System.Net.Http/src/Resources/Strings.resx';
const FRAMES = [
  '   at System.Net.Http.HttpConnectionPool.ConnectToTcpHostAsync(String host, Int32 port, HttpRequestMessage initialRequest, Boolean async, CancellationToken cancellationToken)',
  '   --- End of inner exception stack trace ---',
  '   at System.Net.Http.HttpConnectionPool.InjectNewHttp11ConnectionAsync(QueueItem queueItem)',
  '   at Shop.Export.Run(String url) in /src/Export.cs:line 31',
];
const VENDOR = { host: 'files.vendor.example', port: 443, library: '.net' } as const;

const http = (words: string, code: string): readonly string[] => [
  `System.Net.Http.HttpRequestException: ${words} (files.vendor.example:443)`,
  ` ---> System.Net.Sockets.SocketException (${code}): ${words}`,
  ...FRAMES,
];

const HTTP_CLIENT: readonly SourceSample[] = [
  {
    what: 'refused',
    source: CONNECT,
    lines: http('Connection refused', '111'),
    expected: { class: 'connect_refused', ...VENDOR },
  },
  {
    what: 'connect time-out',
    source: CONNECT,
    lines: http('Connection timed out', '110'),
    expected: { class: 'connect_timeout', ...VENDOR },
  },
  {
    what: 'connect time-out on musl',
    source: CONNECT,
    lines: http('Operation timed out', '110'),
    expected: { class: 'connect_timeout', ...VENDOR },
  },
  {
    what: 'no route',
    source: CONNECT,
    lines: http('No route to host', '113'),
    expected: { class: 'unreachable', ...VENDOR },
  },
  {
    what: 'no such name',
    source: CONNECT,
    lines: http('Name or service not known', '00000005, 0xFFFDFFFF'),
    expected: { class: 'name_not_found', ...VENDOR },
  },
  {
    what: 'no such name on musl',
    source: CONNECT,
    lines: http('Name does not resolve', '00000005, 0xFFFDFFFF'),
    expected: { class: 'name_not_found', ...VENDOR },
  },
  {
    what: 'no DNS',
    source: CONNECT,
    lines: http('Resource temporarily unavailable', '00000001, 11'),
    expected: { class: 'lookup_failed', ...VENDOR },
  },
  {
    what: 'no DNS on musl',
    source: CONNECT,
    unverified:
      'gai_strerror(3) of musl says so; no program that printed it was seen, and .NET may pass on strerror(3)',
    lines: http('Try again', '00000001, 11'),
    expected: { class: 'lookup_failed', ...VENDOR },
  },
  {
    what: 'connect time-out on Windows',
    source: CONNECT,
    lines: http(
      'A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond.',
      '10060',
    ),
    expected: { class: 'connect_timeout', ...VENDOR },
  },
  {
    what: 'its ConnectTimeout, which holds for the handshake, too',
    source: `${HTTP}/ConnectionPool/HttpConnectionPool.cs, CreateConnectTimeoutException`,
    unverified:
      'the words of net_http_connect_timedout: as programs printed them, the resources that were read are older',
    lines: [
      'System.Threading.Tasks.TaskCanceledException: The operation was canceled.',
      ' ---> System.TimeoutException: A connection could not be established within the configured ConnectTimeout.',
      ...FRAMES.slice(1),
    ],
    expected: { class: 'connect_timeout', library: '.net' },
  },
  {
    what: 'its limit for the request while a connection was waited for',
    source: `${HTTP}/ConnectionPool/HttpConnectionWaiter.cs, System/Net/Http/HttpClient.cs, and ${RESOURCES}, net_http_request_timedout`,
    lines: [
      'System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 10 seconds elapsing.',
      ' ---> System.TimeoutException: A task was canceled.',
      ' ---> System.Threading.Tasks.TaskCanceledException: A task was canceled.',
      '   at System.Net.Http.HttpConnectionWaiter`1.WaitForConnectionWithTelemetryAsync(HttpRequestMessage request, HttpConnectionPool pool, Boolean async, CancellationToken requestCancellationToken)',
      '   at Shop.Export.Run(String url) in /src/Export.cs:line 31',
    ],
    expected: { class: 'other', library: '.net' },
  },
  {
    what: 'certificate',
    source: `${HTTP}/ConnectHelper.cs, EstablishSslConnectionAsync, and ${RESOURCES}, net_http_ssl_connection_failed`,
    unverified: 'the words of the inner exception: as programs printed them, the resources that were read are older',
    lines: [
      'System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.',
      ' ---> System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot',
      '   at System.Net.Security.SslStream.CompleteHandshake(SslAuthenticationOptions sslAuthenticationOptions)',
    ],
    expected: { class: 'tls_failed', library: '.net' },
  },
  {
    what: 'ended before an answer (HttpRequestError.ResponseEnded)',
    source: `dotnet/runtime: src/libraries/System.Net.Http/src/System/Net/Http/HttpIOException.cs, and ${RESOURCES}, net_http_invalid_response_premature_eof`,
    unverified: 'the kind in brackets: as programs printed it, the file that was read is older',
    lines: [
      'System.Net.Http.HttpRequestException: An error occurred while sending the request.',
      ' ---> System.Net.Http.HttpIOException: The response ended prematurely. (ResponseEnded)',
      '   at System.Net.Http.HttpConnection.SendAsync(HttpRequestMessage request, Boolean async, CancellationToken cancellationToken)',
    ],
    expected: { class: 'connection_reset', library: '.net' },
  },
  {
    what: 'a proxy that asks for a password',
    source: `${HTTP}/ConnectionPool/HttpConnectionPool.cs, EstablishProxyTunnelAsync, and ${RESOURCES}, net_http_proxy_tunnel_returned_failure_status_code`,
    lines: [
      "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.example:3128/' failed with status code '407'.\"",
      '   at System.Net.Http.HttpConnectionPool.EstablishProxyTunnelAsync(Boolean async, CancellationToken cancellationToken)',
    ],
    expected: { class: 'http_denied', library: '.net' },
  },
];

const OTHERS: readonly SourceSample[] = [
  {
    what: 'gRPC: a subchannel',
    source: 'grpc/grpc-dotnet: src/Grpc.Net.Client/Balancer/Internal/SocketConnectivitySubchannelTransport.cs',
    lines: [
      'Grpc.Core.RpcException: Status(StatusCode="Unavailable", Detail="Error connecting to subchannel.", DebugException="System.Net.Sockets.SocketException: Connection refused")',
    ],
    expected: { class: 'other', library: '.net' },
  },
  {
    what: 'Npgsql: refused',
    source: 'npgsql/npgsql: src/Npgsql/Internal/NpgsqlConnector.cs, Connect',
    lines: [
      'Npgsql.NpgsqlException (0x80004005): Failed to connect to 203.0.113.9:5432',
      ' ---> System.Net.Sockets.SocketException (111): Connection refused',
      '   at Npgsql.Internal.NpgsqlConnector.ConnectAsync(NpgsqlTimeout timeout, CancellationToken cancellationToken)',
    ],
    expected: { class: 'connect_refused', address: '203.0.113.9', port: 5432, library: 'npgsql' },
  },
  {
    what: 'Npgsql: its own clock',
    source: 'npgsql/npgsql: src/Npgsql/Internal/NpgsqlConnector.cs, ConnectAsync',
    lines: [
      'Npgsql.NpgsqlException (0x80004005): Failed to connect to 203.0.113.9:5432',
      ' ---> System.TimeoutException: Timeout during connection attempt',
      '   at Npgsql.Internal.NpgsqlConnector.ConnectAsync(NpgsqlTimeout timeout, CancellationToken cancellationToken)',
    ],
    expected: { class: 'connect_timeout', address: '203.0.113.9', port: 5432, library: 'npgsql' },
  },
  {
    what: 'MySqlConnector',
    source: 'mysql-net/MySqlConnector: src/MySqlConnector/Core/ServerSession.cs, ConnectAsync',
    lines: ['MySqlConnector.MySqlException (0x80004005): Unable to connect to any of the specified MySQL hosts.'],
    expected: { class: 'other', library: 'mysqlconnector' },
  },
  {
    what: 'SqlClient',
    source:
      'dotnet/SqlClient: src/Microsoft.Data.SqlClient/src/Resources/Strings.resx, Snix_Connect, SNI_PN7 and SNI_ERROR_40',
    lines: [
      'Microsoft.Data.SqlClient.SqlException (0x80131904): A network-related or instance-specific error occurred while establishing a connection to SQL Server. The server was not found or was not accessible. Verify that the instance name is correct and that SQL Server is configured to allow remote connections. (provider: TCP Provider, error: 40 - Could not open a connection to SQL Server)',
    ],
    expected: { class: 'other', library: 'sqlclient' },
  },
];

export const DOTNET_SAMPLES: readonly SourceSample[] = [...HTTP_CLIENT, ...OTHERS];
