// Fetches one export with the library that the first argument names, and logs as services do what came of it.
const [library, url, timeout] = process.argv.slice(2);
const ms = timeout === 'none' ? undefined : Number(timeout) * 1000;
const { hostname, origin, protocol, port: given } = new URL(url);
const port = Number(given) || (protocol === 'https:' ? 443 : 80);

async function s3Command() {
  const { S3Client, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    endpoint: origin,
    region: 'eu-central-1',
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: ms, requestTimeout: ms && ms + 2000, throwOnRequestTimeout: true },
  });
  return [client, new GetObjectCommand({ Bucket: 'exports', Key: '42.csv' })];
}

const fetchers = {
  fetch: async () => (await fetch(url)).text(),
  'fetch-signal': async () => (await fetch(url, { signal: AbortSignal.timeout(ms ?? 60_000) })).text(),
  undici: async () => {
    const { request, EnvHttpProxyAgent, interceptors } = await import('undici');
    const agent = new EnvHttpProxyAgent({ connect: { timeout: ms }, headersTimeout: ms });
    const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 3 }));
    return (await request(url, { dispatcher })).body.text();
  },
  https: async () => {
    const client = await import(protocol === 'https:' ? 'node:https' : 'node:http');
    return new Promise((resolve, reject) => client.get(url, resolve).on('error', reject));
  },
  axios: async () => (await import('axios')).default.get(url, { timeout: ms ?? 0 }),
  got: async () => {
    const { default: got } = await import('got');
    return got(url, { retry: { limit: 0 }, timeout: { connect: ms, secureConnect: ms, response: ms } });
  },
  'aws-sdk-js': async () => {
    const [client, command] = await s3Command();
    return client.send(command);
  },
  'aws-sdk-js-presigned': async () => {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const [client, command] = await s3Command();
    return (await fetch(await getSignedUrl(client, command, { expiresIn: 900 }))).text();
  },
  ioredis: async () => {
    const { Redis } = await import('ioredis');
    const tls = protocol === 'https:' ? {} : undefined;
    const redis = new Redis({ host: hostname, port, tls, connectTimeout: ms ?? 10_000, maxRetriesPerRequest: 1, retryStrategy: () => 50 });
    redis.on('error', (error) => console.error('redis:', error));
    return redis.ping();
  },
  pg: async () => {
    const { Client } = (await import('pg')).default;
    return new Client({ host: hostname, port, user: 'shop', database: 'orders', ssl: protocol === 'https:', connectionTimeoutMillis: ms }).connect();
  },
  kafkajs: async () => {
    const { Kafka } = (await import('kafkajs')).default;
    const ssl = protocol === 'https:';
    const kafka = new Kafka({ brokers: [`${hostname}:${port}`], ssl, connectionTimeout: ms ?? 10_000, retry: { retries: 1 } });
    return kafka.producer().connect();
  },
  'grpc-js': async () => {
    const grpc = await import('@grpc/grpc-js');
    const client = new grpc.Client(`${hostname}:${port}`, grpc.credentials.createSsl());
    const same = (value) => value;
    const deadline = Date.now() + (ms ?? 30_000);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest('/exports.v1.Exports/Get', same, same, Buffer.alloc(0), { deadline }, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  },
};

try {
  await fetchers[library]();
  console.log('export fetched');
} catch (error) {
  console.error('export failed:', error);
}
process.exit();
