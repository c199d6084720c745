/** Clients on the JVM that the corpus of runs lacks, and newer versions of those that it has. */
import type { SourceSample } from './sample.ts';

const VENDOR = { host: 'files.vendor.example', port: 443 } as const;
const GRPC =
  'grpc/grpc-java: core/src/main/java/io/grpc/internal/ClientCallImpl.java, DelayedStream.java and AbstractClientStream.java';
const LETTUCE = 'redis/lettuce: src/main/java/io/lettuce/core/RedisConnectionException.java';
const MONGO =
  'mongodb/mongo-java-driver: driver-core/src/main/com/mongodb/internal/connection/BaseCluster.java, and connection/ServerDescription.java beside internal';
const OPENING = 'com.mongodb.MongoSocketOpenException: Exception opening socket';
const mongo = (failure: string, cause: string): string =>
  `com.mongodb.MongoTimeoutException: Timed out while waiting for a server that matches ReadPreferenceServerSelector{readPreference=primary}. Client view of cluster state is {type=UNKNOWN, servers=[{address=db.vendor.example:27017, type=UNKNOWN, state=CONNECTING, exception={${failure}}, caused by {${cause}}}]`;
/** Up to 4.3: BaseCluster.java of that branch. */
const mongo43 = (failure: string, cause: string): string =>
  mongo(failure, cause).replace(/Timed out while [^.]+\./, 'Timed out after 30000 ms while waiting to connect.');
const DB = { host: 'db.vendor.example', port: 27017, library: 'mongodb' } as const;

export const JVM_SAMPLES: readonly SourceSample[] = [
  {
    what: 'JDK 21’s HttpClient: connect time-out',
    source: 'openjdk/jdk: src/java.net.http/share/classes/jdk/internal/net/http/MultiExchange.java, toTimeoutException',
    lines: [
      'java.net.http.HttpConnectTimeoutException: HTTP connect timed out',
      '\tat java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:949)',
      '\tat com.vendor.Client.call(Client.java:88)',
      'Caused by: java.net.ConnectException: HTTP connect timed out',
    ],
    expected: { class: 'connect_timeout', library: 'java http client' },
  },
  {
    what: 'Spring around it, without the trace',
    source:
      'spring-projects/spring-framework: spring-web/src/main/java/org/springframework/web/client/RestTemplate.java',
    lines: [
      'org.springframework.web.client.ResourceAccessException: I/O error on GET request for "https://files.vendor.example/a": Connection refused',
    ],
    expected: { class: 'connect_refused', ...VENDOR, mayBeFirstHop: true },
  },
  {
    what: 'Feign around it',
    source: 'OpenFeign/feign: core/src/main/java/feign/FeignException.java, errorExecuting',
    lines: ['feign.RetryableException: Connection refused executing GET https://files.vendor.example/a'],
    expected: { class: 'connect_refused', ...VENDOR, mayBeFirstHop: true },
  },
  {
    what: 'OkHttp 5: the clock over the call',
    source: 'square/okhttp: okhttp/src/commonJvmAndroid/kotlin/okhttp3/internal/connection/RealCall.kt, timeoutExit',
    lines: [
      'java.io.InterruptedIOException: timeout',
      '\tat okhttp3.internal.connection.RealCall.timeoutExit(RealCall.kt:398)',
    ],
    expected: { class: 'other', library: 'okhttp' },
  },
  {
    what: 'Netty 4.2: the name',
    source: 'netty/netty: resolver-dns/src/main/java/io/netty/resolver/dns/DnsResolveContext.java, finishResolve',
    lines: [
      "java.net.UnknownHostException: Failed to resolve 'files.vendor.example' [A(1), AAAA(28)] after 4 queries ",
      'Caused by: io.netty.resolver.dns.DnsErrorCauseException: Query failed with SERVFAIL',
    ],
    expected: { class: 'lookup_failed', host: 'files.vendor.example', library: 'netty' },
  },
  {
    what: 'Netty 4.2: the name, with the cluster’s search domains',
    source:
      'netty/netty: resolver-dns/src/main/java/io/netty/resolver/dns/DnsResolveContext.java, SearchDomainUnknownHostException',
    lines: [
      "io.netty.resolver.dns.DnsResolveContext$SearchDomainUnknownHostException: Failed to resolve 'files.vendor.example' [A(1), AAAA(28)] and search domain query for configured domains failed as well: [shop.svc.cluster.local, svc.cluster.local, cluster.local]",
      'Caused by: io.netty.resolver.dns.DnsErrorCauseException: Query failed with SERVFAIL',
    ],
    expected: { class: 'lookup_failed', host: 'files.vendor.example', library: 'netty' },
  },
  {
    what: 'Netty with epoll: refused',
    source:
      'netty/netty: transport-native-unix-common/src/main/java/io/netty/channel/unix/Errors.java, with transport/src/main/java/io/netty/channel/AbstractChannel.java for the address',
    lines: [
      'io.netty.channel.AbstractChannel$AnnotatedConnectException: finishConnect(..) failed with error(-111): Connection refused: files.vendor.example/203.0.113.9:443',
    ],
    expected: { class: 'connect_refused', ...VENDOR, address: '203.0.113.9', library: 'netty' },
  },
  {
    what: 'Reactor Netty: ended before an answer',
    source:
      'reactor/reactor-netty: reactor-netty-http/src/main/java/reactor/netty/http/client/HttpClientOperations.java',
    lines: ['reactor.netty.http.client.PrematureCloseException: Connection prematurely closed BEFORE response'],
    expected: { class: 'connection_reset', library: 'netty' },
  },
  {
    what: 'gRPC: time over before a connection',
    source: GRPC,
    lines: [
      'io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: CallOptions deadline exceeded after 4.999352186s. Name resolution delay 0.006210474 seconds. [closed=[], open=[[buffered_nanos=4993352186, waiting_for_connection]]]',
    ],
    expected: { class: 'other', library: 'grpc' },
  },
  {
    what: 'gRPC: time over before it began',
    source: GRPC,
    lines: [
      'io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: ClientCall started after CallOptions deadline was exceeded -0.348000432 seconds ago. Name resolution delay 0.004057410 seconds.',
    ],
    expected: { class: 'other', library: 'grpc' },
  },
  {
    what: 'Jedis at an address',
    source: 'redis/jedis: src/main/java/redis/clients/jedis/DefaultJedisSocketFactory.java',
    lines: [
      'redis.clients.jedis.exceptions.JedisConnectionException: Failed to connect to 203.0.113.9:6379.',
      '\tat redis.clients.jedis.DefaultJedisSocketFactory.connectToFirstSuccessfulHost(DefaultJedisSocketFactory.java:76)',
      '\tSuppressed: java.net.ConnectException: Connection refused',
      '\t\t... 6 more',
    ],
    expected: { class: 'connect_refused', address: '203.0.113.9', port: 6379, library: 'jedis' },
  },
  {
    what: 'gRPC: time over while an answer was waited for',
    source: GRPC,
    lines: [
      'io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: CallOptions deadline exceeded after 4.999352186s. Name resolution delay 0.006210474 seconds. [closed=[], open=[[connecting_and_lb_delay=31250000ns, remote_addr=files.vendor.example/203.0.113.9:443]]]',
    ],
    expected: { class: 'read_timeout', ...VENDOR, address: '203.0.113.9', library: 'grpc' },
  },
  {
    what: 'gRPC: refused',
    source: 'grpc/grpc-java: netty/src/main/java/io/grpc/netty/Utils.java, statusFromThrowable',
    lines: [
      'io.grpc.StatusRuntimeException: UNAVAILABLE: io exception',
      '\tat io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:268)',
      'Caused by: io.grpc.netty.shaded.io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: files.vendor.example/203.0.113.9:443',
    ],
    expected: { class: 'connect_refused', ...VENDOR, address: '203.0.113.9', library: 'grpc' },
  },
  {
    what: 'Elasticsearch: connect time-out',
    source:
      'apache/httpcomponents-core: httpcore-nio/src/main/java/org/apache/http/nio/pool/RouteSpecificPool.java, timeout (branch 4.4.x)',
    lines: [
      'java.net.ConnectException: Timeout connecting to [es.vendor.example/203.0.113.9:9200]',
      '\tat org.elasticsearch.client.RestClient.extractAndWrapCause(RestClient.java:932)',
    ],
    expected: {
      class: 'connect_timeout',
      host: 'es.vendor.example',
      address: '203.0.113.9',
      port: 9200,
      library: 'elasticsearch',
    },
  },
  {
    what: 'Elasticsearch: no answer',
    source:
      'apache/httpcomponents-core: httpcore-nio/src/main/java/org/apache/http/nio/protocol/HttpAsyncRequestExecutor.java, timeout (branch 4.4.x)',
    lines: [
      'java.net.SocketTimeoutException: 30,000 milliseconds timeout on connection http-outgoing-3 [ACTIVE]',
      '\tat org.elasticsearch.client.RestClient.extractAndWrapCause(RestClient.java:915)',
    ],
    expected: { class: 'read_timeout', library: 'elasticsearch' },
  },
  {
    what: 'Lettuce: refused',
    source: LETTUCE,
    lines: [
      'io.lettuce.core.RedisConnectionException: Unable to connect to cache.vendor.example/<unresolved>:6379',
      '\tat io.lettuce.core.RedisConnectionException.create(RedisConnectionException.java:63)',
      'Caused by: java.net.ConnectException: Connection refused',
    ],
    expected: { class: 'connect_refused', host: 'cache.vendor.example', port: 6379, library: 'lettuce' },
  },
  {
    what: 'Lettuce: no answer to its handshake',
    source: `${LETTUCE} and protocol/RedisHandshakeHandler.java`,
    lines: [
      'io.lettuce.core.RedisConnectionException: Unable to connect to cache.vendor.example/<unresolved>:6379',
      'Caused by: io.lettuce.core.RedisCommandTimeoutException: Connection initialization timed out after 2 second(s)',
    ],
    expected: { class: 'other', host: 'cache.vendor.example', port: 6379, library: 'lettuce' },
  },
  {
    what: 'Lettuce’s watchdog',
    source: 'redis/lettuce: src/main/java/io/lettuce/core/protocol/ConnectionWatchdog.java',
    lines: [
      'WARN i.l.c.p.ConnectionWatchdog - Cannot reconnect to [cache.vendor.example/<unresolved>:6379]: Connection refused: cache.vendor.example/203.0.113.9:6379',
    ],
    expected: { class: 'connect_refused', host: 'cache.vendor.example', port: 6379, library: 'lettuce' },
  },
  {
    what: 'Jedis',
    source:
      'redis/jedis: src/main/java/redis/clients/jedis/DefaultJedisSocketFactory.java, connectToFirstSuccessfulHost',
    lines: [
      'redis.clients.jedis.exceptions.JedisConnectionException: Failed to connect to cache.vendor.example:6379.',
      '\tat redis.clients.jedis.DefaultJedisSocketFactory.createSocket(DefaultJedisSocketFactory.java:110)',
      'Suppressed: java.net.SocketTimeoutException: Connect timed out',
    ],
    expected: { class: 'connect_timeout', host: 'cache.vendor.example', port: 6379, library: 'jedis' },
  },
  {
    what: 'MongoDB: refused',
    source: MONGO,
    lines: [mongo(OPENING, 'java.net.ConnectException: Connection refused')],
    expected: { class: 'connect_refused', ...DB },
  },
  {
    what: 'MongoDB: connect time-out',
    source: MONGO,
    lines: [mongo43(OPENING, 'java.net.SocketTimeoutException: Connect timed out')],
    expected: { class: 'connect_timeout', ...DB },
  },
  {
    what: 'MongoDB: the name',
    source: MONGO,
    lines: [
      mongo('com.mongodb.MongoSocketException: db.vendor.example', 'java.net.UnknownHostException: db.vendor.example'),
    ],
    expected: { class: 'lookup_failed', ...DB },
  },
];
