/** Error texts of database, cache and broker clients: psql and JDBC, MySQL, Redis, Kafka, MongoDB. */
import { ADDRESS, type FailurePattern, HOST, PORT, rowsOf, START } from '../failure-pattern.ts';
import { forNumbers, forReasons } from '../reasons.ts';

const psql = rowsOf('psql');
const jdbc = rowsOf('postgresql jdbc');
const mysql = rowsOf('mysql');
const redisPy = rowsOf('redis-py');
const redisCli = rowsOf('redis-cli');
const kafka = rowsOf('kafka');
const kafkaPython = rowsOf('kafka-python');
const kafkaJs = rowsOf('kafkajs');
const mongodb = rowsOf('mongodb');

const PSQL = `connection to server at "${HOST}"(?: \\(${ADDRESS}\\))?, port ${PORT} failed: `;
const MYSQL_HOST = `MySQL server on '${HOST}(?::${PORT})?'`;
const NODE = `\\((?:/)?${HOST}(?:/${ADDRESS})?:${PORT}\\)`;
const MONGO = `${START}${HOST}:${PORT}: `;

/** libpq, fe-connect.c. */
const POSTGRES: readonly FailurePattern[] = [
  ...forReasons(psql, PSQL),
  psql('connect_timeout', 3, `${PSQL}timeout expired`),
  psql('tls_failed', 3, `${PSQL}SSL error`),
  psql('connection_reset', 3, `${PSQL}server closed the connection unexpectedly`),
  ...forReasons(psql, `could not translate host name "${HOST}" to address: `),
  // org.postgresql.core.v3.ConnectionFactoryImpl; the cause below it says more, but not always where.
  jdbc('connect_refused', 3, `Connection to ${HOST}:${PORT} refused\\. Check that the hostname and port`),
  jdbc('other', 1, `PSQLException: The connection attempt failed`),
  jdbc('other', 1, `HikariPool-\\d{1,5} - (?:Connection is not available|Exception during pool init)`),
];

/** MySQL and MariaDB, errmsg.c: 2002, 2003, 2005, 2013; PyMySQL quotes them. */
const MYSQL: readonly FailurePattern[] = [
  ...forNumbers(mysql, `Can't connect to ${MYSQL_HOST} \\((?:\\[Errno )?`, `[)\\]]`),
  ...forReasons(mysql, `Can't connect to ${MYSQL_HOST} \\((?:\\[Errno -?\\d{1,4}\\] )?`),
  mysql('connect_timeout', 3, `Can't connect to ${MYSQL_HOST} \\(timed out`),
  ...forNumbers(mysql, `Unknown (?:MySQL )?server host '${HOST}' \\(`, `\\)`),
  mysql('other', 2, `Can't connect to (?:MySQL )?server on '${HOST}(?::${PORT})?'`),
  mysql('name_not_found', 2, `Unknown (?:MySQL )?server host '${HOST}'`),
  ...forNumbers(mysql, `Can't connect to server on '${HOST}(?::${PORT})?' \\(`, `\\)`),
  mysql(
    'read_timeout',
    2,
    `Lost connection to (?:MySQL )?server at '(?:handshake: )?reading initial communication packet'`,
  ),
  mysql('connection_reset', 3, `reading initial communication packet', system error: 104`),
  mysql('other', 1, `CommunicationsException: Communications link failure`),
];

const REDIS: readonly FailurePattern[] = [
  ...forNumbers(redisPy, `Error `, ` connecting to ${HOST}:${PORT}\\.`),
  ...forNumbers(redisPy, `Error while (?:reading from|writing to) ${HOST}:${PORT} : \\(`, `,`),
  redisPy('connection_reset', 2, `Error 104 while (?:reading from|writing to) ${HOST}:${PORT}`),
  redisPy('tls_failed', 3, `Error 1 connecting to ${HOST}:${PORT}\\. \\[SSL`),
  // A handshake that takes too long is called a connection, too.
  redisPy('connect_timeout', 2, `redis\\.exceptions\\.TimeoutError: Timeout connecting to server`),
  redisPy('read_timeout', 3, `redis\\.exceptions\\.TimeoutError: Timeout reading from (?:socket|${HOST}:${PORT})`),
  redisPy('connection_reset', 3, `redis\\.exceptions\\.ConnectionError: Connection closed by server`),
  ...forReasons(redisCli, `Could not connect to Redis at ${HOST}:${PORT}: `),
];

/** librdkafka's stand in `services.ts`; the Java client, NetworkClient and ClientUtils; kafka-python, conn.py. */
const KAFKA: readonly FailurePattern[] = [
  kafka('other', 2, `Connection to node -?\\d{1,10} ${NODE} could not be established`),
  kafka('other', 2, `Bootstrap broker ${HOST}:${PORT} \\([^)\\n]{0,60}\\) disconnected`),
  kafka('other', 2, `Connection to node -?\\d{1,10} ${NODE} terminated during authentication`),
  kafka('tls_failed', 3, `Failed authentication with ${HOST}/${ADDRESS}(?::${PORT})? [^\\n]{0,80}SSL handshake failed`),
  kafka('lookup_failed', 3, `Couldn't resolve server ${HOST}:${PORT} from bootstrap\\.servers`),
  kafka('lookup_failed', 2, `No resolvable bootstrap urls given`),
  kafka('connect_timeout', 3, `Disconnecting from node -?\\d{1,10} due to socket connection setup timeout`),
  kafka(
    'tls_failed',
    3,
    `\\[(?:Producer|Consumer|AdminClient)[^\\n]{1,120} ${NODE} failed authentication due to: SSL handshake failed`,
  ),
  kafka('other', 2, `Timed out waiting for a node assignment|Topic [^\\n]{1,250} not present in metadata after`),
  ...forNumbers(kafkaPython, `host=${HOST}:${PORT} [^\\n]{0,120}: Connect attempt returned error `, `\\.`),
  ...forNumbers(kafkaPython, `DNS lookup failed for ${HOST}:${PORT}, gaierror\\(`, `,`),
  ...forNumbers(kafkaPython, `KafkaConnectionError: (?:Handshake failed: )?(?:\\[Errno )?`, `[\\] ]`),
  kafkaPython('connect_timeout', 3, `KafkaConnectionError: Connection timed out`),
  kafkaPython('tls_failed', 3, `KafkaConnectionError: Handshake failed: \\[SSL`),
  kafkaPython('read_timeout', 3, `RequestTimedOutError: Request timed out after`),
  kafkaPython('lookup_failed', 2, `DNS lookup failed for ${HOST}:${PORT}|KafkaConnectionError: DNS Resolution failure`),
  kafkaPython('other', 2, `KafkaTimeoutError: Unable to bootstrap from ${HOST}:${PORT}`),
  kafkaJs(
    'connect_timeout',
    3,
    `\\[Connection\\] Connection timeout|KafkaJSConnectionError: Connection timeout|seed broker, trying another broker from the list: Connection timeout`,
  ),
  kafkaPython('connect_timeout', 3, `host=${HOST}:${PORT} [^\\n]{0,160}[Cc]onnection attempt timed out`),
  kafkaPython('other', 1, `NoBrokersAvailable`),
];

/** PyMongo, topology.py; the drivers for Node, Go and Java print their platform's words inside. */
const MONGODB: readonly FailurePattern[] = [
  ...forNumbers(mongodb, `${MONGO}\\[Errno `, `\\]`),
  mongodb('connect_timeout', 2, `${MONGO}timed out \\(configured timeouts`),
  mongodb('connection_reset', 2, `${MONGO}connection closed \\(configured timeouts`),
  mongodb('tls_failed', 3, `${MONGO}\\[SSL: [A-Z_]{3,60}\\]`),
  mongodb(
    'other',
    1,
    `ServerSelectionTimeoutError|MongoServerSelectionError|server selection timeout|MongoTimeoutException`,
  ),
];

export const DATABASES: readonly FailurePattern[] = [POSTGRES, MYSQL, REDIS, KAFKA, MONGODB].flat();
