/** Exec over a real WebSocket against real child processes: exit codes, streams, limits, cancellation and refusals. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExecRequest, KubeConnection } from '../../../src/kube/connection.ts';
import { openKube } from '../../../src/kube/open.ts';
import { type FakeApi, type FakeApiOptions, kubeconfigFor, startFakeApi } from '../support/fake-api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'checkout', namespace: 'shop' } };
const never = new AbortController().signal;

async function start(options: FakeApiOptions = {}): Promise<{ api: FakeApi; kube: KubeConnection }> {
  const api = await startFakeApi({ objects: [pod], ...options });
  cleanups.push(() => api.close());
  return { api, kube: await openKube({ kubeconfig: api.kubeconfig }) };
}

function request(argv: readonly string[], more: Partial<ExecRequest> = {}): ExecRequest {
  const base = {
    pod: { namespace: 'shop', name: 'checkout' },
    container: 'app',
    timeoutMs: 5000,
    maxOutputBytes: 100_000,
  };
  return { ...base, argv, ...more };
}

const node = (script: string) => [process.execPath, '-e', script];

describe('exec', () => {
  it.each([false, true])('returns both streams and the exit code (tls %s)', async (tls) => {
    const { api, kube } = await start({ tls });
    const read = await kube.exec(
      request(node('console.log("out"); console.error("err"); process.exitCode = 3')),
      never,
    );
    expect(read).toEqual({
      ok: true,
      value: { exitCode: 3, stdout: 'out\n', stderr: 'err\n', truncated: false, ended: 'exited' },
    });
    expect(api.execs[0]).toMatchObject({ container: 'app', namespace: 'shop', pod: 'checkout', stdin: false });
  });

  it('passes arguments as they are, without a shell', async () => {
    const { kube } = await start();
    const odd = ['a b', '$(id)', '--x=1&y', 'ü'];
    const read = await kube.exec(
      request([...node('console.log(JSON.stringify(process.argv.slice(1)))'), '--', ...odd]),
      never,
    );
    expect(read.ok && JSON.parse(read.value.stdout)).toEqual(odd);
  });

  it('sends standard input and ends it', async () => {
    const { kube } = await start();
    const script = 'let n=0; process.stdin.on("data",d=>n+=d.length).on("end",()=>console.log(n))';
    const read = await kube.exec(request(node(script), { stdin: 'é'.repeat(50_000) }), never);
    expect(read).toMatchObject({ ok: true, value: { stdout: '100000\n', exitCode: 0 } });
  });

  it('says so where the protocol cannot end standard input', async () => {
    const { kube } = await start({ execProtocols: ['v4.channel.k8s.io'] });
    expect(await kube.exec(request(node('0'), { stdin: 'x' }), never)).toMatchObject({
      ok: false,
      notRead: { code: 'unsupported' },
    });
    expect(await kube.exec(request(node('console.log(1)')), never)).toMatchObject({
      ok: true,
      value: { stdout: '1\n' },
    });
  });

  it('lets the caller hear output as it comes, never a split character', async () => {
    const { kube } = await start();
    const script =
      'const b=Buffer.from("aé€"); let i=0; const t=setInterval(()=>{ i<b.length?process.stdout.write(b.subarray(i,++i)):clearInterval(t) },8)';
    const heard: string[] = [];
    const read = await kube.exec(request(node(script), { onStdout: (chunk) => heard.push(chunk) }), never);
    expect(read).toMatchObject({ ok: true, value: { stdout: 'aé€' } });
    expect(heard.join('')).toBe('aé€');
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.join('')).not.toContain('\uFFFD');
  });

  it('stops at the output limit and closes the connection', async () => {
    const { api, kube } = await start();
    const read = await kube.exec(
      request(node('setInterval(()=>process.stdout.write("x".repeat(1000)),1)'), { maxOutputBytes: 5000 }),
      never,
    );
    expect(read).toMatchObject({ ok: true, value: { ended: 'output_limit', truncated: true } });
    expect(read.ok && read.value.stdout.length).toBe(5000);
    await expect.poll(() => api.execs[0]?.socketClosed).toBe(true);
  });

  it.each([
    ['timeout', { timeoutMs: 1500 }, false],
    ['aborted', {}, true],
  ] as const)('ends with what it has on %s and closes the connection', async (ended, more, abort) => {
    const { api, kube } = await start({ exec: () => ({ stdout: 'begun\n', end: 'hang' }) });
    const controller = new AbortController();
    const onStdout = () => abort && controller.abort();
    const read = await kube.exec(request(['hangs'], { ...more, onStdout }), controller.signal);
    expect(read).toMatchObject({ ok: true, value: { ended, stdout: 'begun\n' } });
    expect(read.ok && read.value.exitCode).toBe(undefined);
    await expect.poll(() => api.execs[0]?.socketClosed).toBe(true);
  });

  it('tells a connection that breaks off from a program that ended', async () => {
    const { kube } = await start({ exec: () => ({ stdout: 'half', end: 'cut' }) });
    expect(await kube.exec(request(['x']), never)).toMatchObject({
      ok: true,
      value: { ended: 'stream_closed', stdout: 'half' },
    });
  });

  it('gives a missing program the exit code a shell gives', async () => {
    const { kube } = await start();
    const read = await kube.exec(request(['no-such-program-here']), never);
    expect(read).toMatchObject({ ok: true, value: { exitCode: 127, ended: 'exited' } });
    expect(read.ok && read.value.stderr).toContain('executable file not found');
  });

  it.each([
    ['container not found ("side")', 'not_found', 'kubectl get pod'],
    ['cannot exec in a stopped state: container is not running', 'refused', 'kubectl describe'],
    ['error dialing backend: dial tcp 10.0.0.5:10250: i/o timeout', 'unreachable', '10250'],
    ['something else', 'refused', ''],
  ])('puts the runtime error in words: %s', async (internalError, code, next) => {
    const { kube } = await start({ exec: () => ({ internalError }) });
    const read = await kube.exec(request(['x']), never);
    expect(read).toMatchObject({ ok: false, notRead: { code, what: 'exec in pod shop/checkout container app' } });
    expect(read.ok ? '' : (read.notRead.nextStep ?? '')).toContain(next);
  });

  it('names both verbs when exec is forbidden', async () => {
    const { kube } = await start({ forbidden: ['pods/exec'] });
    const read = await kube.exec(request(['x']), never);
    expect(read).toMatchObject({ ok: false, notRead: { code: 'forbidden' } });
    expect(read.ok ? '' : read.notRead.nextStep).toContain('"create" and "get" on "pods/exec" in namespace shop');
  });

  it('knows a pod that is not there, credentials that are refused, and a server that is gone', async () => {
    const { kube } = await start({ objects: [] });
    expect(await kube.exec(request(['x']), never)).toMatchObject({ ok: false, notRead: { code: 'not_found' } });
    const guarded = await start({ token: 'secret-token-value' });
    const stranger = await startFakeApi({});
    const kubeconfig = stranger.kubeconfig;
    const gone = await openKube({ kubeconfig });
    await stranger.close();
    await expect(gone.exec(request(['x']), never)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
    expect(await guarded.kube.exec(request(node('console.log(1)')), never)).toMatchObject({ ok: true });
  });

  it('names a handshake that something in between answers wrongly', async () => {
    const server = createServer((socket) => {
      const answer =
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n';
      socket.on('error', () => undefined).on('data', () => socket.write(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const dir = await mkdtemp(join(tmpdir(), 'kube-'));
    const { port } = server.address() as AddressInfo;
    await writeFile(join(dir, 'config'), JSON.stringify(kubeconfigFor(`http://127.0.0.1:${port}`)));
    const kube = await openKube({ kubeconfig: join(dir, 'config') });
    const read = await kube.exec(request(['x']), never);
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused' } });
    expect(read.ok ? '' : read.notRead.nextStep).toContain('proxy');
    server.close();
    await rm(dir, { recursive: true });
  });

  it('does not start when already aborted', async () => {
    const { api, kube } = await start();
    const controller = new AbortController();
    controller.abort();
    expect(await kube.exec(request(['x']), controller.signal)).toMatchObject({ ok: true, value: { ended: 'aborted' } });
    expect(api.execs).toEqual([]);
  });
});
