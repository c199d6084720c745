/** Port-forward over a real WebSocket to a real local server: bytes both ways, ends, refusals, cancellation. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openKube } from '../../../src/kube/open.ts';
import { type FakeApiOptions, startFakeApi } from '../support/fake-api-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const pod = { namespace: 'kube-system', name: 'hubble-relay-1' };
const object = { apiVersion: 'v1', kind: 'Pod', metadata: pod };
const never = new AbortController().signal;

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer(onConnection);
  cleanups.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function start(options: FakeApiOptions = {}) {
  const api = await startFakeApi({ objects: [object], ...options });
  cleanups.push(() => api.close());
  return openKube({ kubeconfig: api.kubeconfig });
}

async function opened(options: FakeApiOptions, signal = never) {
  const kube = await start(options);
  const read = await kube.forward({ pod, port: 4245 }, signal);
  if (!read.ok) throw new Error(read.notRead.reason);
  return read.value;
}

describe('forward', () => {
  it.each([false, true])('carries bytes both ways, also more than one message holds (tls %s)', async (tls) => {
    const port = await listen((socket) => socket.pipe(socket));
    const stream = await opened({ tls, forwards: { 4245: port } });
    const sent = Buffer.alloc(300_000, 'relay');
    stream.write(sent);
    const got: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      got.push(chunk);
      if (Buffer.concat(got).length >= sent.length) break;
    }
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  });

  it('ends when the other side does', async () => {
    const port = await listen((socket) => socket.end('bye'));
    const stream = await opened({ forwards: { 4245: port } });
    const got = [];
    for await (const chunk of stream) got.push(String(chunk));
    expect(got.join('')).toBe('bye');
  });

  it('tells what the kubelet says where nothing listens, and does not end the process', async () => {
    const stream = await opened({});
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.errored?.message).toMatch(/error forwarding port 4245 .*connection refused/);
  });

  it('ends with the signal', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listen((socket) => socket.resume().on('close', () => closed.resolve()));
    const stop = new AbortController();
    const stream = await opened({ forwards: { 4245: port } }, stop.signal);
    stream.write('x');
    stop.abort();
    await closed.promise;
    expect(stream.destroyed).toBe(true);
  });

  it('names the right that is lacking', async () => {
    const kube = await start({ forbidden: ['pods/portforward'] });
    const read = await kube.forward({ pod, port: 4245 }, never);
    expect(read).toMatchObject({
      ok: false,
      notRead: {
        what: 'port 4245 of pod kube-system/hubble-relay-1',
        code: 'forbidden',
        nextStep: expect.stringContaining('--verb=get,create --resource=pods/portforward'),
      },
    });
  });

  it('a refusal that is no matter of rights asks for none', async () => {
    const kube = await start({ forbidden: ['pods/portforward'], forbiddenSays: 'denied by policy no-tunnels' });
    const read = await kube.forward({ pod, port: 4245 }, never);
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'refused', nextStep: expect.stringMatching(/admission.*forward a port/) },
    });
  });

  it('throws where the API server is gone', async () => {
    const api = await startFakeApi({ objects: [object] });
    const kube = await openKube({ kubeconfig: api.kubeconfig });
    await api.close();
    await expect(kube.forward({ pod, port: 4245 }, never)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});
