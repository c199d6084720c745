import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import type { PatchablePolicy } from '../../../src/core/model/policy.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import type { RepositoryRef } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { commit, git, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

afterAll(removeTempDirs);

const never = new AbortController().signal;
const source = createGitopsSource();

function compare(repo: RepositoryRef, live: readonly PatchablePolicy[] = []): Promise<Read<DriftReport>> {
  return source.compare(repo, live, 'shop', never);
}

async function report(repo: RepositoryRef, live: readonly PatchablePolicy[] = []): Promise<DriftReport> {
  const read = await compare(repo, live);
  if (!read.ok) throw new Error(`${read.notRead.code}: ${read.notRead.reason}`);
  return read.value;
}

function manifest(
  name: string,
  names: readonly string[],
  namespace: string | undefined = 'shop',
  kind = 'CiliumNetworkPolicy',
): string {
  const place = namespace === undefined || namespace === '' ? '' : `  namespace: ${namespace}\n`;
  const fqdns = names.map((host) => `        - matchName: ${host}\n`).join('');
  return `apiVersion: cilium.io/v2
kind: ${kind}
metadata:
  name: ${name}
${place}spec:
  endpointSelector:
    matchLabels: {app: checkout}
  egress:
    - toFQDNs:
${fqdns}      toPorts:
        - ports:
            - {port: "443", protocol: TCP}
`;
}

describe('comparing with a local repository', () => {
  it('says what is the same, differs, is only live and only in Git', async () => {
    const repository = makeRepository({
      'shop/all.yaml': `# head\n---\n${manifest('same', ['a.example'])}---\n${manifest('differs', ['a.example'])}`,
      'shop/git-only.yml': manifest('git-only', ['a.example']),
      'cluster.json': JSON.stringify({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumClusterwideNetworkPolicy',
        metadata: { name: 'wide' },
        spec: { endpointSelector: {}, egress: [{}] },
      }),
      'other-namespace.yaml': manifest('elsewhere', ['a.example'], 'pay'),
      'README.md': 'no YAML: [',
    });
    const found = await report({ repository }, [
      cnp('same', [fqdnRule(['a.example'])]),
      cnp('differs', [fqdnRule(['a.example', 'b.example'])], {
        managers: [
          { manager: 'kustomize-controller', operation: 'Apply', time: '2026-01-01T00:00:00Z' },
          { manager: 'kubectl-edit', operation: 'Update', time: '2026-02-01T00:00:00Z' },
          { manager: 'cilium-operator-generic', operation: 'Update', time: '2026-03-01T00:00:00Z' },
        ],
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' },
      }),
      cnp('live-only', []),
    ]);
    expect(found).toMatchObject({ repository, ref: 'main', commit: git(repository, 'rev-parse', 'HEAD'), skipped: [] });
    expect(found.policies.map(({ policy, kind, file }) => [policy.name, kind, file?.path, file?.document])).toEqual([
      ['same', 'same', 'shop/all.yaml', 0],
      ['differs', 'differs', 'shop/all.yaml', 1],
      ['live-only', 'only_live', undefined, undefined],
      ['wide', 'only_git', 'cluster.json', 0],
      ['git-only', 'only_git', 'shop/git-only.yml', 0],
    ]);
    const [same, differs, liveOnly, wide] = found.policies;
    expect(differs?.differences).toEqual([{ path: 'spec.egress[0].toFQDNs', live: [{ matchName: 'b.example' }] }]);
    expect(differs?.lastWriter).toEqual({ manager: 'kubectl-edit', time: '2026-02-01T00:00:00Z' });
    expect(differs?.consequence).toMatch(
      /Git lacks what the live object has at spec\.egress\[0\]\.toFQDNs: .* removes it/,
    );
    expect(differs?.consequence).toMatch(
      /Flux Kustomization \(kustomize\.toolkit\.fluxcd\.io\/name: apps\).*not checked/,
    );
    expect(same?.consequence).toMatch(/agree.*not checked/);
    expect(liveOnly?.consequence).toMatch(/only if it tracks it.*not checked/);
    expect(liveOnly?.consequence).not.toMatch(/will be (removed|pruned)/);
    expect(wide?.policy).toEqual({ kind: 'CiliumClusterwideNetworkPolicy', name: 'wide' });
  });

  it('reads what is committed at the ref, not what lies in the working tree', async () => {
    const repository = makeRepository({ 'p.yaml': manifest('p', ['old.example']) });
    git(repository, 'tag', '-a', 'v1', '-m', 'v1');
    const first = git(repository, 'rev-parse', 'HEAD');
    commit(repository, { 'p.yaml': manifest('p', ['new.example']) });
    git(repository, 'gc', '-q');
    writeFileSync(join(repository, 'p.yaml'), 'not: [yaml');
    const live = [cnp('p', [fqdnRule(['old.example'])])];
    const kinds = await Promise.all(
      [undefined, 'main', 'v1', first, first.slice(0, 8)].map(async (ref) => {
        const found = await report({ repository, ...(ref === undefined ? {} : { ref }) }, live);
        return found.policies[0]?.kind;
      }),
    );
    expect(kinds).toEqual(['differs', 'differs', 'same', 'same', 'same']);
  });

  it('reads bare repositories, linked worktrees and detached heads', async () => {
    const repository = makeRepository({ 'p.yaml': manifest('p', ['a.example']) });
    const [bare, linked] = [join(tempDir(), 'bare.git'), join(tempDir(), 'linked')];
    git(repository, 'clone', '-q', '--bare', repository, bare);
    git(repository, 'worktree', 'add', '-q', '--detach', linked);
    for (const dir of [bare, linked]) {
      expect((await report({ repository: dir }, [cnp('p', [fqdnRule(['a.example'])])])).policies[0]?.kind).toBe('same');
    }
    expect((await report({ repository: linked })).ref).toBe('HEAD');
  });

  it('reads only what is under the path', async () => {
    const repository = makeRepository({
      'a/p.yaml': manifest('p', ['a.example']),
      'b/q.yaml': manifest('q', ['a.example']),
    });
    expect((await report({ repository, path: 'a/' })).policies.map((entry) => entry.policy.name)).toEqual(['p']);
    expect((await report({ repository, path: 'b/q.yaml' })).policies.map((entry) => entry.policy.name)).toEqual(['q']);
  });

  it('matches a document without a namespace by name, and says so; one that matches nothing is reported', async () => {
    const repository = makeRepository({
      'p.yaml': manifest('p', ['a.example'], ''),
      'q.yaml': manifest('q', ['a.example'], ''),
    });
    const found = await report({ repository }, [cnp('p', [fqdnRule(['a.example'])])]);
    expect(found.policies).toHaveLength(1);
    expect(found.policies[0]).toMatchObject({ kind: 'same', file: { path: 'p.yaml' } });
    expect(found.policies[0]?.consequence).toContain('names no namespace');
    expect(found.skipped).toEqual([{ path: 'q.yaml', reason: expect.stringContaining('names no namespace') }]);
  });

  it('takes the closest of several definitions and names the others', async () => {
    const repository = makeRepository({
      'base/p.yaml': manifest('p', ['a.example']),
      'prod/p.yaml': manifest('p', ['a.example', 'b.example']),
    });
    const found = await report({ repository }, [cnp('p', [fqdnRule(['a.example', 'b.example'])])]);
    expect(found.policies).toHaveLength(1);
    expect(found.policies[0]).toMatchObject({ kind: 'same', file: { path: 'prod/p.yaml' } });
    expect(found.policies[0]?.consequence).toContain('base/p.yaml');
  });

  it('reads the members of a List, and leaves the same kind of another API group alone', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'n', namespace: 'shop' },
          spec: { podSelector: {} },
        },
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'NetworkPolicy',
          metadata: { name: 'c', namespace: 'shop' },
          spec: { selector: 'all()' },
        },
      ],
    };
    const found = await report({ repository: makeRepository({ 'l.json': JSON.stringify(list) }) });
    expect(found.policies.map((entry) => entry.policy.name)).toEqual(['n']);
  });
});

describe('files that cannot be used', () => {
  it('are reported, and never hide the good ones', async () => {
    const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 12; at += 1)
      bomb.push(`b${at}: &a${at} [${Array.from({ length: 9 }, () => `*a${at - 1}`).join(', ')}]`);
    const repository = makeRepository({
      'good.yaml': manifest('good', ['a.example']),
      'broken.yaml': 'kind: CiliumNetworkPolicy\nspec: [unclosed\n',
      'unrelated-broken.yaml': 'a: [',
      'chart/templates/p.yaml': `${manifest('{{ .Release.Name }}', ['a.example'])}{{- if .x }}\n`,
      'chart/templates/deployment.yaml': '{{- if .x }}\nkind: Deployment\n',
      'flux.yaml': manifest('p-${cluster}', ['a.example']),
      'shape.yaml': manifest('shape', ['a.example']).replace(/egress:[^]*/, 'egress: everything\n'),
      'bomb.yaml': `kind: NetworkPolicy\n${bomb.join('\n')}\n`,
      'cycle.yaml': 'kind: NetworkPolicy\na: &a [*a]\n',
      'deep.yaml': `kind: NetworkPolicy\na: ${'['.repeat(5000)}${']'.repeat(5000)}\n`,
      'huge.yaml': `kind: NetworkPolicy\na: ${'x'.repeat(1024 * 1024)}\n`,
      'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n',
      'latin1.yaml': 'kind: NetworkPolicy\n',
      'link.yaml': { link: '/etc/passwd' },
      'dir-link': { link: '../..' },
      'prod/kustomization.yaml': 'resources: [../good.yaml]\npatches: [{path: x.yaml}]\nnamespace: prod\n',
    });
    writeFileSync(join(repository, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0xe9, 0x0a]));
    commit(repository, {});
    const found = await report({ repository }, [cnp('good', [fqdnRule(['a.example'])])]);
    expect(found.policies.map((entry) => [entry.policy.name, entry.kind])).toEqual([['good', 'same']]);
    const reasons = Object.fromEntries(found.skipped.map(({ path, reason }) => [path, reason]));
    expect(reasons).toEqual({
      'broken.yaml': expect.stringMatching(/^broken YAML at line \d+: /),
      'unrelated-broken.yaml': expect.stringMatching(/^broken YAML/),
      'chart/templates/p.yaml': 'a template, not rendered',
      'flux.yaml': expect.stringMatching(/substitution variables .* not rendered/),
      'shape.yaml': expect.stringContaining('spec.egress is not a list'),
      'bomb.yaml': 'its aliases expand to more than is read',
      'cycle.yaml': 'its aliases expand to more than is read',
      'deep.yaml': expect.stringMatching(/^broken YAML/),
      'huge.yaml': expect.stringContaining('larger than'),
      'lfs.yaml': expect.stringContaining('LFS'),
      'latin1.yaml': 'not UTF-8 text',
      'link.yaml': 'a symbolic link: not followed',
      'dir-link': 'a symbolic link: not followed',
      'prod/kustomization.yaml': 'kustomize patches, namespace: not rendered, the files were read as written',
    });
  });

  it('are not read past the limits, and that is said', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`d${at % 4}/f${at}.yaml`, manifest(`p${at}`, ['a.example'])]),
    );
    const limited = createGitopsSource({ limits: { maxFiles: 5 } });
    const repository = makeRepository({ ...files, 'z/network-policies/last.yaml': manifest('last', ['a.example']) });
    const read = await limited.compare({ repository }, [], 'shop', never);
    expect(read).toMatchObject({ ok: true, value: { skipped: [{ reason: expect.stringContaining('16 of 21') }] } });
    const names = read.ok ? read.value.policies.map((entry) => entry.policy.name) : [];
    expect(names).toHaveLength(5);
    expect(names).toContain('last');
  });

  it('submodules are reported', async () => {
    const inner = makeRepository({ 'p.yaml': manifest('inner', ['a.example']) });
    const outer = makeRepository({ 'p.yaml': manifest('p', ['a.example']) });
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
    commit(outer, {});
    const found = await report({ repository: outer });
    expect(found.skipped).toEqual([{ path: 'sub', reason: 'a submodule: not read' }]);
    expect(await compare({ repository: outer, path: 'sub' })).toMatchObject({
      ok: false,
      notRead: { code: 'refused' },
    });
  });

  it('names that git does not check out are passed over, and said', async () => {
    const repository = makeRepository({ 'p.yaml': manifest('p', ['a.example']) });
    const blob = Buffer.from(git(repository, 'rev-parse', 'HEAD:p.yaml'), 'hex');
    const names = ['..', '.GIT', 'a\\b.yaml', 'c/../../d.yaml', 'p.yaml'];
    const raw = Buffer.concat(names.flatMap((name) => [Buffer.from(`100644 ${name}\0`), blob]));
    writeFileSync(join(repository, 'raw-tree'), raw);
    const tree = git(repository, 'hash-object', '-t', 'tree', '-w', '--literally', 'raw-tree');
    const evil = git(repository, 'commit-tree', tree, '-m', 'evil');
    const found = await report({ repository, ref: evil });
    expect(found.policies.map(({ file }) => file?.path)).toEqual(['p.yaml']);
    expect(found.skipped.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 4 }, () => 'its name is not one that git checks out'),
    );
  });
});

describe('a repository that cannot be used says why and what to do', () => {
  const repository = makeRepository({ 'clusters/prod/p.yaml': manifest('p', ['a.example']), 'docs/x.md': '' });
  git(repository, 'branch', 'release-1.2');
  const plain = tempDir();
  mkdirSync(join(plain, 'x'));
  const empty = tempDir();
  git(empty, 'init', '-q', '-b', 'main');
  const sha256 = tempDir();
  git(sha256, 'init', '-q', '--object-format=sha256');

  it.each<[string, RepositoryRef, string, [RegExp, RegExp]]>([
    ['no such directory', { repository: join(plain, 'none') }, 'not_found', [/no directory/, /path/]],
    ['not a repository', { repository: plain }, 'invalid', [/not a Git repository/, /working tree/]],
    [
      'a folder of a repository',
      { repository: join(repository, 'clusters') },
      'invalid',
      [/not its root/, /path clusters/],
    ],
    ['no commit yet', { repository: empty }, 'not_found', [/no branch, tag or commit main/, /commit first/]],
    ['sha256 objects', { repository: sha256 }, 'unsupported', [/objectformat/i, /./]],
    ['an unknown ref', { repository, ref: 'relase-1.2' }, 'not_found', [/relase-1\.2/, /release-1\.2/]],
    ['an unknown commit', { repository, ref: 'a'.repeat(40) }, 'not_found', [/no branch, tag or commit/, /main/]],
    ['an unknown path', { repository, path: 'clusters/prd' }, 'not_found', [/clusters\/prd is not in/, /prod/]],
    ['a path without YAML', { repository, path: 'docs' }, 'not_found', [/holds no \.yaml/, /folder/]],
    ['a path that leaves', { repository, path: '../..' }, 'invalid', [/leaves the repository/, /./]],
    ['an absolute-looking path stays inside', { repository, path: '/etc' }, 'not_found', [/etc is not in/, /./]],
    ['a ref that is an option', { repository, ref: '--upload-pack=x' }, 'invalid', [/not a branch/, /./]],
    ['a ref with ..', { repository, ref: 'main..x' }, 'invalid', [/not a branch/, /./]],
    ['a relative path', { repository: './repo' }, 'invalid', [/absolute path/, /./]],
    [
      'ssh to a host that was not named',
      { repository: 'git@git.example:org/repo.git' },
      'unsupported',
      [/did not name git\.example/, /--git-host git\.example/],
    ],
    ['ssh URL with a password', { repository: 'ssh://u:secret@git.example/repo' }, 'refused', [/password/, /./]],
    ['git protocol', { repository: 'git://git.example/repo' }, 'unsupported', [/git:\/\/git\.example/, /Clone it/]],
    ['a helper of git', { repository: 'ext::sh -c id' }, 'unsupported', [/other transports/, /Clone it/]],
    ['control characters', { repository: '/x\u001b[31m' }, 'invalid', [/control characters/, /./]],
  ])('%s', async (_name, repo, code, [reason, nextStep]) => {
    const read = await compare(repo);
    if (read.ok) throw new Error('was read');
    expect(read.notRead.code).toBe(code);
    expect(read.notRead.reason).toMatch(reason);
    expect(read.notRead.nextStep).toMatch(nextStep);
    expect(JSON.stringify(read)).not.toMatch(/secret|\\u001b/);
  });

  it('a cancelled read ends at once', async () => {
    const read = await source.compare({ repository }, [cnp('p', [])], 'shop', AbortSignal.abort());
    expect(read).toMatchObject({
      ok: false,
      notRead: { code: 'timeout', reason: expect.stringContaining('cancelled') },
    });
  });

  it('file URLs are local paths', async () => {
    expect((await report({ repository: `file://${repository}` })).policies[0]?.policy).toEqual({
      kind: 'CiliumNetworkPolicy',
      name: 'p',
      namespace: 'shop',
    });
  });
});
