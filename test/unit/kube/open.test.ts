/** A kubeconfig that is missing, broken or names the wrong things gives an error that says which file and what to do. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DiagnoseError } from '../../../src/core/errors.ts';
import { openKube } from '../../../src/kube/open.ts';
import { kubeconfigFor } from '../support/fake-api-server.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function errorOf(options: Parameters<typeof openKube>[0]): Promise<DiagnoseError> {
  const error = await openKube(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnoseError)) throw new Error(`expected a DiagnoseError, got ${String(error)}`);
  return error;
}

const twoContexts = {
  ...(kubeconfigFor('https://10.0.0.1:6443/') as object),
  contexts: [
    { name: 'zeta', context: { cluster: 'fake', user: 'fake' } },
    { name: 'alpha', context: { cluster: 'fake' } },
  ],
  'current-context': 'zeta',
};

describe('openKube', () => {
  it('uses the current context and shows the server without credentials', async () => {
    const path = await file('plain', kubeconfigFor('https://admin:s3cret@10.0.0.1:6443/'));
    const kube = await openKube({ kubeconfig: path });
    expect(kube.context).toBe('fake');
    expect(kube.server).toBe('https://10.0.0.1:6443');
  });

  it('looks in the home directory when no path is given', async () => {
    vi.stubEnv('HOME', dir);
    const missing = await errorOf({});
    expect(missing).toMatchObject({ code: 'KUBECONFIG_MISSING', message: expect.stringContaining('~/.kube/config') });
    expect(missing.nextStep).toContain('--kubeconfig');
    await mkdir(join(dir, '.kube'));
    await file('.kube/config', kubeconfigFor('https://10.0.0.7:6443'));
    expect((await openKube({})).server).toBe('https://10.0.0.7:6443');
    vi.unstubAllEnvs();
  });

  it('takes another context when asked, also one without a user', async () => {
    const kube = await openKube({ kubeconfig: await file('two', twoContexts), context: 'alpha' });
    expect(kube.context).toBe('alpha');
  });

  it('merges a list of files, the first one winning, and skips files that do not exist', async () => {
    const second = { ...(kubeconfigFor('https://second:6443') as object), 'current-context': 'other' };
    const list = [join(dir, 'absent'), await file('two', twoContexts), await file('second', second)].join(':');
    const kube = await openKube({ kubeconfig: list });
    expect(kube.context).toBe('zeta');
    expect(kube.server).toBe('https://10.0.0.1:6443');
    expect((await openKube({ kubeconfig: list, context: 'fake' })).server).toBe('https://10.0.0.1:6443');
  });

  it.each([
    ['missing', { kubeconfig: '/nowhere/config' }, 'KUBECONFIG_MISSING', '/nowhere/config'],
    ['context', {}, 'CONTEXT_NOT_FOUND', 'alpha, zeta'],
  ] as const)('says what is wrong: %s', async (name, options, code, text) => {
    const all = name === 'context' ? { kubeconfig: await file('two', twoContexts), context: 'prod' } : options;
    const error = await errorOf(all);
    expect(error.code).toBe(code);
    expect(error.kind).toBe('cluster');
    expect(error.message).toContain(text);
    expect(error.nextStep).not.toBe('');
  });

  it.each([
    ['not yaml', 'clusters: [\ntoken: s3cret-token-value', 'at line 2'],
    ['a list', '- a\n- b\n', 'no current context'],
    ['a word', 'hello', 'no current context'],
    ['empty', '', 'input is empty'],
    ['null', '~', 'not a mapping'],
    ['no server', { clusters: [{ name: 'a', cluster: {} }] }, 'clusters[0].cluster.server is missing'],
    ['other cluster', { ...twoContexts, clusters: [] }, 'names a cluster that is not in it'],
    ['not a url', kubeconfigFor('api.example'), 'not an http(s) URL'],
    ['plain http', kubeconfigFor('http://10.0.0.1:8080'), 'loopback only'],
  ])('names the file when it is %s', async (name, content, text) => {
    const path = await file(name.replaceAll(' ', '-'), content);
    const error = await errorOf({ kubeconfig: path });
    expect(error.message).toContain(path);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('s3cret');
  });
});
