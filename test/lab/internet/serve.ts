// The servers of the lab's internet, in one process: what each site's address is met with. (Silence and no route are the network's.)
// Run inside the internet's network namespace: `node serve.ts FOLDER`, where FOLDER holds each site's certificate.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { answer } from './answer.ts';
import { listenAsProxy } from './forward-proxy.ts';
import { type Meets, meets, namesOf, type Site, serverPorts, serves, sites } from './zone.ts';

const folder = process.argv[2] ?? '.';
// busybox's TLS client names no signature algorithms, which stricter levels take for SHA-1 only and refuse.
const leniently = 'DEFAULT@SECLEVEL=0';

function keyPair(site: Site): { cert: Buffer; key: Buffer } {
  const file = join(folder, site.name);
  return { cert: readFileSync(`${file}.pem`), key: readFileSync(`${file}-key.pem`) };
}

const contexts: ReadonlyMap<string, SecureContext> = new Map(
  sites.filter(serves).flatMap((site) => {
    const context = createSecureContext({ ...keyPair(site), ciphers: leniently });
    return namesOf(site).map((name): [string, SecureContext] => [name, context]);
  }),
);

function listenWithTls(site: Site, port: number): void {
  const server = createHttpsServer({
    ...keyPair(site),
    ciphers: leniently,
    SNICallback: (name, done) => done(null, contexts.get(name.toLowerCase())),
  });
  server.on('request', answer(site));
  // A client that goes away in the middle is part of the tests.
  server.on('tlsClientError', () => undefined);
  server.listen(port, site.address);
}

function listenOnServerPorts(site: Site, meet: (socket: Socket) => void): void {
  for (const port of serverPorts) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      meet(socket);
    });
    server.listen(port, site.address);
  }
}

const serveSite: { readonly [meeting in Meets]?: (site: Site) => void } = {
  server: serveHttps,
  'short-packets': serveHttps,
  reset: (site) => listenOnServerPorts(site, (socket) => socket.resetAndDestroy()),
  'reset-after-hello': (site) =>
    listenOnServerPorts(site, (socket) => socket.once('data', () => socket.resetAndDestroy())),
  'silence-after-hello': (site) => listenOnServerPorts(site, (socket) => socket.resume()),
  proxy: listenAsProxy,
};

function serveHttps(site: Site): void {
  for (const port of serverPorts) listenWithTls(site, port);
  if (site.plain === true) createHttpServer(answer(site)).listen(80, site.address);
}

for (const site of sites) serveSite[meets(site)]?.(site);
