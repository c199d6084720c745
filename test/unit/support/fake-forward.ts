/** Test support: the port-forward endpoint of the fake API server: channels with the port's number first, as the kubelet sends them. */
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { acceptChannels, onFrames, sendChannel } from './fake-exec.ts';

const DATA = 0;
const ERROR = 1;

/** `ports`: port of the pod → port of this machine that stands for it; on others nothing listens. */
export function serveForward(request: IncomingMessage, socket: Socket, ports: Readonly<Record<number, number>>): void {
  acceptChannels(request, socket, ['v4.channel.k8s.io']);
  const port = Number(new URL(request.url ?? '/', 'http://fake').searchParams.get('ports'));
  const head = Buffer.alloc(2);
  head.writeUInt16LE(port);
  for (const channel of [DATA, ERROR]) sendChannel(socket, channel, head);
  const inside = connect(ports[port] ?? 1, '127.0.0.1');
  inside.on('data', (data: Buffer) => sendChannel(socket, DATA, data));
  inside.on('end', () => socket.end());
  inside.on('error', ({ message }) =>
    sendChannel(
      socket,
      ERROR,
      Buffer.from(`error forwarding port ${port} to pod x, uid : ${message} connection refused`),
    ),
  );
  onFrames(socket, (channel, data) => {
    if (channel === DATA) inside.write(data);
  });
  socket.on('close', () => inside.destroy());
}
