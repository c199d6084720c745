// The servers of the lab's internet, in one process: HTTPS on every site's address, and a name server that always fails.
// Run inside the internet's network namespace: `node serve.ts FOLDER`, where FOLDER holds each site's certificate.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { plan } from '../plan.ts';
import { namesOf, type Site, serverPorts, serves, sites } from './zone.ts';

const folder = process.argv[2] ?? '.';
// busybox's TLS client names no signature algorithms, which stricter levels take for SHA-1 only and refuse.
const leniently = 'DEFAULT@SECLEVEL=0';
const served = sites.filter(serves);

function presignedUrl(host: string): string {
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIALABLABLABLAB0000/20261124/lab/s3/aws4_request',
    'X-Amz-Date': '20261124T000000Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': '7e1ab0'.repeat(11).slice(0, 64),
  });
  return `https://${host}/exports/42.csv?${query.toString()}`;
}

function answer(request: IncomingMessage, response: ServerResponse, site: Site): void {
  const path = new URL(request.url ?? '/', 'https://lab.invalid').pathname;
  if (path === '/v2/download' && site.presigns !== undefined)
    return json(response, { url: presignedUrl(site.presigns) });
  if (path === '/exports/42.csv') return text(response, 'text/csv', 'id,amount\n42,17\n');
  return json(response, { host: request.headers.host ?? null, site: site.name, path });
}

function text(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function json(response: ServerResponse, body: object): void {
  text(response, 'application/json', `${JSON.stringify(body)}\n`);
}

function keyPair(site: Site): { cert: Buffer; key: Buffer } {
  const file = join(folder, site.name);
  return { cert: readFileSync(`${file}.pem`), key: readFileSync(`${file}-key.pem`) };
}

const contexts: ReadonlyMap<string, SecureContext> = new Map(
  served.flatMap((site) => {
    const context = createSecureContext({ ...keyPair(site), ciphers: leniently });
    return namesOf(site).map((name): [string, SecureContext] => [name, context]);
  }),
);

function listen(site: Site, port: number): void {
  const server = createServer({
    ...keyPair(site),
    ciphers: leniently,
    SNICallback: (name, done) => done(null, contexts.get(name.toLowerCase())),
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => answer(request, response, site));
  // A client that goes away in the middle is part of the tests.
  server.on('tlsClientError', () => undefined);
  server.listen(port, site.address);
}

/** Sends every question back as an answer that says SERVFAIL (response code 2). */
function failEveryQuestion(): void {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    if (question.length < 12) return;
    const reply = Buffer.from(question);
    reply[2] = (reply[2] ?? 0) | 0x80;
    reply[3] = 0x82;
    socket.send(reply, from.port, from.address);
  });
  socket.bind(53, plan.failingDns);
}

for (const site of served) for (const port of serverPorts) listen(site, port);
failEveryQuestion();
