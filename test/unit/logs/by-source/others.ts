/** Python, Go, Node, Elixir and collectors that the corpus of runs lacks, and newer words of those that it has. */
import type { SourceSample } from './sample.ts';

const PSYCOPG = 'psycopg/psycopg: psycopg/psycopg/connection.py, connect';
const PIKA = 'pika/pika: pika/adapters/utils/connection_workflow.py';
const CELERY = 'celery/celery: celery/worker/consumer/consumer.py, CONNECTION_RETRY';
const OTEL =
  'open-telemetry/opentelemetry-python: exporter/opentelemetry-exporter-otlp-proto-grpc/src/opentelemetry/exporter/otlp/proto/grpc/exporter.py, _export';
const GO_GRPC = 'grpc/grpc-go: internal/transport/http2_client.go';
const GO_MONGO =
  'mongodb/mongo-go-driver: x/mongo/driver/topology/errors.go, and x/mongo/driver/description/topology.go and server.go';
const POSTGREX = 'elixir-ecto/postgrex: lib/postgrex/protocol.ex, with db_connection’s lib/db_connection/connection.ex';
const NODE = 'nodejs/node: lib/net.js, internalConnectMultiple, and lib/internal/errors.js';
const db = { host: 'db.vendor.example', port: 5432 } as const;
/** The reason is the driver's own up to 1.17, the context's from 2.0 on. */
const mongo = (reason: string, error: string): string =>
  `server selection error: ${reason}, current topology: { Type: Unknown, Servers: [{ Addr: db.vendor.example:27017, Type: Unknown, Last error: ${error} }, ] }`;
const MONGO = { host: 'db.vendor.example', port: 27017, library: 'mongodb' } as const;

const PYTHON: readonly SourceSample[] = [
  {
    what: 'psycopg: its clock over several addresses',
    source: PSYCOPG,
    lines: [
      'psycopg.errors.ConnectionTimeout: connection timeout expired',
      'Multiple connection attempts failed. All failures were:',
      "- host: 'db.vendor.example', port: '5432', hostaddr: '203.0.113.9': connection timeout expired",
      "- host: 'db.vendor.example', port: '5432', hostaddr: '203.0.113.10': connection timeout expired",
    ],
    expected: { class: 'connect_timeout', ...db, address: '203.0.113.9', library: 'psycopg' },
  },
  {
    what: 'psycopg: the pool’s warning',
    source: 'psycopg/psycopg: psycopg_pool/psycopg_pool/pool.py',
    lines: [
      `WARNING:psycopg.pool:error connecting in 'pool-1': connection failed: connection to server at "203.0.113.9", port 5432 failed: Connection refused`,
    ],
    expected: { class: 'connect_refused', address: '203.0.113.9', port: 5432, library: 'psycopg' },
  },
  {
    what: 'psycopg: the name',
    source: 'psycopg/psycopg: psycopg/psycopg/_conninfo_attempts.py',
    lines: [
      "psycopg.OperationalError: failed to resolve host 'db.vendor.example': [Errno -2] Name or service not known",
    ],
    expected: { class: 'name_not_found', host: 'db.vendor.example', library: 'psycopg' },
  },
  {
    what: 'asyncpg: refused',
    source: 'python/cpython: Lib/asyncio/selector_events.py, below MagicStack/asyncpg’s asyncpg/connect_utils.py',
    lines: [
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3.13/site-packages/asyncpg/connect_utils.py", line 931, in __connect_addr',
      "ConnectionRefusedError: [Errno 111] Connect call failed ('203.0.113.9', 5432)",
    ],
    expected: { class: 'connect_refused', address: '203.0.113.9', port: 5432, library: 'asyncpg' },
  },
  {
    what: 'Pika: refused',
    source: PIKA,
    lines: [
      "ERROR:pika.adapters.utils.connection_workflow:TCP Connection attempt failed: ConnectionRefusedError(111, 'Connection refused'); dest=(<AddressFamily.AF_INET: 2>, <SocketKind.SOCK_STREAM: 1>, 6, '', ('203.0.113.9', 5672))",
    ],
    expected: { class: 'connect_refused', address: '203.0.113.9', port: 5672, library: 'pika' },
  },
  {
    what: 'Pika: the name',
    source: 'pika/pika: pika/adapters/utils/selector_ioloop_adapter.py',
    lines: [
      "ERROR:pika.adapters.utils.selector_ioloop_adapter:Address resolution failed: gaierror(-2, 'Name or service not known')",
    ],
    expected: { class: 'name_not_found', library: 'pika' },
  },
  {
    what: 'Celery: refused',
    source: CELERY,
    lines: [
      '[2026-11-24 10:00:00,123: ERROR/MainProcess] consumer: Cannot connect to amqp://shop:**@mq.vendor.example:5672//: [Errno 111] Connection refused.',
    ],
    expected: { class: 'connect_refused', host: 'mq.vendor.example', port: 5672, library: 'celery' },
  },
  {
    what: 'Celery over Redis',
    source: CELERY,
    lines: [
      '[2026-11-24 10:00:00,123: ERROR/MainProcess] consumer: Cannot connect to redis://cache.vendor.example:6379/0: Error 110 connecting to cache.vendor.example:6379. Connection timed out..',
    ],
    expected: { class: 'connect_timeout', host: 'cache.vendor.example', port: 6379, library: 'redis-py' },
  },
  {
    what: 'Elasticsearch’s transport around urllib3 2',
    source:
      'elastic/elastic-transport-python: elastic_transport/_exceptions.py, with _transport.py and _node/_http_urllib3.py for what is inside',
    lines: [
      "elastic_transport.ConnectionError: Connection error caused by: ConnectionError(Connection error caused by: NewConnectionError(HTTPSConnection(host='es.vendor.example', port=9200): Failed to establish a new connection: [Errno 111] Connection refused))",
    ],
    expected: { class: 'connect_refused', host: 'es.vendor.example', port: 9200, library: 'elasticsearch' },
  },
  {
    what: 'OpenTelemetry’s exporter, transient',
    source: OTEL,
    lines: [
      'Transient error StatusCode.UNAVAILABLE encountered while exporting traces to otel.vendor.example:4317, retrying in 1.05s. Error details: failed to connect to all addresses; last error: UNKNOWN: ipv4:203.0.113.9:4317: Failed to connect to remote host: connect: Connection refused (111)',
    ],
    expected: { class: 'connect_refused', host: 'otel.vendor.example', port: 4317 },
  },
  {
    what: 'OpenTelemetry’s exporter of older versions, which say no more',
    source: OTEL,
    lines: [
      'Transient error StatusCode.UNAVAILABLE encountered while exporting traces to otel.vendor.example:4317, retrying in 1s.',
    ],
    expected: { class: 'other', host: 'otel.vendor.example', port: 4317, library: 'opentelemetry' },
  },
];

const GO: readonly SourceSample[] = [
  {
    what: 'net/http: closed before an answer',
    source: 'golang/go: src/net/http/transport.go, with src/net/url/url.go for the form',
    lines: ['export failed: Put "https://files.vendor.example/a": EOF'],
    expected: { class: 'connection_reset', host: 'files.vendor.example', port: 443, library: 'go net' },
  },
  {
    what: 'net/http: plain text for TLS',
    source: 'golang/go: src/net/http/client.go, ErrSchemeMismatch',
    lines: ['Get "https://files.vendor.example/a": http: server gave HTTP response to HTTPS client'],
    expected: { class: 'tls_failed', host: 'files.vendor.example', port: 443, library: 'go net' },
  },
  {
    what: 'gRPC: handshake',
    source: GO_GRPC,
    lines: [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: context deadline exceeded"',
    ],
    expected: { class: 'tls_failed', library: 'grpc' },
  },
  {
    what: 'gRPC: no preface',
    source: GO_GRPC,
    lines: ['rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: EOF"'],
    expected: { class: 'connection_reset', library: 'grpc' },
  },
  {
    what: 'gRPC: dial',
    source: GO_GRPC,
    lines: [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 203.0.113.9:443: i/o timeout"',
    ],
    expected: { class: 'connect_timeout', address: '203.0.113.9', port: 443, library: 'grpc' },
  },
  {
    what: 'gRPC: the name',
    source: 'grpc/grpc-go: internal/resolver/dns/dns_resolver.go, handleDNSError, and balancer/pickfirst/pickfirst.go',
    lines: [
      'rpc error: code = Unavailable desc = name resolver error: dns: A record lookup error: lookup api.vendor.example on 10.96.0.10:53: server misbehaving',
    ],
    expected: { class: 'lookup_failed', host: 'api.vendor.example', library: 'grpc' },
  },
  {
    what: 'MongoDB: connect time-out',
    source: GO_MONGO,
    lines: [mongo('context deadline exceeded', 'dial tcp 203.0.113.9:27017: i/o timeout')],
    expected: { class: 'connect_timeout', ...MONGO },
  },
  {
    what: 'MongoDB: the name',
    source: GO_MONGO,
    lines: [mongo('server selection timeout', 'dial tcp: lookup db.vendor.example on 10.96.0.10:53: no such host')],
    expected: { class: 'name_not_found', ...MONGO },
  },
];

const NODE_AND_BEAM: readonly SourceSample[] = [
  {
    what: 'Node 20 and later: each address in turn',
    source: NODE,
    lines: [
      'AggregateError [ETIMEDOUT]: ',
      '    at internalConnectMultiple (node:net:1122:18)',
      '    at Timeout.internalConnectMultipleTimeout (node:net:1687:5) {',
      "  code: 'ETIMEDOUT',",
      '  [errors]: [',
      '    Error: connect ETIMEDOUT 203.0.113.9:443',
      '        at createConnectionError (node:net:1652:14) {',
      "      code: 'ETIMEDOUT',",
      "      address: '203.0.113.9',",
      '      port: 443',
      '    },',
      '    Error: connect ENETUNREACH 2001:db8::9:443 - Local (:::0)',
      '        at internalConnectMultiple (node:net:1118:16) {',
      "      code: 'ENETUNREACH'",
      '    }',
      '  ]',
      '}',
    ],
    expected: { class: 'connect_timeout', address: '203.0.113.9', port: 443, library: 'node' },
  },
  {
    what: 'undici: several addresses',
    source: 'nodejs/undici: lib/core/util.js, onConnectTimeout',
    lines: [
      'TypeError: fetch failed',
      '    at node:internal/deps/undici/undici:13510:13',
      '  [cause]: ConnectTimeoutError: Connect Timeout Error (attempted addresses: 203.0.113.9:443, 203.0.113.10:443, timeout: 10000ms)',
      '      at onConnectTimeout (node:internal/deps/undici/undici:2602:28) {',
      "    code: 'UND_ERR_CONNECT_TIMEOUT'",
      '  }',
      '}',
    ],
    expected: { class: 'connect_timeout', address: '203.0.113.9', port: 443, library: 'node fetch' },
  },
  {
    what: 'node-redis',
    source: 'redis/node-redis: packages/client/lib/errors.ts, thrown in client/socket.ts',
    lines: [
      'ConnectionTimeoutError: Connection timeout',
      '    at Socket.<anonymous> (/app/node_modules/@redis/client/dist/lib/client/socket.js:177:124)',
    ],
    expected: { class: 'connect_timeout', library: 'node-redis' },
  },
  {
    what: 'Postgrex: refused',
    source: POSTGREX,
    lines: [
      '10:00:00.123 [error] Postgrex.Protocol (#PID<0.421.0>) failed to connect: ** (DBConnection.ConnectionError) tcp connect (db.vendor.example:5432): connection refused - :econnrefused',
    ],
    expected: { class: 'connect_refused', ...db, library: 'postgrex' },
  },
  {
    what: 'Postgrex: the name',
    source: POSTGREX,
    lines: [
      '10:00:00.123 [error] Postgrex.Protocol (#PID<0.421.0>) failed to connect: ** (DBConnection.ConnectionError) tcp connect (db.vendor.example:5432): non-existing domain - :nxdomain',
    ],
    expected: { class: 'name_not_found', ...db, library: 'postgrex' },
  },
];

export const OTHER_SAMPLES: readonly SourceSample[] = [...PYTHON, ...GO, ...NODE_AND_BEAM];
