/** The clients that print the samples: how each is started, which cases it can meet, and what its words can tell at best. */
import type { FailureClass } from '../../src/core/model/logs.ts';
import { type Case, serviceCases, tlsWithoutHttp2, webCases } from './cases.ts';

export interface Client {
  readonly name: string;
  /** What `library` of a failure should say. */
  readonly library: string;
  /** For clients that do not always put their name into their errors: what shows it, and the library to name without. */
  readonly unless?: { readonly shows: RegExp; readonly library?: string };
  readonly argv: (one: Case) => readonly string[];
  /** Prints the version. */
  readonly version: readonly string[];
  readonly cases: readonly Case[];
  /** Cases whose words tell another class than what happened, or not which. */
  readonly tells?: Readonly<Record<string, FailureClass | ((text: string) => FailureClass)>>;
  /** A second class that the client's words tell besides, e.g. of each attempt. */
  readonly also?: Readonly<Record<string, FailureClass>>;
  /** Cases of which it logs the place in another record than the failure. */
  readonly placeApart?: RegExp;
}

const place = ({ url }: Case): { host: string; port: string } => {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port || (protocol === 'https:' ? '443' : '80') };
};

const without = (cases: readonly Case[], ...names: readonly string[]): readonly Case[] =>
  cases.filter(({ name }) => !names.includes(name));

function python(name: string, distribution: string, more: Partial<Client> = {}): Client {
  return {
    name,
    library: name,
    argv: (one) => ['/usr/bin/python3', '/srv/python/app.py', name, one.url, one.timeout],
    version: [
      '/usr/bin/python3',
      '-c',
      `import importlib.metadata as m; print("${distribution}", m.version("${distribution}"))`,
    ],
    cases: webCases,
    ...more,
  };
}

function node(name: string, packageName: string | undefined, more: Partial<Client> = {}): Client {
  const script = `console.log('${packageName}', JSON.parse(fs.readFileSync('/srv/node/node_modules/${packageName}/package.json')).version)`;
  return {
    name,
    library: name,
    argv: (one) => ['/srv/bin/node', '/srv/node/app.js', name, one.url, one.timeout],
    version: ['/srv/bin/node', ...(packageName === undefined ? ['-p', "'node ' + process.version"] : ['-e', script])],
    cases: webCases,
    ...more,
  };
}

function go(name: string, module: string | undefined, more: Partial<Client> = {}): Client {
  return {
    name: `go-${name}`,
    library: 'go net',
    argv: (one) => ['/srv/go/exporter', name, one.url, one.timeout],
    version: [
      'sh',
      '-c',
      module === undefined
        ? 'go version'
        : `go version -m /srv/go/exporter | grep -F "${module}" | head -1 | cut -f 3,4`,
    ],
    cases: webCases,
    ...more,
  };
}

const javaProxy = (proxy: string): readonly string[] => {
  const { hostname, port } = new URL(proxy);
  return [`-Dhttps.proxyHost=${hostname}`, `-Dhttps.proxyPort=${port}`];
};

function java(name: string, jar: string | undefined, more: Partial<Client> = {}): Client {
  const run = [
    'java',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    '/srv/java/classes:/srv/java/lib/*',
  ];
  return {
    name: `java-${name}`,
    library: 'java',
    argv: (one) => [...run, ...(one.proxy ? javaProxy(one.proxy) : []), 'App', name, one.url, one.timeout],
    version: [
      'sh',
      '-c',
      jar === undefined ? 'java --version | head -1' : `basename /srv/java/lib/${jar}-[0-9]*.jar .jar`,
    ],
    cases: webCases,
    ...more,
  };
}

const debianVersion = (name: string): readonly string[] => ['grep', `^${name} `, '/srv/debian/versions.txt'];
const plain = (port: number): readonly Case[] => serviceCases(port, false);
const limit = (one: Case, option: (seconds: string) => readonly string[]): readonly string[] =>
  one.timeout === 'none' ? [] : option(one.timeout);

/** A warning for each attempt calls a handshake without an answer a read that took too long. */
const retriedReads: Client['also'] = { 'hello-silence': 'read_timeout' };

/** The lab's servers speak HTTP/1.1 alone, so that no handshake for gRPC gets as far as a certificate. */
const grpcCases: readonly Case[] = [
  ...without(webCases, 'tls-expired', 'tls-wrong-name', 'tls-stranger', 'read-timeout', 'redirect-blocked'),
  tlsWithoutHttp2,
];

const pythons: readonly Client[] = [
  python('requests', 'requests'),
  python('requests-retries', 'requests', {
    library: 'requests',
    also: retriedReads,
    cases: without(webCases, 'connect-timeout-kernel'),
  }),
  python('urllib3', 'urllib3', { also: retriedReads }),
  python('urllib', 'requests', { version: ['/usr/bin/python3', '--version'] }),
  // Its limit for the connection holds for the handshake, too.
  python('aiohttp', 'aiohttp', { tells: { 'hello-silence': 'connect_timeout' } }),
  python('httpx', 'httpx'),
  python('boto3', 'boto3', { library: 'botocore', cases: without(webCases, 'redirect-blocked') }),
  python('boto3-presigned', 'boto3', { library: 'requests', cases: without(webCases, 'redirect-blocked') }),
  // Its last exception stands alone, without the one of the handshake.
  python('azure-storage-blob', 'azure-storage-blob', { tells: { 'hello-silence': 'read_timeout' } }),
  python('google-cloud-storage', 'google-cloud-storage', { cases: without(webCases, 'read-timeout') }),
  python('grpc', 'grpcio', {
    // "Deadline Exceeded" is all it says of what never answered.
    tells: { 'connect-timeout': 'other', 'hello-silence': 'other' },
    cases: grpcCases,
  }),
  python('redis', 'redis', { library: 'redis-py', cases: without(serviceCases(6379, true), 'connect-timeout-kernel') }),
  // It waits for a handshake without end.
  python('kafka-python', 'kafka-python', {
    placeApart: /^(?!name|dns|servfail)/,
    also: { 'name-not-found': 'lookup_failed' },
    cases: without(serviceCases(9092, true), 'hello-silence', 'tls-wrong-name'),
  }),
  python('confluent-kafka', 'confluent-kafka', { library: 'librdkafka', cases: serviceCases(9092, true) }),
];

/** Its limit for the connection holds for the handshake, too. */
const connectingIncludesHandshake: Client['tells'] = { 'hello-silence': 'connect_timeout' };
/** Whatever it waited for. */
const anyWait: Client['tells'] = {
  'connect-timeout': 'other',
  'hello-silence': 'other',
  'read-timeout': 'other',
  'redirect-blocked': 'other',
};

/** The libraries of Debian 12, whose words many images still have. */
const pythonsOf2022: readonly Client[] = ['requests', 'boto3'].map((name) => {
  const old = ['env', 'PYTHONPATH=/srv/python/site-packages-2022'];
  const { version, ...client } = python(name, name, {
    library: name === 'boto3' ? 'botocore' : name,
    cases: without(webCases, 'connect-timeout-kernel', 'redirect-blocked'),
  });
  return {
    ...client,
    name: `${name}-2022`,
    argv: (one) => [...old, ...client.argv(one)],
    version: [...old, ...version],
  };
});

const nodes: readonly Client[] = [
  node('fetch', undefined, {
    name: 'node-fetch',
    library: 'node fetch',
    argv: nodeArgv('fetch'),
    tells: connectingIncludesHandshake,
    cases: without(webCases, 'read-timeout'),
  }),
  node('fetch-signal', undefined, {
    name: 'node-fetch-signal',
    library: 'node fetch',
    argv: nodeArgv('fetch-signal'),
    tells: anyWait,
  }),
  node('undici', 'undici', {
    tells: connectingIncludesHandshake,
    unless: { shows: /undici|UND_ERR/, library: 'node' },
  }),
  node('https', undefined, {
    name: 'node-https',
    library: 'node',
    argv: nodeArgv('https'),
    cases: without(webCases, 'connect-timeout', 'hello-silence', 'read-timeout', 'redirect-blocked'),
  }),
  node('axios', 'axios', { tells: anyWait }),
  node('got', 'got'),
  node('aws-sdk-js', '@aws-sdk/client-s3', {
    // A limit for the whole request.
    tells: { 'hello-silence': 'other', 'read-timeout': 'other' },
    cases: without(webCases, 'proxy-asks', 'proxy-denies', 'redirect-blocked'),
  }),
  node('aws-sdk-js-presigned', '@aws-sdk/s3-request-presigner', {
    library: 'node fetch',
    tells: connectingIncludesHandshake,
    cases: without(webCases, 'read-timeout', 'redirect-blocked'),
  }),
  node('ioredis', 'ioredis', {
    tells: connectingIncludesHandshake,
    unless: { shows: /ETIMEDOUT\n[^\n]*ioredis/, library: 'node' },
    cases: without(serviceCases(6379, true), 'read-timeout'),
  }),
  node('pg', 'pg', {
    tells: { 'connect-timeout': 'other', 'read-timeout': 'other' },
    unless: { shows: /node_modules\/pg\//, library: 'node' },
    cases: plain(5432),
  }),
  node('kafkajs', 'kafkajs', {
    // Its limit for the connection holds for the handshake, too, which it ends then.
    tells: connectingIncludesHandshake,
    also: { 'hello-silence': 'connection_reset' },
    cases: without(serviceCases(9092, true), 'read-timeout'),
  }),
  node('grpc-js', '@grpc/grpc-js', {
    tells: {
      'name-not-found': 'lookup_failed',
      'connect-timeout': 'other',
      'connect-timeout-kernel': 'other',
      'hello-silence': 'other',
    },
    cases: grpcCases,
  }),
];

function nodeArgv(name: string): Client['argv'] {
  return (one) => ['/srv/bin/node', '/srv/node/app.js', name, one.url, one.timeout];
}

const gos: readonly Client[] = [
  // Its limit holds for the whole request.
  go('slog', undefined, { tells: anyWait }),
  go('slog-json', undefined, {
    tells: anyWait,
    cases: without(webCases, 'connect-timeout-kernel'),
  }),
  go('transport', undefined),
  go('panic', undefined, { cases: without(webCases, 'connect-timeout-kernel') }),
  go('aws', 'github.com/aws/aws-sdk-go-v2/service/s3', {
    library: 'aws-sdk-go',
    tells: anyWait,
    cases: without(webCases, 'redirect-blocked'),
  }),
  go('pgx', 'github.com/jackc/pgx', { library: 'pgx', cases: plain(5432) }),
  // Of a connection that stood it says "EOF" or "i/o timeout" and no more.
  go('redis', 'github.com/redis/go-redis', { library: 'go net', cases: without(plain(6379), 'reset', 'read-timeout') }),
];

const javas: readonly Client[] = [
  // A refused connection is an exception without a message; a proxy's 407 is an answer as any other.
  java('jdk', undefined, {
    library: 'java http client',
    tells: {
      ...connectingIncludesHandshake,
      'name-not-found': 'lookup_failed',
      refused: 'other',
      'read-timeout': 'other',
    },
    cases: without(webCases, 'connect-timeout-kernel', 'proxy-asks'),
  }),
  java('urlconnection', undefined, { tells: { 'name-not-found': 'lookup_failed' } }),
  java('okhttp', 'okhttp', { library: 'okhttp' }),
  java('reactor-netty', 'reactor-netty-http', {
    library: 'netty',
    tells: { 'name-not-found': 'lookup_failed' },
    also: { 'hello-reset': 'tls_failed' },
  }),
  // It hands a proxy's refusal to the application, and waits for a handshake without end.
  java('apache', 'httpclient5', {
    library: 'apache httpclient',
    cases: without(webCases, 'hello-silence', 'proxy-asks', 'proxy-denies'),
  }),
  java('jdbc', 'postgresql', {
    library: 'postgresql jdbc',
    tells: { 'name-not-found': 'lookup_failed' },
    cases: plain(5432),
  }),
  java('kafka', 'kafka-clients', {
    library: 'kafka',
    // "Node may not be available" is all it says of most.
    tells: {
      'connect-timeout': 'other',
      'hello-silence': 'other',
      'name-not-found': 'lookup_failed',
      refused: 'other',
      reset: 'other',
      'hello-reset': 'other',
      'no-route': 'other',
      'read-timeout': 'other',
    },
    cases: without(serviceCases(9092, true), 'connect-timeout-kernel'),
  }),
];

function curlLike(more: Partial<Client> & Pick<Client, 'name' | 'argv' | 'version'>): Client {
  return { library: more.name, cases: webCases, ...more };
}

/** curl says no more than that it could not; of names it never says more. */
const curlTells: Client['tells'] = {
  'name-not-found': 'lookup_failed',
  refused: 'other',
  // By when the reset comes, it belongs to the connection that stood or to the attempt.
  reset: (text) => (/reset by peer/.test(text) ? 'connection_reset' : 'other'),
  'no-route': 'other',
};

const mysqlReset = (text: string): FailureClass => (/system error: 104/.test(text) ? 'connection_reset' : 'other');

const commands: readonly Client[] = [
  curlLike({
    name: 'curl',
    tells: curlTells,
    argv: (one) => [
      'curl',
      '-sSfL',
      '-o',
      '/dev/null',
      ...limit(one, (s) => ['--connect-timeout', s, '--max-time', String(Number(s) + 1)]),
      one.url,
    ],
    version: ['sh', '-c', 'curl --version | cut -d " " -f 1,2 | head -1'],
  }),
  curlLike({
    name: 'curl-verbose',
    tells: { 'name-not-found': 'lookup_failed' },
    library: 'curl',
    argv: (one) => [
      'curl',
      '-svfL',
      '-o',
      '/dev/null',
      ...limit(one, (s) => ['--connect-timeout', s, '--max-time', String(Number(s) + 1)]),
      one.url,
    ],
    version: ['sh', '-c', 'curl --version | cut -d " " -f 1,2 | head -1'],
    cases: without(webCases, 'connect-timeout-kernel'),
  }),
  curlLike({
    name: 'wget',
    argv: (one) => ['wget', '-O', '/dev/null', '--tries=1', ...limit(one, (s) => [`--timeout=${s}`]), one.url],
    version: ['sh', '-c', 'wget --version | head -1'],
  }),
  curlLike({
    name: 'busybox-wget',
    // `bad address` for whatever kept the name from being found; one limit for all.
    tells: {
      'name-not-found': 'lookup_failed',
      'connect-timeout': 'other',
      'read-timeout': 'other',
    },
    library: 'wget',
    argv: (one) => [
      '/srv/bin/busybox',
      'wget',
      '-O',
      '/dev/null',
      ...limit(one, (s) => ['-T', s]),
      one.url.replace('https://', 'http://').replace(/(example)\//, '$1:443/'),
    ],
    version: ['sh', '-c', '/srv/bin/busybox | head -1 | cut -d " " -f 1,2'],
    cases: webCases.filter(({ name }) => !/^(?:tls|hello|proxy|redirect)/.test(name)),
  }),
  curlLike({
    name: 'git',
    tells: { ...curlTells, 'redirect-blocked': 'other', 'connect-timeout-kernel': 'other' },
    argv: (one) => ['git', 'ls-remote', one.url.replace('/exports/42.csv', '/shop/policies.git')],
    version: ['git', '--version'],
    cases: webCases.filter(({ name }) => !/^(?:connect-timeout$|hello-silence|read-timeout)/.test(name)),
  }),
  curlLike({
    name: 'pip',
    // Without the exceptions below it.
    tells: { 'hello-silence': 'read_timeout' },
    argv: (one) => [
      '/usr/bin/python3',
      '-m',
      'pip',
      'download',
      '--no-cache-dir',
      '--retries',
      '1',
      ...limit(one, (s) => ['--timeout', s]),
      '--index-url',
      one.url.replace('/exports/42.csv', '/simple/'),
      '--dest',
      '/srv/home',
      'exporter',
    ],
    version: ['/usr/bin/python3', '-m', 'pip', '--version'],
    cases: without(webCases, 'read-timeout', 'redirect-blocked'),
  }),
  curlLike({
    name: 'npm',
    // One limit for the whole request.
    tells: { 'read-timeout': 'other' },
    argv: (one) => [
      '/srv/bin/node',
      '/usr/lib/node_modules/npm/bin/npm-cli.js',
      'view',
      'exporter',
      '--fetch-retries=0',
      '--update-notifier=false',
      '--logs-max=0',
      ...limit(one, () => ['--fetch-timeout=3000']),
      `--registry=${one.url.replace('/exports/42.csv', '/')}`,
    ],
    version: ['/srv/bin/node', '-p', "'npm ' + require('/usr/lib/node_modules/npm/package.json').version"],
    cases: without(webCases, 'connect-timeout-kernel', 'hello-silence', 'redirect-blocked'),
  }),
  curlLike({
    name: 'psql',
    // Its limit for connecting holds until the server has answered.
    tells: { 'read-timeout': 'connect_timeout' },
    argv: (one) => [
      'psql',
      `host=${place(one).host} port=${place(one).port} user=shop dbname=orders${one.timeout === 'none' ? '' : ' connect_timeout=3'}`,
      '-c',
      'select 1',
    ],
    version: ['psql', '--version'],
    cases: plain(5432),
  }),
  curlLike({
    name: 'redis-cli',
    unless: { shows: /Redis/ },
    argv: (one) => ['redis-cli', '-h', place(one).host, '-p', place(one).port, 'ping'],
    version: ['redis-cli', '--version'],
    cases: without(plain(6379), 'connect-timeout', 'connect-timeout-kernel', 'read-timeout'),
  }),
  curlLike({
    name: 'mysql',
    // "(115)" is the start of each attempt.
    tells: { refused: 'other', reset: mysqlReset, 'no-route': 'other', 'connect-timeout-kernel': 'other' },
    argv: (one) => [
      'mariadb',
      '-h',
      place(one).host,
      '-P',
      place(one).port,
      '-u',
      'shop',
      ...limit(one, (s) => [`--connect-timeout=${s}`]),
      '-e',
      'select 1',
    ],
    version: debianVersion('mariadb-client-core'),
    cases: plain(3306),
  }),
  curlLike({
    name: 'kcat',
    library: 'librdkafka',
    argv: (one) => [
      'kcat',
      '-L',
      '-m',
      '4',
      '-X',
      'socket.connection.setup.timeout.ms=3000',
      '-b',
      `${place(one).host}:${place(one).port}`,
    ],
    version: debianVersion('kcat'),
    cases: without(plain(9092), 'connect-timeout-kernel'),
  }),
];

/** Its second look at a connection that failed at once finds an attempt "already in progress". */
const rubyTells: Client['tells'] = { 'no-route': 'other' };

/** An unsuccessful tunnel may be a refusal, or a target that the proxy cannot reach. */
const reqwestTells: Client['tells'] = {
  ...connectingIncludesHandshake,
  'proxy-denies': 'other',
  // One limit for the whole request.
  'read-timeout': 'other',
};

/** For TLS this version wants an OpenSSL that Debian 12 no longer has. */
const dotnetCases: readonly Case[] = webCases.filter(({ name }) => !/^(?:tls|hello|redirect)/.test(name));

const others: readonly Client[] = [
  {
    name: 'dotnet',
    library: '.net',
    // One limit for the whole request; while it connects, the frames tell.
    tells: { 'read-timeout': 'other' },
    argv: (one) => ['/srv/dotnet/runtime/dotnetcore2/bin/dotnet', '/srv/dotnet/App.dll', one.url, one.timeout],
    version: ['sh', '-c', 'echo .NET Core $(ls /srv/dotnet/runtime/dotnetcore2/bin/shared/Microsoft.NETCore.App)'],
    cases: dotnetCases,
  },
  {
    name: 'ruby-net-http',
    library: 'ruby',
    tells: rubyTells,
    argv: (one) => ['ruby', '/srv/ruby/app.rb', 'net-http', one.url, one.timeout],
    version: ['ruby', '--version'],
    // It looks for a proxy for plain HTTP alone.
    cases: without(webCases, 'proxy-asks', 'proxy-denies'),
  },
  {
    name: 'ruby-faraday',
    library: 'faraday',
    tells: rubyTells,
    argv: (one) => ['ruby', '/srv/ruby/app.rb', 'faraday', one.url, one.timeout],
    version: debianVersion('ruby-faraday'),
    cases: without(webCases, 'redirect-blocked', 'connect-timeout-kernel'),
  },
  {
    name: 'php-curl',
    library: 'curl',
    tells: curlTells,
    argv: (one) => php('curl', one),
    version: ['sh', '-c', 'php --version | head -1'],
    cases: webCases,
  },
  {
    name: 'php-streams',
    library: 'php',
    argv: (one) => php('streams', one),
    version: ['sh', '-c', 'php --version | head -1'],
    cases: without(webCases, 'proxy-asks', 'proxy-denies', 'redirect-blocked'),
  },
  {
    name: 'php-guzzle',
    library: 'guzzle',
    tells: curlTells,
    argv: (one) => php('guzzle', one),
    version: debianVersion('php-guzzlehttp-guzzle'),
    cases: without(webCases, 'connect-timeout-kernel'),
  },
  {
    name: 'reqwest',
    library: 'reqwest',
    tells: reqwestTells,
    argv: (one) => ['/srv/rust/exporter', 'chain', one.url, one.timeout],
    version: ['grep', '-A1', 'name = "reqwest"', '/srv/rust/Cargo.lock'],
    // Of a redirect it names the first URL.
    cases: without(webCases, 'redirect-blocked'),
  },
  {
    name: 'reqwest-debug',
    library: 'reqwest',
    tells: reqwestTells,
    argv: (one) => ['/srv/rust/exporter', 'debug', one.url, one.timeout],
    version: ['grep', '-A1', 'name = "reqwest"', '/srv/rust/Cargo.lock'],
    cases: without(webCases, 'connect-timeout-kernel', 'redirect-blocked'),
  },
];

function php(library: string, one: Case): readonly string[] {
  return ['php', '-d', 'extension=curl', '/srv/php/app.php', library, one.url, one.timeout];
}

export const clients: readonly Client[] = [
  ...pythons,
  ...pythonsOf2022,
  ...nodes,
  ...gos,
  ...javas,
  ...commands,
  ...others,
];
