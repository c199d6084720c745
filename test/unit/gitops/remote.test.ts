import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import type { RepositoryReaderOptions } from '../../../src/gitops/repository-reader.ts';
import type { RepositoryRef } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import {
  commit,
  type GitServer,
  git,
  httpBackend,
  makeRepository,
  removeTempDirs,
  serve,
  serveRepository,
  tempDir,
} from './repositories.ts';

const open: GitServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(removeTempDirs);

const never = new AbortController().signal;
const POLICY = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs: [{matchName: a.example}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
`;

async function keep<S extends GitServer>(server: Promise<S>): Promise<S> {
  open.push(await server);
  return server;
}

function compare(repo: RepositoryRef, options: RepositoryReaderOptions = {}, signal: AbortSignal = never) {
  return createGitopsSource(options).compare(repo, [cnp('p', [fqdnRule(['a.example'])])], 'shop', signal);
}

describe('a repository over HTTP', () => {
  it('is read at HEAD, at a branch, a tag and a commit', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY, 'deep/er/q.yaml': POLICY.replace('name: p', 'name: q') });
    const first = git(dir, 'rev-parse', 'HEAD');
    git(dir, 'tag', '-a', 'v1', '-m', 'v1');
    git(dir, 'branch', 'feature/x');
    git(dir, 'config', 'uploadpack.allowReachableSHA1InWant', 'true');
    commit(dir, { 'p.yaml': POLICY.replace('a.example', 'b.example') });
    const { repository } = await keep(serveRepository(dir));
    for (const [ref, kind, name] of [
      [undefined, 'differs', 'main'],
      ['main', 'differs', 'main'],
      ['feature/x', 'same', 'feature/x'],
      ['v1', 'same', 'v1'],
      [first, 'same', first],
    ] as const) {
      const read = await compare({ repository, ...(ref === undefined ? {} : { ref }) });
      expect(read).toMatchObject({
        ok: true,
        value: { repository, ref: name, policies: [{ kind }, { kind: 'only_git' }], skipped: [] },
      });
      expect(read.ok && read.value.commit).toBe(git(dir, 'rev-parse', `${ref ?? 'main'}^{commit}`));
    }
  });

  it('is fetched once for compare and patch, and again when it is no longer kept', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const { repository, requests } = await keep(serveRepository(dir));
    const change = {
      policy: { kind: 'CiliumNetworkPolicy', name: 'p', namespace: 'shop' },
      op: 'add',
      path: ['spec', 'egress', 0, 'toFQDNs', '-'],
      value: { matchName: 'b.example' },
      why: '',
    } as const;
    const live = cnp('p', [fqdnRule(['a.example'])]);
    const source = createGitopsSource();
    await source.compare({ repository }, [live], 'shop', never);
    const patch = await source.patch([change], [live], { repository }, never);
    expect(patch).toMatchObject({ ok: true, value: { inGit: true, file: 'p.yaml' } });
    expect(patch.ok && patch.value.diff).toContain('+    - toFQDNs: [{matchName: a.example}, {matchName: b.example}]');
    // The second time it is only asked for its greeting and what the ref names.
    expect(requests).toHaveLength(5);
    const forgetful = createGitopsSource({ keepMs: 0 });
    await forgetful.compare({ repository }, [live], 'shop', never);
    await forgetful.compare({ repository }, [live], 'shop', never);
    expect(requests).toHaveLength(11);
  });

  it('is fetched again once the ref names another commit, and not for a commit by its id', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const first = git(dir, 'rev-parse', 'HEAD');
    const { repository, requests } = await keep(serveRepository(dir));
    const source = createGitopsSource();
    const at = async (ref?: string) => {
      const live = [cnp('p', [fqdnRule(['a.example'])])];
      const read = await source.compare({ repository, ...(ref && { ref }) }, live, 'shop', never);
      return read.ok ? [read.value.commit, read.value.policies[0]?.kind] : read.notRead.reason;
    };
    expect(await at()).toEqual([first, 'same']);
    commit(dir, { 'p.yaml': POLICY.replace('a.example', 'b.example') });
    expect(await at()).toEqual([git(dir, 'rev-parse', 'HEAD'), 'differs']);
    git(dir, 'reset', '-q', '--hard', first);
    expect(await at()).toEqual([first, 'same']);
    expect(await at(first)).toEqual([first, 'same']);
    const before = requests.length;
    expect(await at(first)).toEqual([first, 'same']);
    expect(requests).toHaveLength(before);
  });

  it('follows a redirect on the same host, for the pack as well', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const backend = httpBackend(dirname(dir));
    const server = await keep(
      serve((request, response) => {
        if (request.url?.startsWith('/old/')) {
          const location = request.url.replace('/old', `/${basename(dir)}`);
          response.writeHead(301, { location }).end();
        } else backend(request, response);
      }),
    );
    expect(await compare({ repository: `${server.url}/old` })).toMatchObject({
      ok: true,
      value: { policies: [{ kind: 'same' }] },
    });
  });
});

describe('a connection that was kept', () => {
  it('and that the server closes just as it is used again is opened anew', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const backend = httpBackend(dirname(dir));
    const used = new WeakMap<object, number>();
    let cut = 0;
    const server = await keep(
      serve((request, response) => {
        const before = used.get(request.socket) ?? 0;
        used.set(request.socket, before + 1);
        if (before > 0 && cut < 2) {
          cut += 1;
          request.socket.destroy();
        } else backend(request, response);
      }),
    );
    const read = await compare({ repository: `${server.url}/${basename(dir)}` });
    expect(cut).toBeGreaterThan(0);
    expect(read).toMatchObject({ ok: true, value: { policies: [{ kind: 'same' }] } });
  });

  it('is not opened anew where it was the first that was reset', async () => {
    const server = await keep(serve((request) => request.socket.destroy()));
    expect(await compare({ repository: `${server.url}/x` })).toMatchObject({
      ok: false,
      notRead: { code: 'unreachable' },
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('what is fetched', () => {
  const noise = (seed: number): string => Array.from({ length: 20_000 }, (_, at) => Math.sin(at * seed)).join('\n');

  it('is the folder that is asked for, where the server can leave files out; another folder comes later', async () => {
    const dir = makeRepository({ 'a/p.yaml': POLICY, 'b/q.yaml': POLICY, 'noise.yaml': noise(1) });
    git(dir, 'config', 'uploadpack.allowFilter', 'true');
    const { repository, requests } = await keep(serveRepository(dir));
    const source = createGitopsSource({ maxBytes: 20_000, timeoutMs: 2000 });
    const read = (path: string) => source.compare({ repository, path }, [], 'shop', never);
    expect(await read('a')).toMatchObject({ ok: true, value: { policies: [{ file: { path: 'a/p.yaml' } }] } });
    const first = requests.length;
    // The time-out of the first reading is over.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await read('a')).toMatchObject({ ok: true });
    // A greeting, and what the ref names.
    expect(requests).toHaveLength(first + 2);
    expect(await read('b')).toMatchObject({ ok: true, value: { policies: [{ file: { path: 'b/q.yaml' } }] } });
    // Equal files are one object, so nothing was left to fetch.
    expect(requests).toHaveLength(first + 4);
    expect(await read('')).toMatchObject({ ok: false, notRead: { reason: expect.stringContaining('larger') } });
  });

  it('is all of it, from a server that speaks the first version only', async () => {
    const dir = makeRepository({ 'a/p.yaml': POLICY });
    git(dir, 'tag', '-a', 'v1', '-m', 'v1');
    const tagged = git(dir, 'rev-parse', 'HEAD');
    commit(dir, { 'a/p.yaml': POLICY.replace('a.example', 'b.example') });
    const backend = httpBackend(dirname(dir));
    const server = await keep(
      serve((request, response) => {
        delete request.headers['git-protocol'];
        backend(request, response);
      }),
    );
    const repository = `${server.url}/${basename(dir)}`;
    expect(await compare({ repository })).toMatchObject({
      ok: true,
      value: { ref: 'main', policies: [{ kind: 'differs' }] },
    });
    expect(await compare({ repository, ref: 'v1' })).toMatchObject({
      ok: true,
      value: { ref: 'v1', commit: tagged, policies: [{ kind: 'same' }] },
    });
    expect(await compare({ repository, ref: 'v2' })).toMatchObject({
      ok: false,
      notRead: { code: 'not_found', nextStep: expect.stringContaining('v1') },
    });
  });

  it('is all of it, where the server hands out no files by their ids', async () => {
    const dir = makeRepository({ 'a/p.yaml': POLICY });
    git(dir, 'config', 'uploadpack.allowFilter', 'true');
    const backend = httpBackend(dirname(dir));
    let posts = 0;
    const server = await keep(
      serve((request, response) => {
        posts += request.method === 'POST' ? 1 : 0;
        if (request.method !== 'POST' || posts !== 3) return backend(request, response);
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
        return response.end('0020ERR upload-pack: not our ref');
      }),
    );
    expect(await compare({ repository: `${server.url}/${basename(dir)}` })).toMatchObject({
      ok: true,
      value: { policies: [{ kind: 'same' }] },
    });
    expect(posts).toBe(4);
  });
});

describe('a URL that cannot be used says why and what to do', () => {
  it('no such repository, no such ref, an empty one', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    git(dir, 'branch', 'release-1');
    const { repository, url } = await keep(serveRepository(dir));
    expect(await compare({ repository: `${url}/none` })).toMatchObject({
      ok: false,
      notRead: { code: 'not_found', what: `Git repository ${url}/none`, reason: expect.stringContaining('404') },
    });
    for (const ref of ['relase-1', 'b'.repeat(40)]) {
      expect(await compare({ repository, ref })).toMatchObject({
        ok: false,
        notRead: {
          code: 'not_found',
          reason: expect.stringContaining(ref),
          nextStep: expect.stringContaining('release-1'),
        },
      });
    }
    const empty = join(tempDir(), 'empty.git');
    git(dirname(empty), 'init', '-q', '--bare', empty);
    const answer = await compare({ repository: (await keep(serveRepository(empty))).repository });
    expect(answer).toMatchObject({
      ok: false,
      notRead: { code: 'not_found', reason: expect.stringContaining('no commit') },
    });
  });

  it('a web page instead of a repository', async () => {
    const { url } = await keep(serve((_request, response) => response.end('<html>hello</html>')));
    expect(await compare({ repository: `${url}/x` })).toMatchObject({
      ok: false,
      notRead: { code: 'invalid', reason: expect.stringContaining('Git server') },
    });
  });

  it('nothing listens, the name does not resolve, the server fails', async () => {
    const server = await serve(() => undefined);
    await server.close();
    expect(await compare({ repository: `${server.url}/x` })).toMatchObject({
      ok: false,
      notRead: { code: 'unreachable', reason: expect.stringContaining('refuses the connection') },
    });
    expect(await compare({ repository: 'http://no-such-host.invalid/x' })).toMatchObject({
      ok: false,
      notRead: { code: 'unreachable', reason: expect.stringMatching(/resolve/) },
    });
    const broken = await keep(serve((_request, response) => response.writeHead(503).end()));
    expect(await compare({ repository: broken.url })).toMatchObject({
      ok: false,
      notRead: { code: 'unreachable', reason: expect.stringContaining('503') },
    });
  });

  it.each([
    ['credentials', 'https://user:hunter2@git.example/x', 'refused', /credentials/],
    ['a user name alone', 'https://ghp_abc@git.example/x', 'refused', /credentials/],
    ['a query', 'https://git.example/x?private_token=hunter2', 'invalid', /query/],
    ['no host', 'https://', 'invalid', /valid URL/],
    ['a metadata address', 'http://169.254.169.254/x', 'refused', /metadata/],
    ['a metadata address in disguise', 'http://[::ffff:169.254.169.254]/x', 'refused', /metadata/],
    ['a metadata name', 'http://metadata.google.internal/x', 'refused', /metadata/],
  ] as const)('%s', async (_name, repository, code, reason) => {
    const read = await compare({ repository });
    expect(read).toMatchObject({ ok: false, notRead: { code, reason: expect.stringMatching(reason) } });
    expect(JSON.stringify(read)).not.toMatch(/hunter2|ghp_abc/);
  });

  it('a redirect to another host, another port, or without end', async () => {
    const other = await keep(serve((_request, response) => response.end()));
    const targets = {
      '/host': 'http://localhost:1/x',
      '/port': `${other.url}/x`,
      '/scheme': 'ftp://127.0.0.1/x',
      '/loop': '/loop',
    };
    const server = await keep(
      serve((request, response) => {
        const [, name] = /^(\/\w+)/.exec(request.url ?? '') ?? [];
        const target = targets[name as keyof typeof targets];
        response.writeHead(302, { location: name === '/loop' ? (request.url ?? '') : target }).end();
      }),
    );
    for (const path of Object.keys(targets)) {
      expect(await compare({ repository: server.url + path })).toMatchObject({
        ok: false,
        notRead: { code: 'refused', reason: expect.stringContaining('redirects') },
      });
    }
    expect(other.requests).toEqual([]);
  });
});

describe('a hostile server', () => {
  const silent = (): Promise<GitServer> => keep(serve(() => undefined));

  it('that never answers is given up after the time-out', async () => {
    const { url } = await silent();
    const read = await compare({ repository: `${url}/x` }, { timeoutMs: 150 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'timeout', reason: expect.stringContaining('150 ms') } });
  });

  it('that stops in the middle of the pack is given up after the time-out', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const backend = httpBackend(dirname(dir));
    const server = await keep(
      serve((request, response) => {
        if (request.method === 'GET') return backend(request, response);
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
        return response.write('0034shallow ');
      }),
    );
    const read = await compare({ repository: `${server.url}/${basename(dir)}` }, { timeoutMs: 200 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'timeout' } });
  });

  it('is left when the caller cancels', async () => {
    const { url } = await silent();
    const read = await compare({ repository: `${url}/x` }, {}, AbortSignal.timeout(50));
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'timeout', reason: expect.stringContaining('cancelled') },
    });
  });

  it('that sends without end is cut off at the limit', async () => {
    const server = await keep(
      serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
        const packet = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line;
        const head = `${packet('# service=git-upload-pack\n')}0000${packet(`${'a'.repeat(40)} HEAD\0shallow\n`)}`;
        response.write(head);
        const chunk = Array.from({ length: 50 }, (_, at) => packet(`${'a'.repeat(40)} refs/heads/b${at}\n`)).join('');
        const pump = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once('drain', pump);
        };
        pump();
      }),
    );
    const read = await compare({ repository: `${server.url}/x` }, { maxBytes: 100_000, timeoutMs: 5000 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused', reason: expect.stringContaining('larger') } });
  });

  it('whose pack is too large is cut off at the limit', async () => {
    const noise = Array.from({ length: 20_000 }, (_, at) => `k${at}: ${Math.sin(at)}`).join('\n');
    const { repository } = await keep(serveRepository(makeRepository({ 'p.yaml': POLICY, 'noise.yaml': noise })));
    const read = await compare({ repository }, { maxBytes: 50_000, timeoutMs: 5000 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused', reason: expect.stringContaining('larger') } });
  });
});
