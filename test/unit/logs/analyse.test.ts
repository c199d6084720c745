import { describe, expect, it } from 'vitest';
import * as fc from '../support/fast-check.ts';
import { analyse } from './support/analyse.ts';

const first = (text: string) => analyse(text, 'app').failures[0];

describe('errors of clients that could not be run here, as their sources word them', () => {
  it.each([
    [
      'glibc',
      "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by NameResolutionError(\"<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to resolve 'a.example' ([Errno -3] Temporary failure in name resolution)\"))",
      { class: 'lookup_failed', host: 'a.example', port: 443, library: 'requests' },
    ],
    [
      'old urllib3',
      "HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: /x (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 110] Connection timed out'))",
      { class: 'connect_timeout', host: 'a.example', port: 443 },
    ],
    [
      'no IPv6 route',
      "HTTPSConnectionPool(host='a.example', port=443): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: Failed to establish a new connection: [Errno 101] Network is unreachable'))",
      { class: 'unreachable', host: 'a.example' },
    ],
    [
      'Node EAI_AGAIN',
      'Error: getaddrinfo EAI_AGAIN api.vendor.example',
      { class: 'lookup_failed', host: 'api.vendor.example', library: 'node' },
    ],
    [
      'Node ETIMEDOUT',
      'Error: connect ETIMEDOUT 203.0.113.20:443',
      { class: 'connect_timeout', address: '203.0.113.20', port: 443 },
    ],
    ['Node IPv6', 'Error: connect ENETUNREACH 2001:db8::1:443 - Local (:::0)', { class: 'unreachable', port: 443 }],
    [
      'old undici',
      'ConnectTimeoutError: Connect Timeout Error (attempted addresses: 203.0.113.20:443, timeout: 10000ms)',
      { class: 'connect_timeout', address: '203.0.113.20', port: 443, library: 'node fetch' },
    ],
    [
      'Node altname',
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames: DNS:b.example",
      { class: 'tls_failed', host: 'a.example' },
    ],
    [
      'Go DNS time-out',
      'Get "https://a.example/v1": dial tcp: lookup a.example on 10.96.0.10:53: read udp 10.0.0.5:4312->10.96.0.10:53: i/o timeout',
      { class: 'lookup_failed', host: 'a.example', port: 443, library: 'go net' },
    ],
    [
      'Go server misbehaving',
      'dial tcp: lookup a.example on 10.96.0.10:53: server misbehaving',
      { class: 'lookup_failed', host: 'a.example' },
    ],
    [
      'Go IPv6',
      'dial tcp [2001:db8::1]:443: connect: network is unreachable',
      { class: 'unreachable', address: '2001:db8::1', port: 443 },
    ],
    [
      'Apache',
      'org.apache.http.conn.ConnectTimeoutException: Connect to a.example:443 [a.example/203.0.113.9] failed: connect timed out',
      { class: 'connect_timeout', host: 'a.example', port: 443, library: 'apache httpclient' },
    ],
    [
      'OkHttp',
      'java.net.SocketTimeoutException: failed to connect to a.example/203.0.113.9 (port 443) from /10.0.0.4 (port 41234) after 10000ms',
      { class: 'connect_timeout', host: 'a.example', address: '203.0.113.9', port: 443, library: 'okhttp' },
    ],
    [
      'Netty',
      'io.netty.channel.ConnectTimeoutException: connection timed out after 30000 ms: a.example/203.0.113.9:443',
      { class: 'connect_timeout', host: 'a.example', address: '203.0.113.9', port: 443 },
    ],
    [
      'Java with reason',
      'Caused by: java.net.UnknownHostException: a.example: Temporary failure in name resolution',
      { class: 'lookup_failed', host: 'a.example' },
    ],
    [
      '.NET',
      'System.Net.Http.HttpRequestException: Connection timed out (a.example:443)',
      { class: 'connect_timeout', host: 'a.example', port: 443, library: '.net' },
    ],
    [
      'reqwest',
      'error sending request for url (https://a.example/v1): error trying to connect: tcp connect error: Connection refused (os error 111)',
      { class: 'connect_refused', host: 'a.example', port: 443, library: 'reqwest' },
    ],
    [
      'reqwest DNS',
      'error sending request for url (https://a.example/): error trying to connect: dns error: failed to lookup address information: Temporary failure in name resolution',
      { class: 'lookup_failed', host: 'a.example' },
    ],
    ['busybox', "wget: bad address 'a.example'", { class: 'lookup_failed', host: 'a.example', library: 'wget' }],
    [
      'psql',
      'psql: error: connection to server at "db.example" (203.0.113.9), port 5432 failed: Connection timed out',
      { class: 'connect_timeout', host: 'db.example', address: '203.0.113.9', port: 5432, library: 'psql' },
    ],
    [
      'git',
      "fatal: unable to access 'https://git.example/r.git/': Failed to connect to git.example port 443 after 130 ms: Connection refused",
      { class: 'connect_refused', host: 'git.example', port: 443 },
    ],
    [
      'words of the C library',
      'redis: dialing cache.example:6379: Connection refused',
      { class: 'connect_refused', host: 'cache.example', port: 6379 },
    ],
    [
      '.NET’s proxy',
      "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.example:3128/' failed with status code '407'.\"",
      { class: 'http_denied', library: '.net' },
    ],
    [
      '.NET’s socket',
      ' ---> System.Net.Sockets.SocketException (113): No route to host',
      { class: 'unreachable', library: '.net' },
    ],
    [
      'StackExchange.Redis',
      'StackExchange.Redis.RedisConnectionException: It was not possible to connect to the redis server(s). UnableToConnect on cache.example:6379/Interactive, Initializing/NotStarted',
      { class: 'other', host: 'cache.example', port: 6379, library: 'stackexchange.redis' },
    ],
    [
      'MySQL',
      "ERROR 2003 (HY000): Can't connect to MySQL server on 'db.example:3306' (110)",
      { class: 'connect_timeout', host: 'db.example', port: 3306, library: 'mysql' },
    ],
    [
      'MySQL DNS',
      "ERROR 2005 (HY000): Unknown MySQL server host 'db.example' (-3)",
      { class: 'lookup_failed', host: 'db.example', library: 'mysql' },
    ],
    [
      'PyMySQL',
      "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db.example' ([Errno 111] Connection refused)\")",
      { class: 'connect_refused', host: 'db.example' },
    ],
    [
      'PyMongo',
      'pymongo.errors.ServerSelectionTimeoutError: db.example:27017: [Errno 111] Connection refused (configured timeouts: socketTimeoutMS: 20000.0ms, connectTimeoutMS: 20000.0ms), Timeout: 30s',
      { class: 'connect_refused', host: 'db.example', port: 27017, library: 'mongodb' },
    ],
    [
      'MongoDB’s Node driver',
      'MongoServerSelectionError: getaddrinfo ENOTFOUND db.example\n    at Topology.selectServer',
      { class: 'name_not_found', host: 'db.example', library: 'mongodb' },
    ],
    [
      'MySQL’s JDBC',
      'com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\nCaused by: java.net.UnknownHostException: db.example',
      { class: 'lookup_failed', host: 'db.example' },
    ],
    [
      'redis-cli',
      'Could not connect to Redis at cache.example:6379: Name or service not known',
      { class: 'name_not_found', host: 'cache.example', port: 6379, library: 'redis-cli' },
    ],
    [
      'docker',
      'Error response from daemon: Get "https://registry.vendor.example/v2/": dial tcp: lookup registry.vendor.example on 10.96.0.10:53: no such host',
      { class: 'name_not_found', host: 'registry.vendor.example', port: 443, library: 'docker' },
    ],
    [
      'containerd',
      'failed to pull and unpack image "registry.vendor.example/a:1": failed to do request: Head "https://registry.vendor.example/v2/a/manifests/1": dial tcp 203.0.113.9:443: i/o timeout',
      { class: 'connect_timeout', host: 'registry.vendor.example', address: '203.0.113.9', library: 'docker' },
    ],
    [
      'gRPC in Go',
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 203.0.113.9:443: connect: connection refused"',
      { class: 'connect_refused', address: '203.0.113.9', port: 443, library: 'grpc' },
    ],
    [
      'gRPC in Java',
      'io.grpc.StatusRuntimeException: UNAVAILABLE: Unable to resolve host grpc.vendor.example',
      { class: 'lookup_failed', host: 'grpc.vendor.example', library: 'grpc' },
    ],
    [
      'the npm of old',
      'npm ERR! network request to https://registry.vendor.example/a failed, reason: getaddrinfo EAI_AGAIN registry.vendor.example',
      { class: 'lookup_failed', host: 'registry.vendor.example', port: 443, library: 'npm' },
    ],
    [
      'git over ssh',
      'ssh: connect to host git.vendor.example port 22: Connection timed out',
      { class: 'connect_timeout', host: 'git.vendor.example', port: 22, library: 'ssh' },
    ],
    [
      'PDO',
      'PDOException: SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for db.example failed: Temporary failure in name resolution',
      { class: 'lookup_failed', host: 'db.example', library: 'php' },
    ],
    [
      'AWS SDK for Java',
      'software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connect to s3.vendor.example:443 [s3.vendor.example/203.0.113.9] failed: Connect timed out',
      { class: 'connect_timeout', host: 's3.vendor.example', address: '203.0.113.9', library: 'aws-sdk-java' },
    ],
    [
      'a proxy that Go asks',
      'Get "https://a.example/": Proxy Authentication Required',
      { class: 'http_denied', host: 'a.example', library: 'go net' },
    ],
    [
      'denied',
      'requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://b.example/x?sig=abc&sv=1',
      { class: 'http_denied', host: 'b.example', port: 443 },
    ],
  ])('%s', (_name, text, expected) => {
    expect(first(text)).toMatchObject(expected);
  });

  it.each([
    'GET /v1/items 200 12ms',
    'connected to db.example:5432',
    'cache lookup took 3 ms, 4 keys found',
    'server certificate loaded from /etc/tls/tls.crt',
    'config: connect_timeout=3 retries=2',
    'feature timeout enabled; request timeout set to 30s',
  ])('sees no failure in: %s', (text) => {
    expect(first(text)).toBeUndefined();
  });

  it('never takes a source line for a place', () => {
    expect(first('app.py:12: Connection refused')).not.toHaveProperty('host');
  });
});

describe('events', () => {
  const stamp = (text: string, minute: number): string =>
    text
      .split('\n')
      .map((line, i) => `2026-11-24T10:${String(minute).padStart(2, '0')}:00.${String(i).padStart(9, '0')}Z ${line}`)
      .join('\n');
  const TRACE = [
    'ERROR:app:fetch failed',
    'Traceback (most recent call last):',
    '  File "/app/x.py", line 3, in <module>',
    '    socket.create_connection((host, 443))',
    'TimeoutError: timed out',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    'Traceback (most recent call last):',
    '  File "/app/x.py", line 9, in get',
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='files.vendor.example', port=443): Max retries exceeded with url: /exports/42.csv?X-Amz-Signature=abc (Caused by ConnectTimeoutError(<x>, 'Connection to files.vendor.example timed out. (connect timeout=3)'))",
  ].join('\n');

  it('counts a chained trace once and keeps the first and last time', () => {
    const log = [stamp(TRACE, 1), stamp('INFO ok', 2), stamp(TRACE, 3), ''].join('\n');
    expect(analyse(log, 'app').failures).toMatchObject([
      {
        class: 'connect_timeout',
        host: 'files.vendor.example',
        port: 443,
        library: 'requests',
        container: 'app',
        count: 2,
        firstSeen: '2026-11-24T10:01:00.000000000Z',
        lastSeen: '2026-11-24T10:03:00.000000000Z',
      },
    ]);
  });

  it('joins the pool’s host and the path of its URL', () => {
    expect(analyse(TRACE, 'app').urls).toEqual([
      {
        host: 'files.vendor.example',
        port: 443,
        presigned: 'aws-s3-v4',
        display: 'https://files.vendor.example/exports/42.csv?X-Amz-Signature=[redacted]',
        count: 1,
        container: 'app',
      },
    ]);
  });

  it('keeps Java’s causes in one event and takes the deepest telling one', () => {
    const log = [
      '2026-11-24 ERROR c.v.App - export failed',
      'java.lang.RuntimeException: export failed',
      '\tat c.v.App.run(App.java:12)',
      'Caused by: java.net.SocketTimeoutException: Connect timed out',
      '\tat java.base/sun.nio.ch.X(Y.java:1)',
      '\t... 3 more',
      'INFO next',
    ].join('\n');
    expect(analyse(log, 'app').failures).toMatchObject([{ class: 'connect_timeout', library: 'java', count: 1 }]);
  });

  it('reads JSON lines: message, nested error, stack', () => {
    const log = [
      JSON.stringify({
        level: 'error',
        msg: 'fetch failed',
        err: {
          type: 'Error',
          message: 'connect ETIMEDOUT 203.0.113.20:443',
          stack: 'Error: connect ETIMEDOUT 203.0.113.20:443\n    at x (y.js:1:2)',
        },
        url: 'https://files.vendor.example/a?X-Amz-Algorithm=x&X-Amz-Signature=abc',
      }),
      JSON.stringify({ message: 'ok', url: 'https://api.vendor.example/v1' }),
    ].join('\n');
    const { failures, urls } = analyse(log, 'app');
    expect(failures).toMatchObject([
      { class: 'connect_timeout', host: 'files.vendor.example', address: '203.0.113.20', port: 443, count: 1 },
    ]);
    expect(urls.map(({ host }) => host)).toEqual(['files.vendor.example', 'api.vendor.example']);
  });

  it('still reads a JSON line that was cut off', () => {
    expect(first('{"msg":"Get \\"https://a.example/x\\": dial tcp 203.0.113.9:443: i/o timeout","sta')).toMatchObject({
      class: 'connect_timeout',
      host: 'a.example',
    });
  });

  it('does not join lines of different requests', () => {
    const log = ['Error: connect ECONNREFUSED 203.0.113.1:443', 'Error: connect ECONNREFUSED 203.0.113.2:443'].join(
      '\n',
    );
    expect(
      analyse(log, 'app')
        .failures.map(({ address }) => address)
        .toSorted(),
    ).toEqual(['203.0.113.1', '203.0.113.2']);
  });
});

describe('signed URLs', () => {
  it.each([
    ['aws-s3-v4', 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b'],
    ['aws-s3-v2', 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1&Signature=x%3D'],
    ['gcs-v4', 'X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=ab'],
    ['azure-sas', 'sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=a%2Bb%3D'],
    ['cloudfront', 'Expires=1&Signature=a~b-_&Key-Pair-Id=K1'],
    ['oss', 'OSSAccessKeyId=LTAI&Expires=1&Signature=x'],
    ['generic', 'token=abcdef&expires=1'],
    [undefined, 'token=abcdef'],
    [undefined, 'page=2&sort=name'],
  ])('%s', (presigned, query) => {
    const { urls } = analyse(`downloading https://h.example/p?${query} now`, 'app');
    expect(urls).toHaveLength(1);
    expect(urls[0]?.presigned).toBe(presigned);
  });

  it.each([
    ['(see https://a.example/x).', 'https://a.example/x'],
    ['"u":"https:\\/\\/a.example\\/x?a=1\\u0026b=2"', 'https://a.example/x?a=1&b=2'],
    ['https://bob:pw@a.example:8443/x', 'https://a.example:8443/x'],
    ['http://[2001:db8::1]:80/', 'http://[2001:db8::1]/'],
    ['WSS://A.Example', 'wss://a.example'],
  ])('%s', (text, display) => {
    expect(analyse(text, 'app').urls.map((url) => url.display)).toEqual([display]);
  });

  it.each(['https://', 'https://-x/', 'https://a..b/', 'https://$(id)/', 'https://a.example:99999/'])(
    'takes no host from %s',
    (text) => {
      expect(analyse(text, 'app').urls).toEqual([]);
    },
  );
});

describe('hostile logs', () => {
  it('lets no secret, control or bidi character out', () => {
    const log =
      'pass\u200bword=hun\u001b[1mter2 connect to a.example:443: Connection refused \u202e Authorization: Bearer abcdef123456';
    const leaving = JSON.stringify(analyse(log, 'app').failures);
    expect(leaving).toContain('connect_refused');
    expect(leaving).not.toMatch(/hunter2|abcdef123456|\\u001b|\u202e|\u200b/);
  });

  it('takes time in proportion to the log', () => {
    const parts = [
      "HTTPSConnectionPool(host='a', port=1)",
      'HTTPSConnection(host=',
      'a.b:1 Connection refused ',
      'https://a',
      '{"a":',
      'Cannot connect to host a:1 ssl:',
      'error sending request for url (https://a',
      'Traceback (most recent call last):\n',
      '1.1.1.1:1 ECONNREFUSED\n',
      'lookup a: ',
      'x'.repeat(5000),
    ];
    for (const part of parts) {
      const started = performance.now();
      analyse(part.repeat(100_000 / part.length), 'app');
      expect({ part, slow: performance.now() - started > 3000 }).toEqual({ part, slow: false });
    }
  });

  it('never throws and never makes a host outside the grammar', () => {
    const piece = fc.constantFrom(
      'Connection refused',
      'https://',
      "host='",
      'lookup ',
      ': no such host',
      ' ',
      '\n',
      '{',
      '"',
      '}',
      '..',
      '$(id)',
      'a.example',
      ':443',
      '-x',
      '\u001b[0m',
      'Traceback (most recent call last):',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (parts) => {
        const { failures, urls } = analyse(parts.join(''), 'app');
        for (const { host } of [...failures, ...urls])
          expect(host ?? 'a').toMatch(/^[a-z0-9_]([a-z0-9_.:-]*[a-z0-9_:])?$/);
      }),
    );
  });
});
