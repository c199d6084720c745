// Forward proxies of the lab's internet: CONNECT (RFC 9110 §9.3.6) is carried out, or refused as real proxies refuse it.
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { follow } from './records.ts';
import { proxyPort, type Site } from './zone.ts';

const refusals: Readonly<Record<407 | 403 | 502, string>> = {
  407: 'Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="lab"',
  403: 'Forbidden',
  502: 'Bad Gateway',
};

function refuse(client: Socket, site: Site, status: 407 | 403 | 502): void {
  const via = `Via: 1.1 ${site.name} (lab)`;
  client.end(`HTTP/1.1 ${status} ${refusals[status]}\r\n${via}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

function tunnel(client: Socket, site: Site, target: string): void {
  const { hostname, port } = new URL(`https://${target}`);
  const address = follow(hostname).entry?.address;
  if (address === undefined) return refuse(client, site, 502);
  const server = connect(Number(port) || 443, address);
  server.on('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
}

export function listenAsProxy(site: Site): void {
  const proxy = createServer();
  proxy.on('connect', (request, client: Socket) => {
    client.on('error', () => undefined);
    const { proxyAnswers = 200 } = site;
    if (proxyAnswers === 200) tunnel(client, site, request.url ?? '');
    else refuse(client, site, proxyAnswers);
  });
  proxy.listen(proxyPort, site.address);
}
