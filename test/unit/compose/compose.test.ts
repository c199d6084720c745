/** One set of ports a context, until the kubeconfig changes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compose } from '../../../src/compose.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { httpBackend, makeRepository, removeTempDirs, serve } from '../gitops/repositories.ts';

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

async function kubeconfig(): Promise<{ path: string; write: (current: string) => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'compose-'));
  dirs.push(dir);
  const path = join(dir, 'config');
  const names = ['blue', 'green-cluster'];
  const write = (current: string) =>
    writeFile(
      path,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example:6443` } })),
        users: [],
        contexts: names.map((name) => ({ name, context: { cluster: name } })),
        'current-context': current,
      }),
    );
  return { path, write };
}

describe('openDeps', () => {
  it('keeps the ports of a context, and follows a change of the current one', async () => {
    const { path, write } = await kubeconfig();
    await write('blue');
    const { openDeps } = compose({ kubeconfig: path });
    const first = await openDeps(undefined);
    expect(first.cluster.identify().context).toBe('blue');
    expect(await openDeps(undefined)).toBe(first);
    await write('green-cluster');
    expect((await openDeps(undefined)).cluster.identify().context).toBe('green-cluster');
  });

  it('opens again once a kubeconfig that was missing is there', async () => {
    const { path, write } = await kubeconfig();
    const { openDeps } = compose({ kubeconfig: path });
    await expect(openDeps(undefined)).rejects.toMatchObject({ code: 'KUBECONFIG_MISSING' });
    await write('blue');
    expect((await openDeps(undefined)).cluster.identify().context).toBe('blue');
  });
});

describe('Git access', () => {
  it('is what the settings say', async () => {
    const repository = makeRepository({ 'p.yaml': 'a: 1\n' });
    const backend = httpBackend(dirname(repository));
    const wanted = `Basic ${Buffer.from('x-access-token:t0ken').toString('base64')}`;
    const server = await serve((request, response) => {
      if (request.headers.authorization === wanted) backend(request, response);
      else response.writeHead(401).end();
    });
    const archive = join(import.meta.dirname, '../../demo/capture');
    const git = { hosts: [server.url.slice('http://'.length)], credentialHelper: false, render: false };
    const read = async (settings: Settings) => {
      const { gitops } = await compose(settings).openDeps(undefined);
      const repo = { repository: `${server.url}/${basename(repository)}` };
      return gitops.compare(repo, [], 'shop', AbortSignal.timeout(10_000));
    };
    expect(await read({ archive, git: { ...git, token: 't0ken' } })).toMatchObject({ ok: true });
    expect(await read({ archive, git })).toMatchObject({ ok: false, notRead: { code: 'forbidden' } });
    expect(await read({ archive })).toMatchObject({ ok: false, notRead: { code: 'forbidden' } });
    await server.close();
    removeTempDirs();
  });
});
