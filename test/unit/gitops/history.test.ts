/** History of policies' files, held against `git log` on random histories, and read over every transport. */
import { execFileSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import type { PolicyHistory } from '../../../src/core/model/git-history.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { createCommits } from '../../../src/gitops/history/commits.ts';
import { policyHistories } from '../../../src/gitops/history/policy-history.ts';
import { relationOf } from '../../../src/gitops/history/relation.ts';
import { openLocalObjects } from '../../../src/gitops/objects/local-objects.ts';
import { createBudget } from '../../../src/gitops/objects/object.ts';
import type { RepositoryReaderOptions } from '../../../src/gitops/repository-reader.ts';
import type { RepositoryRef } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import * as fc from '../support/fast-check.ts';
import {
  commit,
  type Files,
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
const FILE = 'clusters/prod/checkout.yaml';

function policy(names: readonly string[], port = '443', comment = ''): string {
  return `${comment}apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: checkout, namespace: shop}
spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
${names.map((name) => `    - toFQDNs: [{${name.includes('*') ? 'matchPattern' : 'matchName'}: "${name}"}]\n      toPorts: [{ports: [{port: "${port}", protocol: TCP}]}]`).join('\n')}
`;
}

const live = (...names: string[]) => [cnp('checkout', [fqdnRule(names)])];

function say(dir: string, files: Files, subject: string): string {
  commit(dir, files);
  git(dir, 'commit', '-q', '--amend', '--allow-empty', '-m', subject);
  return git(dir, 'rev-parse', 'HEAD');
}

async function compared(
  repo: RepositoryRef,
  { host, names = ['files.vendor.example'] }: { readonly host?: string; readonly names?: readonly string[] } = {},
  options: RepositoryReaderOptions = {},
): Promise<DriftReport> {
  const history = host === undefined ? {} : { host };
  const read = await createGitopsSource(options).compare({ ...repo, history }, live(...names), 'shop', never);
  if (!read.ok) throw new Error(read.notRead.reason);
  return read.value;
}

const historyOf = (report: DriftReport): PolicyHistory | undefined => report.policies[0]?.history;

/** Added, another name, a port of all, a comment alone, then the host taken out, and a file beside. */
function story(): { readonly dir: string; readonly ids: Readonly<Record<string, string>> } {
  const dir = makeRepository({ 'README.md': 'x' });
  const ids = {
    start: say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Policies of checkout'),
    added: say(dir, { [FILE]: policy(['api.vendor.example', 'files.vendor.example']) }, 'Allow the file server'),
    beside: say(dir, { 'clusters/prod/other.yaml': 'a: 1\n' }, 'Something else'),
    removed: say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Tidy up\n\nunused, I think'),
    comment: say(dir, { [FILE]: policy(['api.vendor.example'], '443', '# reviewed\n') }, 'Reviewed'),
    last: say(dir, { 'README.md': 'y' }, 'Words'),
  };
  return { dir, ids };
}

describe('a host that Git dropped', () => {
  it('is told with the commit, by its rule and not by the text of the file', async () => {
    const { dir, ids } = story();
    const report = await compared({ repository: dir }, { names: ['api.vendor.example', 'files.vendor.example'] });
    expect(historyOf(report)).toEqual({
      file: FILE,
      fileChanged: { id: ids.comment, time: expect.any(String), subject: 'Reviewed' },
      entries: [
        {
          name: 'files.vendor.example',
          change: 'removed',
          commit: { id: ids.removed, time: expect.any(String), subject: 'Tidy up' },
        },
      ],
    });
    const seconds = Number(git(dir, 'log', '-1', '--format=%ct', String(ids.removed)));
    expect(historyOf(report)?.entries[0]?.commit.time).toBe(new Date(seconds * 1000).toISOString());
  });

  it('is told where live has followed Git already, and not asked for where nothing differs and no host is named', async () => {
    const { dir, ids } = story();
    const names = ['api.vendor.example'];
    const asked = await compared({ repository: dir }, { host: 'files.vendor.example', names });
    expect(asked.policies[0]?.kind).toBe('same');
    expect(historyOf(asked)?.entries).toMatchObject([{ change: 'removed', commit: { id: ids.removed } }]);
    expect(historyOf(await compared({ repository: dir }, { host: 'never.vendor.example', names }))).toBeUndefined();
    expect(historyOf(await compared({ repository: dir }, { names }))).toBeUndefined();
  });

  it('is not looked for in the files of policies that have nothing to do with it', async () => {
    const dir = makeRepository({
      [FILE]: policy(['api.vendor.example']),
      'other.yaml': policy(['x.example']).replace('name: checkout', 'name: other'),
    });
    const names = ['api.vendor.example', 'y.vendor.example'];
    const asked = await compared({ repository: dir }, { host: 'files.vendor.example', names });
    expect(asked.policies.map(({ kind, history }) => [kind, history])).toEqual([
      ['differs', undefined],
      ['only_git', undefined],
    ]);
    const unasked = await compared({ repository: dir }, { names });
    expect(unasked.policies.map(({ history }) => history?.file)).toEqual([FILE, 'other.yaml']);
  });

  it('counts a pattern that matched it', async () => {
    const dir = makeRepository({ [FILE]: policy(['*.vendor.example']) });
    const narrowed = say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Narrow');
    const report = await compared({ repository: dir }, { host: 'files.vendor.example' });
    expect(historyOf(report)?.entries).toMatchObject([{ change: 'removed', commit: { id: narrowed } }]);
  });
});

describe('a host that Git has', () => {
  it('is there since the commit that added it, or last changed with that of its port', async () => {
    const dir = makeRepository({ 'README.md': 'x' });
    const added = say(dir, { [FILE]: policy(['files.vendor.example']) }, 'Allow');
    const host = 'files.vendor.example';
    const first = await compared({ repository: dir }, { host });
    expect(historyOf(first)?.entries).toMatchObject([{ change: 'added', commit: { id: added } }]);
    const other = say(dir, { [FILE]: policy(['files.vendor.example', 'api.vendor.example']) }, 'Another');
    const second = await compared({ repository: dir }, { host });
    expect(historyOf(second)).toMatchObject({
      fileChanged: { id: other },
      entries: [{ change: 'added', commit: { id: added } }],
    });
    const port = say(dir, { [FILE]: policy(['files.vendor.example', 'api.vendor.example'], '8443') }, 'Port');
    const third = await compared({ repository: dir }, { host });
    expect(historyOf(third)?.entries).toMatchObject([{ change: 'changed', commit: { id: port } }]);
  });

  it('that a deny names is neither added nor removed', async () => {
    const deny = policy(['files.vendor.example'])
      .replace('  egress:', '  egressDeny:')
      .replace('toFQDNs: [{matchName: "files.vendor.example"}]', 'toCIDR: [203.0.113.7/32]');
    const dir = makeRepository({ [FILE]: policy(['api.vendor.example']) });
    say(dir, { [FILE]: deny }, 'Deny');
    const report = await compared({ repository: dir }, { host: '203.0.113.7/32' });
    expect(historyOf(report)?.entries).toMatchObject([{ change: 'changed' }]);
  });
});

describe('a policy that was moved', () => {
  const host = 'files.vendor.example';

  it('keeps the history of its rules, over a file of another name and other rules beside it', async () => {
    const dir = makeRepository({ 'README.md': 'x' });
    const added = say(dir, { 'old/all.yaml': `${policy([host])}---\na: 1\n` }, 'Allow');
    git(dir, 'rm', '-q', 'old/all.yaml');
    const moved = say(dir, { [FILE]: policy([host, 'api.vendor.example']) }, 'Move');
    const report = await compared({ repository: dir }, { host });
    expect(historyOf(report)).toMatchObject({
      file: FILE,
      fileChanged: { id: moved },
      entries: [{ change: 'added', commit: { id: added } }],
    });
    expect(historyOf(report)).not.toHaveProperty('notFurther');
  });

  it('and changed while it was moved was changed by that', async () => {
    const dir = makeRepository({ 'old/all.yaml': policy([host]) });
    git(dir, 'rm', '-q', 'old/all.yaml');
    const moved = say(dir, { [FILE]: policy([host], '8443') }, 'Move');
    expect(historyOf(await compared({ repository: dir }, { host }))?.entries).toMatchObject([
      { commit: { id: moved } },
    ]);
  });

  it('over HTTP, too', async () => {
    const dir = makeRepository({ 'README.md': 'x', 'deep/er/x.yaml': 'a: 1\n' });
    const added = say(dir, { 'old/all.yaml': policy([host]) }, 'Allow');
    git(dir, 'rm', '-q', 'old/all.yaml');
    say(dir, { [FILE]: policy([host]) }, 'Move');
    git(dir, 'config', 'uploadpack.allowFilter', 'true');
    const server = await serveRepository(dir);
    open.push(server);
    const report = await compared({ repository: server.repository }, { host });
    expect(historyOf(report)?.entries).toMatchObject([{ change: 'added', commit: { id: added } }]);
  });
});

describe('a policy that Git no longer has', () => {
  /** Taken out of a file that stays, which is then deleted; moved before that. */
  function gone(): { readonly dir: string; readonly removed: string } {
    const dir = makeRepository({ 'old.yaml': policy(['files.vendor.example']), 'keep.yaml': 'a: 1\n' });
    git(dir, 'rm', '-q', 'old.yaml');
    say(dir, { [FILE]: `${policy(['files.vendor.example'])}---\na: 1\n` }, 'Move');
    const removed = say(dir, { [FILE]: 'a: 1\n' }, 'No longer needed');
    git(dir, 'rm', '-q', FILE);
    say(dir, { 'keep.yaml': 'a: 2\n' }, 'Clean');
    return { dir, removed };
  }
  const removedBy = (id: string) => ({ file: FILE, entries: [], policyRemoved: { id, subject: 'No longer needed' } });

  it('was taken out by the commit that took it out of its last file', async () => {
    const { dir, removed } = gone();
    const report = await compared({ repository: dir });
    expect(report.policies[0]?.kind).toBe('only_live');
    expect(historyOf(report)).toMatchObject(removedBy(removed));
  });

  it.each([true, false])('over HTTP, too (server that can leave files out: %s)', async (filter) => {
    const { dir, removed } = gone();
    git(dir, 'config', 'uploadpack.allowFilter', String(filter));
    const server = await serveRepository(dir);
    open.push(server);
    expect(historyOf(await compared({ repository: server.repository }))).toMatchObject(removedBy(removed));
  });

  it('is looked for in the folder that is read', async () => {
    const { dir, removed } = gone();
    commit(dir, { 'clusters/prod/other.yaml': 'a: 1\n', 'apps/x.yaml': 'a: 1\n' });
    expect(historyOf(await compared({ repository: dir, path: 'clusters' }))).toMatchObject(removedBy(removed));
    expect(historyOf(await compared({ repository: dir, path: 'apps' }))).toBeUndefined();
  });

  it('and never was there has no history; where the clone ends, that is said', async () => {
    const { dir } = gone();
    const never = makeRepository({ 'x.yaml': 'a: 1\n' });
    expect(historyOf(await compared({ repository: never }))).toBeUndefined();
    const clone = `${tempDir()}/clone`;
    git(dir, 'clone', '-q', '--depth', '1', `file://${dir}`, clone);
    expect(historyOf(await compared({ repository: clone }))?.notFurther?.because).toContain('shallow');
  });

  it('is named with the merge that brought it in', async () => {
    const dir = makeRepository({ [FILE]: policy(['files.vendor.example']), 'keep.yaml': 'a: 1\n' });
    git(dir, 'checkout', '-q', '-b', 'side');
    git(dir, 'rm', '-q', FILE);
    say(dir, { 'keep.yaml': 'a: 2\n' }, 'Side');
    git(dir, 'checkout', '-q', 'main');
    say(dir, { 'README.md': 'x' }, 'Beside');
    git(dir, 'merge', '-q', '--no-ff', '-m', 'Merge of side', 'side');
    const report = await compared({ repository: dir });
    expect(historyOf(report)?.policyRemoved).toMatchObject({
      id: git(dir, 'rev-parse', 'HEAD'),
      subject: 'Merge of side',
    });
  });
});

describe('merges', () => {
  it('are followed to the side that made the change', async () => {
    const dir = makeRepository({ [FILE]: policy(['api.vendor.example', 'files.vendor.example']) });
    git(dir, 'checkout', '-q', '-b', 'side');
    const removed = say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Tidy up');
    git(dir, 'checkout', '-q', 'main');
    say(dir, { 'README.md': 'x' }, 'Beside');
    git(dir, 'merge', '-q', '--no-ff', '-m', 'Merge', 'side');
    const report = await compared({ repository: dir }, { host: 'files.vendor.example' });
    expect(historyOf(report)).toMatchObject({
      fileChanged: { id: removed },
      entries: [{ change: 'removed', commit: { id: removed } }],
    });
  });

  it('agree with git log, whatever the history looks like', async () => {
    const step = fc.record({
      kind: fc.constantFrom('edit', 'beside', 'branch', 'merge', 'switch'),
      pick: fc.nat({ max: 5 }),
    });
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      const dir = makeRepository({ [FILE]: policy(['h0.vendor.example']) });
      play(dir, steps);
      const head = git(dir, 'rev-parse', 'HEAD');
      const objects = openLocalObjects(`${dir}/.git`, createBudget());
      const [found] = await policyHistories(objects, head, [{ file: FILE, names: [] }], never);
      await objects.close();
      expect(found?.fileChanged?.id).toBe(git(dir, 'log', '-1', '--format=%H', '--', FILE));
    });
    await fc.assert(property, { numRuns: 5 });
  }, 60_000);
});

/** Edits of one file of two, branches and merges that keep one side of a conflict. */
function play(dir: string, steps: readonly { readonly kind: string; readonly pick: number }[]): void {
  const branches = ['main'];
  for (const [at, { kind, pick }] of steps.entries()) {
    if (kind === 'edit') say(dir, { [FILE]: policy([`h${pick}.vendor.example`]) }, `edit ${at}`);
    else if (kind === 'beside') say(dir, { 'README.md': `${pick}` }, `beside ${at}`);
    else if (kind === 'branch') {
      branches.push(`b${at}`);
      git(dir, 'checkout', '-q', '-b', `b${at}`);
    } else {
      const other = branches[pick % branches.length] ?? 'main';
      if (kind === 'switch') git(dir, 'checkout', '-q', other);
      else git(dir, 'merge', '-q', '--no-ff', '-X', 'ours', '-m', `merge ${at}`, other);
    }
  }
}

describe('where the history ends', () => {
  it('a shallow clone says so', async () => {
    const { dir, ids } = story();
    const clone = `${tempDir()}/clone`;
    git(dir, 'clone', '-q', '--depth', '2', `file://${dir}`, clone);
    const report = await compared({ repository: clone }, { host: 'files.vendor.example' });
    expect(historyOf(report)).toMatchObject({
      entries: [],
      notFurther: { back: { id: ids.comment }, because: expect.stringContaining('shallow') },
    });
    expect(historyOf(report)).not.toHaveProperty('fileChanged');
  });

  it('a version that is no YAML ends the rules and not the file', async () => {
    const dir = makeRepository({ [FILE]: policy(['files.vendor.example']) });
    say(dir, { [FILE]: 'kind: NetworkPolicy\n  broken: [' }, 'Broken');
    const mended = say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Mended');
    const report = await compared({ repository: dir }, { host: 'files.vendor.example' });
    expect(historyOf(report)).toMatchObject({
      fileChanged: { id: mended },
      entries: [],
      notFurther: { back: { id: mended }, because: expect.stringContaining('cannot be read') },
    });
  });

  it.each([
    ['without a committer', 'tree TREE\nauthor t <t@example.com> 1 +0000\n\nx\n'],
    ['that is no commit at all', 'x'],
    ['larger than is read', `tree TREE\ncommitter t <t@example.com> 1 +0000\n\n${'x'.repeat(17 * 1024 * 1024)}`],
  ])('a commit %s ends it, and the comparison stays', async (_name, text) => {
    const dir = makeRepository({ [FILE]: policy(['api.vendor.example']) });
    const tree = git(dir, 'rev-parse', 'HEAD^{tree}');
    const run = (args: readonly string[], input: string) =>
      execFileSync('git', ['-C', dir, ...args], { input, encoding: 'utf8' }).trim();
    const bad = run(['hash-object', '-t', 'commit', '--literally', '-w', '--stdin'], text.replace('TREE', tree));
    const head = `tree ${tree}\nparent ${bad}\nauthor t <t@example.com> 2 +0000\ncommitter t <t@example.com> 2 +0000\n\nx\n`;
    const commitId = run(['hash-object', '-t', 'commit', '--literally', '-w', '--stdin'], head);
    const report = await compared({ repository: dir, ref: commitId });
    expect(report.policies[0]?.kind).toBe('differs');
    expect(historyOf(report)?.notFurther).toMatchObject({
      back: { id: commitId },
      because: expect.stringContaining('commit'),
    });
  });

  it('takes no subject for more than a bounded line', async () => {
    const dir = makeRepository({ 'README.md': 'x' });
    const secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB';
    say(dir, { [FILE]: policy(['files.vendor.example']) }, `\u202e\u001b[31mtoken ${secret} ${'x'.repeat(500)}`);
    const report = await compared({ repository: dir }, { host: 'files.vendor.example' });
    const { subject = '' } = historyOf(report)?.fileChanged ?? {};
    expect(subject.length).toBeLessThanOrEqual(120);
    expect(subject).not.toContain(secret);
    expect(subject).not.toMatch(/[\u001b\u202e]/);
    expect(JSON.stringify(report)).not.toContain('t@example.com');
  });
});

describe('over HTTP', () => {
  const host = 'files.vendor.example';
  const serveAs = async (dir: string, filter: boolean) => {
    git(dir, 'config', 'uploadpack.allowFilter', String(filter));
    const server = await serveRepository(dir);
    open.push(server);
    return server;
  };

  it.each([true, false])('says the same as a clone (server that can leave files out: %s)', async (filter) => {
    const { dir } = story();
    const server = await serveAs(dir, filter);
    const remote = await compared({ repository: server.repository }, { host });
    expect(historyOf(remote)).toEqual(historyOf(await compared({ repository: dir }, { host })));
    expect(historyOf(remote)?.entries).toHaveLength(1);
  });

  it('goes as far as it must, in few requests and bytes', async () => {
    const dir = makeRepository({ [FILE]: policy(['files.vendor.example']) });
    const removed = say(dir, { [FILE]: policy(['api.vendor.example']) }, 'Tidy up');
    const big = Array.from({ length: 20_000 }, (_, at) => Math.sin(at)).join('\n');
    const commits = Array.from({ length: 60 }, (_, at) => {
      const text = `${at}\n${at % 10 === 0 ? big : ''}`;
      const from = at === 0 ? `from ${removed}\n` : '';
      return `commit refs/heads/main\ncommitter t <t@example.com> ${1_800_000_000 + at} +0000\ndata 1\nc\n${from}M 100644 inline README.md\ndata ${text.length}\n${text}\n`;
    });
    execFileSync('git', ['-C', dir, 'fast-import', '--quiet'], { input: `${commits.join('')}done\n` });
    const server = await serveAs(dir, true);
    const report = await compared({ repository: server.repository, path: 'clusters' }, { host }, { maxBytes: 60_000 });
    expect(historyOf(report)?.entries).toMatchObject([{ change: 'removed', commit: { id: removed } }]);
    expect(server.requests.length).toBeLessThan(18);
  }, 60_000);

  it('that is too large takes nothing from the files, which are still read for a patch', async () => {
    const dir = makeRepository({ [FILE]: policy([host]) });
    const noise = Array.from({ length: 4000 }, (_, at) => Math.sin(at)).join('\n');
    say(dir, { 'README.md': noise }, 'Large');
    git(dir, 'rm', '-q', 'README.md');
    say(dir, { 'x.yaml': 'a: 1\n' }, 'Small');
    const server = await serveAs(dir, false);
    const source = createGitopsSource({ maxBytes: 8000 });
    const repo = { repository: server.repository, history: { host } };
    const read = await source.compare(repo, live('api.vendor.example'), 'shop', never);
    expect(read).toMatchObject({ ok: true, value: { policies: [{ kind: 'differs' }] } });
    expect(read.ok && read.value.policies[0]?.history?.notFurther?.because).toContain('larger than is read');
    const change = {
      policy: { kind: 'CiliumNetworkPolicy', name: 'checkout', namespace: 'shop' },
      op: 'add',
      path: ['spec', 'egress', 0, 'toFQDNs', '-'],
      value: { matchName: 'b.example' },
      why: '',
    } as const;
    const patch = await source.patch([change], live(host), repo, never);
    expect(patch).toMatchObject({ ok: true, value: { inGit: true } });
  });

  it('of a server of an older protocol is not read, and that is said', async () => {
    const { dir } = story();
    const backend = httpBackend(dirname(dir));
    const server = await serve((request, response) => {
      delete request.headers['git-protocol'];
      backend(request, response);
    });
    open.push(server);
    const report = await compared({ repository: `${server.url}/${basename(dir)}` }, { host });
    expect(historyOf(report)?.notFurther?.because).toContain('older protocol');
    expect(report.policies[0]?.kind).toBe('differs');
  });

  it('that hangs costs the comparison nothing', async () => {
    const { dir } = story();
    git(dir, 'config', 'uploadpack.allowFilter', 'true');
    const backend = httpBackend(dirname(dir));
    let posts = 0;
    const server = await serve((request, response) => {
      if (request.method === 'POST') posts += 1;
      // Refs, the commit, its files; the history is the fourth.
      if (posts < 4) backend(request, response);
    });
    open.push(server);
    const report = await compared({ repository: `${server.url}/${basename(dir)}` }, { host }, { timeoutMs: 3000 });
    expect(report.policies[0]?.kind).toBe('differs');
    expect(historyOf(report)?.notFurther?.because).toContain('longer');
  });
});

describe('what one commit is to another', () => {
  it('is read from the history', async () => {
    const dir = makeRepository({ a: '1' });
    const first = git(dir, 'rev-parse', 'HEAD');
    const second = say(dir, { a: '2' }, 'two');
    git(dir, 'checkout', '-q', '-b', 'side', first);
    const side = say(dir, { b: '1' }, 'side');
    const objects = openLocalObjects(`${dir}/.git`, createBudget());
    const commits = createCommits(objects, never);
    expect(await relationOf(commits, second, first)).toBe('ancestor');
    expect(await relationOf(commits, first, second)).toBe('descendant');
    expect(await relationOf(commits, second, side)).toBe('diverged');
    expect(await relationOf(commits, second, '0'.repeat(40))).toBe('unknown');
    await objects.close();
  });

  it('is not known where a shallow clone ends', async () => {
    const dir = makeRepository({ a: '1' });
    const old = git(dir, 'rev-parse', 'HEAD');
    git(dir, 'checkout', '-q', '-b', 'side');
    const side = say(dir, { b: '1' }, 'side');
    git(dir, 'checkout', '-q', 'main');
    const head = say(dir, { a: '2' }, 'two');
    const clone = `${tempDir()}/clone`;
    git(dir, 'clone', '-q', '--depth', '1', '--no-single-branch', `file://${dir}`, clone);
    const objects = openLocalObjects(`${clone}/.git`, createBudget());
    const commits = createCommits(objects, never);
    expect(await relationOf(commits, head, old)).toBe('unknown');
    expect(await relationOf(commits, head, side)).toBe('unknown');
    await objects.close();
  });
});
