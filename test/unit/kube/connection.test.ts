/** Reads through the real client against a local API server: values, refusals by kind, and a server that is not there. */

import { getEventListeners } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import type { KubeConnection } from '../../../src/kube/connection.ts';
import { openKube } from '../../../src/kube/open.ts';
import { type FakeApi, type FakeApiOptions, kubeconfigFor, startFakeApi } from '../support/fake-api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'checkout', namespace: 'shop' } };
const never = new AbortController().signal;

async function start(options: FakeApiOptions): Promise<{ api: FakeApi; kube: KubeConnection }> {
  const api = await startFakeApi(options);
  cleanups.push(() => api.close());
  return { api, kube: await openKube({ kubeconfig: api.kubeconfig }) };
}

async function openAt(content: unknown): Promise<KubeConnection> {
  const dir = await mkdtemp(join(tmpdir(), 'kube-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'config'), JSON.stringify(content));
  return openKube({ kubeconfig: join(dir, 'config') });
}

async function errorOf(promise: Promise<unknown>): Promise<DiagnoseError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnoseError)) throw new Error(`expected a DiagnoseError, got ${String(error)}`);
  return error;
}

describe('get', () => {
  it.each([false, true])('reads an object (tls %s) and keeps its connection', async (tls) => {
    const { kube } = await start({ objects: [pod], tls });
    const read = await kube.get('/api/v1/namespaces/shop/pods/checkout', {}, never);
    expect(read).toMatchObject({ ok: true, value: { metadata: { name: 'checkout' } } });
    const again = await kube.get('/api/v1/pods', { labelSelector: 'app=x' }, never);
    expect(again).toMatchObject({ ok: true, value: { items: [] } });
  });

  it('sends the token, and does not tell it when it is refused', async () => {
    const { api, kube } = await start({ objects: [pod], token: 'right-token-value' });
    expect((await kube.get('/api/v1/pods', {}, never)).ok).toBe(true);
    const wrong = await openAt(kubeconfigFor(api.url, 'wrong-token-value'));
    const error = await errorOf(wrong.get('/api/v1/pods', {}, never));
    expect(error.code).toBe('API_UNAUTHORIZED');
    expect(error.message + error.nextStep).not.toContain('wrong-token-value');
  });

  it.each([
    ['/api/v1/namespaces/shop/pods/absent', 'not_found', 'pods shop/absent'],
    ['/apis/none.example/v1/things', 'kind_absent', 'things'],
    ['/apis/networking.k8s.io/v1/namespaces/shop/unknowns', 'kind_absent', 'unknowns in namespace shop'],
    ['/api/v1/namespaces/shop/services', 'forbidden', 'services in namespace shop'],
    ['/api/v1/nodes', 'forbidden', 'nodes'],
  ])('%s is %s', async (path, code, what) => {
    const { kube } = await start({ objects: [pod], forbidden: ['services', 'nodes'] });
    expect(await kube.get(path, {}, never)).toMatchObject({ ok: false, notRead: { code, what } });
  });

  it('names the verb, the resource with its group and the namespace to grant', async () => {
    const { kube } = await start({ groups: { 'cilium.io': ['v2'] }, forbidden: ['ciliumnetworkpolicies'] });
    const read = await kube.get('/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies', {}, never);
    expect(read.ok ? '' : read.notRead.nextStep).toContain(
      'verb "list" on "ciliumnetworkpolicies.cilium.io" in namespace shop',
    );
  });

  it('reports an answer that is not JSON and one that never comes', async () => {
    const { kube } = await start({
      intercept: {
        '/api/v1/pods': (_request, response) => void response.end('<html>log in first</html>'),
        '/api/v1/nodes': (_request, response) => void response.writeHead(503).end('overloaded'),
      },
    });
    expect(await kube.get('/api/v1/pods', {}, never)).toMatchObject({ ok: false, notRead: { code: 'invalid' } });
    const busy = await kube.get('/api/v1/nodes', {}, never);
    expect(busy).toMatchObject({
      ok: false,
      notRead: { code: 'refused', reason: 'the API server answered 503', said: 'overloaded' },
    });
  });

  it.each([false, true])('leaves nothing behind on a connection that is used often (tls %s)', async (tls) => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on('warning', note);
    const { kube } = await start({ objects: [pod], tls });
    const controller = new AbortController();
    for (let i = 0; i < 15; i++) await kube.get('/api/v1/pods', {}, controller.signal);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('asks a busy server again after the time it names', async () => {
    let asked = 0;
    const { kube } = await start({
      intercept: {
        '/api/v1/pods': (_request, response) =>
          ++asked < 3 ? void response.writeHead(429, { 'retry-after': '0' }).end() : void response.end('{"items": []}'),
        '/api/v1/nodes': (_request, response) => void response.writeHead(429, { 'retry-after': '0' }).end(),
      },
    });
    expect(await kube.get('/api/v1/pods', {}, never)).toMatchObject({ ok: true });
    expect(await kube.get('/api/v1/nodes', {}, never)).toMatchObject({ ok: false, notRead: { code: 'refused' } });
  });

  it('tries again on a new connection when a kept one was closed meanwhile', async () => {
    const used = new WeakSet<object>();
    const { kube } = await start({
      intercept: {
        '/api/v1/pods': ({ socket }, response) => {
          if (used.has(socket)) return void socket.destroy();
          used.add(socket);
          response.end('{"items": []}');
        },
      },
    });
    for (const _ of [1, 2, 3]) expect(await kube.get('/api/v1/pods', {}, never)).toMatchObject({ ok: true });
  });

  it('stops when aborted', async () => {
    const { kube } = await start({ intercept: { '/api/v1/pods': () => undefined } });
    const controller = new AbortController();
    const reading = kube.get('/api/v1/pods', {}, controller.signal);
    setTimeout(() => controller.abort(new Error('stop now')), 30);
    await expect(reading).rejects.toThrow('stop now');
  });
});

describe('an API server that cannot be reached', () => {
  it('names the server when nothing listens', async () => {
    const port = await freePort();
    const kube = await openAt(kubeconfigFor(`https://127.0.0.1:${port}`));
    const error = await errorOf(kube.get('/api/v1/pods', {}, never));
    expect(error).toMatchObject({ kind: 'cluster', code: 'API_UNREACHABLE' });
    expect(error.message).toContain(`https://127.0.0.1:${port}`);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('names a certificate that is not trusted', async () => {
    const { api } = await start({ tls: true });
    const config = JSON.parse(await readFile(api.kubeconfig, 'utf8')) as {
      clusters: [{ cluster: { server: string } }];
    };
    config.clusters[0].cluster = { server: api.url };
    const error = await errorOf((await openAt(config)).get('/api/v1/pods', {}, never));
    expect(error.code).toBe('API_UNREACHABLE');
    expect(error.message).toContain('TLS');
    expect(error.nextStep).toContain('certificate-authority');
  });

  it('names a host that does not exist', async () => {
    const kube = await openAt(kubeconfigFor('https://api.does-not-exist.invalid:6443'));
    const error = await errorOf(kube.get('/api/v1/pods', {}, never));
    expect(error.message).toMatch(/name (?:does not exist|could not be resolved)/);
  });
});

describe('credentials and servers that are not what they should be', () => {
  it.each([
    ['a token with a line break', { token: 'secret-token-value\n' }],
    ['a certificate that is not PEM', { 'client-certificate-data': 'Z2FyYmFnZQ==', 'client-key-data': 'Z2FyYmFnZQ==' }],
  ])('says that %s cannot be used', async (_name, user) => {
    const { api } = await start({ tls: true });
    const config = {
      ...(JSON.parse(await readFile(api.kubeconfig, 'utf8')) as object),
      users: [{ name: 'fake', user }],
    };
    const error = await errorOf((await openAt(config)).get('/api/v1/pods', {}, never));
    expect(error).toMatchObject({ kind: 'cluster', code: 'CREDENTIALS_FAILED' });
    expect(error.message).not.toContain('secret-token-value');
  });

  it.each([
    [
      'switches to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['is no HTTP server', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('does not wait for a server that %s', async (_name, greeting) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write(greeting));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const kube = await openAt(kubeconfigFor(`http://127.0.0.1:${port}`));
    const error = await errorOf(kube.get('/api/v1/pods', {}, never));
    expect(error.code).toBe('API_UNREACHABLE');
  });
});

describe('credential plugins', () => {
  const withPlugin = (url: string, command: string, args: string[]) => ({
    ...(kubeconfigFor(url) as object),
    users: [{ name: 'fake', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } } }],
  });

  it('uses the token a plugin prints, running it once for parallel reads', async () => {
    const { api } = await start({ objects: [pod], token: 'from-plugin' });
    const dir = await mkdtemp(join(tmpdir(), 'plugin-'));
    cleanups.push(() => rm(dir, { recursive: true, force: true }));
    const runs = join(dir, 'runs');
    const script = `require('fs').appendFileSync(${JSON.stringify(runs)},'x');console.log(JSON.stringify({status:{token:'from-plugin'}}))`;
    const kube = await openAt(withPlugin(api.url, process.execPath, ['-e', script]));
    const reads = await Promise.all([1, 2, 3].map(() => kube.get('/api/v1/pods', {}, never)));
    expect(reads.every((read) => read.ok)).toBe(true);
    expect(await readFile(runs, 'utf8')).toBe('x');
  });

  it('asks the plugin again when the server no longer takes its token', async () => {
    const { api } = await start({ objects: [pod], token: 'second' });
    const dir = await mkdtemp(join(tmpdir(), 'plugin-'));
    cleanups.push(() => rm(dir, { recursive: true, force: true }));
    const runs = join(dir, 'runs');
    const script = `const fs=require('fs'),f=${JSON.stringify(runs)};const token=fs.existsSync(f)?'second':'first';fs.appendFileSync(f,'x');console.log(JSON.stringify({status:{token}}))`;
    const kube = await openAt(withPlugin(api.url, process.execPath, ['-e', script]));
    const reads = await Promise.all([1, 2, 3].map(() => kube.get('/api/v1/pods', {}, never)));
    expect(reads.every((read) => read.ok)).toBe(true);
    expect(await readFile(runs, 'utf8')).toBe('xx');
  });

  it.each([
    ['prints no JSON', 'abcdef0123456789', 'not JSON'],
    ['prints no status', '{}', 'ExecCredential'],
  ])('does not quote a plugin that %s', async (_name, printed, text) => {
    const { api } = await start({});
    const plugin = withPlugin(api.url, process.execPath, ['-e', `console.log(${JSON.stringify(printed)})`]);
    const error = await errorOf((await openAt(plugin)).get('/api/v1/pods', {}, never));
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('abcdef');
  });

  it.each([
    ['fails', process.execPath, ['-e', 'console.error("log in: token=abcdef0123456789"); process.exit(1)'], 'log in'],
    ['does not exist', 'no-such-plugin-here', [], 'ENOENT'],
  ])('reports a plugin that %s', async (_name, command, args, text) => {
    const { api } = await start({});
    const error = await errorOf((await openAt(withPlugin(api.url, command, args))).get('/api/v1/pods', {}, never));
    expect(error.code).toBe('CREDENTIALS_FAILED');
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('abcdef0123456789');
  });
});

describe('readLog', () => {
  const logs = {
    'shop/checkout/app': '2026-01-01T00:00:00Z one\n2026-01-01T00:00:01Z two\n2026-01-01T00:00:02Z three\n',
  };
  const ref = { namespace: 'shop', name: 'checkout' };

  it('passes its bounds to the server', async () => {
    const { api, kube } = await start({ objects: [pod], logs });
    const options = { container: 'app', previous: false, tailLines: 2, sinceSeconds: 60 };
    const read = await kube.readLog(ref, options, never);
    expect(read.ok && (await textOf(read.value))).toBe('2026-01-01T00:00:01Z two\n2026-01-01T00:00:02Z three\n');
    expect(api.requests.at(-1)?.query).toEqual({
      container: 'app',
      timestamps: 'true',
      sinceSeconds: '60',
      tailLines: '2',
    });
  });

  it.each([
    ['another container', { container: 'side', previous: false }, [], 'not_found'],
    ['no previous instance', { container: 'app', previous: true }, [], 'not_found'],
    ['no right to', { container: 'app', previous: false }, ['pods/log'], 'forbidden'],
  ])('%s', async (_name, options, forbidden, code) => {
    const { kube } = await start({ objects: [pod], logs, forbidden });
    const read = await kube.readLog(ref, options, never);
    expect(read).toMatchObject({ ok: false, notRead: { code } });
    expect(read.ok ? '' : read.notRead.nextStep).not.toBe(undefined);
  });
});

describe('a log as it comes', () => {
  const path = '/api/v1/namespaces/shop/pods/checkout/log';
  const ref = { namespace: 'shop', name: 'checkout' };
  const options = { container: 'app', previous: false };
  const line = Buffer.from(`${'x'.repeat(1023)}\n`);

  async function streaming(respond: (response: ServerResponse) => void, signal = never) {
    const { kube } = await start({ objects: [pod], intercept: { [path]: (_request, response) => respond(response) } });
    const read = await kube.readLog(ref, options, signal);
    if (!read.ok) throw new Error(read.notRead.reason);
    return read.value;
  }

  it('is read only as fast as it is asked for, and closed where it is left', async () => {
    let sent = 0;
    let closed = false;
    const log = await streaming((response) => {
      response.on('close', () => {
        closed = true;
      });
      const push = (): void => {
        for (let room = true; room && sent < 200_000_000; sent += line.length) room = response.write(line);
        response.once('drain', push);
      };
      push();
    });
    for await (const chunk of log) {
      expect(chunk.length).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      break;
    }
    // What the sockets of both sides hold, and no more.
    expect(sent).toBeLessThan(20_000_000);
    await expect.poll(() => closed).toBe(true);
  });

  it('tells by a code that it broke off, after what had come', async () => {
    const log = await streaming((response) => {
      response.write(line);
      setTimeout(() => response.destroy(), 50);
    });
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of log) bytes += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ name: 'TransportError', code: 'ECONNRESET' });
    expect(bytes).toBe(line.length);
  });

  it('ends with the reason of the one who stops it', async () => {
    const stop = new AbortController();
    const log = await streaming((response) => response.write(line), stop.signal);
    const reading = (async () => {
      for await (const _chunk of log) stop.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
