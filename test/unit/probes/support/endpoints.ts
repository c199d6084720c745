/** Test support: endpoints on the loopback that behave in each way a probe must tell apart; every one records what it received. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Identity } from '../../support/self-signed.ts';

export interface Endpoint {
  readonly port: number;
  /** Application data received (for TLS: after the handshake). */
  readonly received: Buffer[];
  close(): void;
}

async function listening(server: Server, received: Buffer[], host: string): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Accepts and says nothing: also a TLS server that stalls. */
export function open(host = '127.0.0.1'): Promise<Endpoint> {
  const received: Buffer[] = [];
  return listening(
    createServer((socket) => socket.on('data', (data) => received.push(data))),
    received,
    host,
  );
}

/** Resets the connection at the first byte, as a filter does that reads the ClientHello. */
export function resetting(): Promise<Endpoint> {
  return listening(
    createServer((socket) => socket.on('data', () => socket.resetAndDestroy())),
    [],
    '127.0.0.1',
  );
}

export function tls(identity: Identity): Promise<Endpoint> {
  const received: Buffer[] = [];
  return listening(
    secured(identity, (socket) => socket.on('data', (data) => received.push(data))),
    received,
    '127.0.0.1',
  );
}

function secured(identity: Identity, serve: (socket: Socket) => void): Server {
  const server = createTlsServer({ ...identity, minVersion: 'TLSv1.2' }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.on('tlsClientError', () => undefined);
  return server;
}

/** Answers each request by its path; over TLS where there is an identity. `received` holds whole requests. */
export function web(answers: Readonly<Record<string, string>>, identity?: Identity): Promise<Endpoint> {
  const received: Buffer[] = [];
  const serve = (socket: Socket): void => {
    let request = '';
    socket.on('data', (data) => {
      request += data.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      received.push(Buffer.from(request, 'latin1'));
      const [, path = ''] = request.split(' ', 2);
      socket.end(answers[path] ?? 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n', 'latin1');
      request = '';
    });
  };
  return listening(identity === undefined ? createServer(serve) : secured(identity, serve), received, '127.0.0.1');
}

/** Answers every CONNECT so; opens no way. */
export function proxy(status: string): Promise<Endpoint> {
  const received: Buffer[] = [];
  return listening(
    createServer((socket) => {
      socket.on('data', (data) => {
        received.push(data);
        if (!data.includes('\r\n\r\n')) return;
        socket.write(`HTTP/1.1 ${status}\r\nVia: 1.1 gate.test (squid)\r\n\r\n`);
      });
    }),
    received,
    '127.0.0.1',
  );
}

/** Stalls the first handshake and answers those after it, as a way on which large packets are lost does for small segments. */
export function stallsOnce(identity: Identity): Promise<Endpoint> {
  const inner = secured(identity, () => undefined);
  let stalled = false;
  const server = createServer((socket) => {
    socket.once('data', (hello) => {
      if (stalled) {
        // Flowing on, it would lose what is put back before the TLS server reads it.
        socket.pause();
        socket.unshift(hello);
        inner.emit('connection', socket);
      }
      stalled = true;
    });
  });
  return listening(server, [], '127.0.0.1');
}

/** A port on which nothing listens. */
export async function refusedPort(): Promise<number> {
  const endpoint = await open();
  endpoint.close();
  return endpoint.port;
}

const SATURATED = `import socket, sys, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
kept = []
for _ in range(8):
    s = socket.socket()
    s.settimeout(0.2)
    kept.append(s)
    if s.connect_ex(listener.getsockname()) != 0:
        break
print(listener.getsockname()[1], flush=True)
time.sleep(120)
`;

/** A listener whose queue is full, so that the kernel drops each further SYN: a black hole without leaving the machine. */
export async function blackHole(): Promise<{ readonly port: number; close(): void }> {
  const child: ChildProcess = spawn('/usr/bin/env', ['python3', '-c', SATURATED], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(Number(data.toString())));
    child.once('exit', () => reject(new Error('no black hole')));
  });
  return { port, close: () => child.kill('SIGKILL') };
}
