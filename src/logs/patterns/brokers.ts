/** Error texts of clients of databases, caches, brokers and collectors that wrap the words of their platform: where they say more than those; used by `all.ts`. */
import type { FailureClass } from '../../core/model/logs.ts';
import { ADDRESS, type FailurePattern, HOST, PORT, rowsOf } from '../failure-pattern.ts';
import { forNumbers, REASONS } from '../reasons.ts';

const psycopg = rowsOf('psycopg');
const postgrex = rowsOf('postgrex');
const lettuce = rowsOf('lettuce');
const jedis = rowsOf('jedis');
const mongodb = rowsOf('mongodb');
const pika = rowsOf('pika');
const celery = rowsOf('celery');
const otel = rowsOf('opentelemetry');

/** psycopg 3: connection.py, _conninfo_attempts.py, and the pool. */
const POSTGRES: readonly FailurePattern[] = [
  psycopg(
    'connect_timeout',
    3,
    `- host: '${HOST}', port: '?${PORT}'?, hostaddr: '${ADDRESS}': connection timeout expired`,
  ),
  psycopg('connect_timeout', 3, `connection timeout expired`),
  ...forNumbers(psycopg, `failed to resolve host '${HOST}': \\[Errno `, `\\]`),
  psycopg('other', 2, `PoolTimeout: couldn't get a connection after`),
  ...(
    [
      ['connect_refused', 'connection refused'],
      ['connect_timeout', '(?:timeout|connection timed out)'],
      ['name_not_found', 'non-existing domain'],
      ['unreachable', '(?:no route to host|host is unreachable|network is unreachable)'],
      ['connection_reset', 'connection reset by peer'],
    ] satisfies readonly (readonly [FailureClass, string])[]
  ).map(([failure, words]) =>
    postgrex(failure, 3, `\\(DBConnection\\.ConnectionError\\) tcp connect \\(${HOST}:${PORT}\\): ${words}`),
  ),
];

/** Lettuce, RedisConnectionException; Jedis, DefaultJedisSocketFactory. The exception below says why. */
const LETTUCE = `(?:Unable to |Cannot (?:re)?)connect to (?:\\[rediss?://${HOST}:${PORT}|\\[?${HOST}/(?:<unresolved>|${ADDRESS}):${PORT})`;
const REDIS: readonly FailurePattern[] = [
  ...REASONS.map(([failure, words]) => lettuce(failure, 3, LETTUCE, { cause: words })),
  lettuce('connect_timeout', 3, LETTUCE, { cause: 'ConnectTimeoutException' }),
  // It counts the handshake of TLS and of Redis.
  lettuce('other', 2, LETTUCE),
  jedis('other', 2, `Failed to connect to any host resolved for DNS name`),
  jedis('other', 2, `JedisConnectionException: Failed to connect to ${HOST}:${PORT}`),
  jedis('other', 2, `JedisConnectionException: Failed to create socket`),
];

/** The state of the cluster as MongoDB's drivers for Java (ServerDescription.java) and Go (description/server.go) print it; C#'s as programs printed it. */
const JAVA_SERVER = `address=${HOST}:${PORT}, type=UNKNOWN`;
const GO_SERVER = `Addr: ${HOST}:${PORT}, Type: Unknown, Last error: `;
const CSHARP_SERVER = `EndPoint: "Unspecified/${HOST}:${PORT}"`;
const GO_ERRORS: readonly (readonly [FailureClass, string])[] = [
  ['lookup_failed', 'lookup [^\\n]{1,300}?(?:i/o timeout|server misbehaving)'],
  ['name_not_found', 'lookup [^\\n]{1,300}?no such host'],
  ['connect_timeout', 'dial tcp [^\\n ]{1,60}: i/o timeout'],
  ['connect_refused', 'dial tcp [^\\n ]{1,60}: connect: connection refused'],
  ['unreachable', 'dial tcp [^\\n ]{1,60}: connect: (?:no route to host|network is unreachable)'],
];
const JAVA_ERRORS: readonly (readonly [FailureClass, string])[] = [
  ['lookup_failed', 'UnknownHostException'],
  ['connect_timeout', 'SocketTimeoutException: [Cc]onnect timed out'],
  ['connect_refused', 'Connection refused'],
  ['unreachable', 'NoRouteToHostException|Network is unreachable'],
  ['tls_failed', 'SSLHandshakeException'],
];
const MONGODB: readonly FailurePattern[] = [
  ...JAVA_ERRORS.map(([failure, cause]) => mongodb(failure, 3, JAVA_SERVER, { cause: `^[^\\n]{0,600}?(?:${cause})` })),
  ...GO_ERRORS.map(([failure, cause]) => mongodb(failure, 3, GO_SERVER, { cause: `^[^\\n]{0,100}?${cause}` })),
  mongodb('connect_refused', 3, CSHARP_SERVER, { cause: 'SocketException \\(111\\)' }),
  mongodb('connect_timeout', 3, CSHARP_SERVER, { cause: 'SocketException \\(110\\)' }),
  mongodb('unreachable', 3, CSHARP_SERVER, { cause: 'SocketException \\((?:101|113)\\)' }),
];

/** Pika's connection_workflow.py; Celery's worker/consumer/consumer.py, which prints Kombu's URL without its password. */
const CELERY = `onsumer: Cannot connect to [a-z+]{3,12}://(?:[^\\s@]{0,200}@)?${HOST}:${PORT}[^\\s]{0,200}: `;
const AMQP: readonly FailurePattern[] = [
  ...forNumbers(
    pika,
    `TCP Connection attempt failed: \\w{3,40}\\(`,
    `, [^\\n]{0,200}?dest=[^\\n]{0,200}?\\('${ADDRESS}', ${PORT}\\b`,
  ),
  ...forNumbers(pika, `Address resolution failed: gaierror\\(`, `,`),
  ...forNumbers(pika, `Socket failed to connect: [^\\n]{0,300}?error=`, ` \\(`),
  pika('connect_timeout', 3, `AMQPConnectorSocketConnectError: TimeoutError\\(|TCP connection attempt timed out`),
  ...forNumbers(celery, `${CELERY}\\[Errno `, `\\]`),
  celery('connect_timeout', 3, `${CELERY}timed out`),
  celery('other', 2, CELERY),
];

/** OpenTelemetry's exporter for Python over gRPC (exporter.py), which names its endpoint. */
const OTEL = `(?:encountered while exporting|Failed to export) [a-z]{3,10} to (?:https?://)?${HOST}:${PORT}`;
const COLLECTORS: readonly FailurePattern[] = [
  ...REASONS.map(([failure, words]) => otel(failure, 3, OTEL, { cause: `^[^\\n]{0,600}?${words}` })),
  otel('other', 2, OTEL),
];

export const BROKERS: readonly FailurePattern[] = [POSTGRES, REDIS, MONGODB, AMQP, COLLECTORS].flat();
