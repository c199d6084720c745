/** What `--write` does to real repositories: all or nothing, only the files of the change, nothing through a link, refusals that leave all as it was. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PolicyChange } from '../../../src/core/model/evaluation.ts';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import { createPatchWriter } from '../../../src/gitops/patch-writer.ts';
import { writeInTree } from '../../../src/gitops/write-tree.ts';
import type { WriteRequest, Written } from '../../../src/ports/patch-writer.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { commit, git, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

afterAll(removeTempDirs);

const never = new AbortController().signal;
const source = createGitopsSource();
const FILE = 'policies/p.yaml';
const TEXT = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: p
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: checkout
  egress:
    - toFQDNs:
        - matchName: api.vendor.example # the vendor
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`;
const AFTER = TEXT.replace('# the vendor\n', '# the vendor\n        - matchName: files.vendor.example\n');
const live = [cnp('p', [fqdnRule(['api.vendor.example'])])];
const policy = { kind: 'CiliumNetworkPolicy', name: 'p', namespace: 'shop' };
const addName: PolicyChange = {
  policy,
  op: 'add',
  path: ['spec', 'egress', 0, 'toFQDNs', '-'],
  value: { matchName: 'files.vendor.example' },
  why: 'a test',
};
const fresh = { ...policy, name: 'q' };
const manifest = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'q', namespace: 'shop' },
  spec: { endpointSelector: {}, egress: [{}] },
};
const create: PolicyChange = { policy: fresh, op: 'add', path: [], value: manifest, why: 'a test' };

function repositoryWith(more: Record<string, string> = {}): string {
  const dir = makeRepository({ [FILE]: TEXT, 'other.txt': 'other\n', ...more });
  git(dir, 'config', 'user.name', 'A Person');
  git(dir, 'config', 'user.email', 'person@vendor.example');
  return dir;
}

async function requestFor(dir: string, more: Partial<WriteRequest> = {}): Promise<WriteRequest> {
  const request = { changes: [addName], live, repo: { repository: dir }, message: 'Allow it\n\nbecause', ...more };
  const patch = await source.patch(request.changes, request.live, request.repo, never);
  return { diff: patch.ok ? patch.value.diff : '', ...request };
}
const write = async (dir: string, more: Partial<WriteRequest> = {}): Promise<Written> =>
  createPatchWriter().write(await requestFor(dir, more), never);
const refusal = { code: 'WRITE_REFUSED', message: expect.stringContaining('Nothing was written') };
const text = (dir: string, path = FILE): string => readFileSync(join(dir, path), 'utf8');
const state = (dir: string): string =>
  [git(dir, 'status', '--porcelain=v1', '--ignored'), git(dir, 'rev-parse', 'HEAD'), git(dir, 'for-each-ref')].join(
    '\n',
  );

describe('the working tree', () => {
  it('gets the edit, uncommitted, in that file alone; the mode stays, nothing else is left there', async () => {
    const dir = repositoryWith();
    chmodSync(join(dir, FILE), 0o640);
    const head = git(dir, 'rev-parse', 'HEAD');
    expect(await write(dir)).toEqual({ files: [FILE] });
    expect(text(dir)).toBe(AFTER);
    expect(statSync(join(dir, FILE)).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(dir, 'policies'))).toEqual(['p.yaml']);
    expect(git(dir, 'status', '--porcelain=v1')).toBe(`M ${FILE}`);
    expect(git(dir, 'rev-parse', 'HEAD')).toBe(head);
  });

  it('gets a new file, and the kustomization that lists it', async () => {
    const dir = repositoryWith({ 'policies/kustomization.yaml': 'resources:\n  - p.yaml\n' });
    expect(await write(dir, { changes: [create] })).toEqual({
      files: ['policies/q.yaml', 'policies/kustomization.yaml'],
    });
    expect(text(dir, 'policies/kustomization.yaml')).toBe('resources:\n  - p.yaml\n  - q.yaml\n');
    expect(readdirSync(join(dir, 'policies')).sort()).toEqual(['kustomization.yaml', 'p.yaml', 'q.yaml']);
  });

  const away = tempDir();
  it.each<[string, (dir: string) => void, Partial<WriteRequest>?]>([
    ['was edited', (dir) => writeFileSync(join(dir, FILE), `${TEXT}# mine\n`)],
    ['has other line ends', (dir) => writeFileSync(join(dir, FILE), TEXT.replaceAll('\n', '\r\n'))],
    ['was removed', (dir) => rmSync(join(dir, FILE))],
    [
      'is a link',
      (dir) => {
        renameSync(join(dir, FILE), join(away, 'p.yaml'));
        symlinkSync(join(away, 'p.yaml'), join(dir, FILE));
      },
    ],
    [
      'lies behind a link',
      (dir) => {
        renameSync(join(dir, 'policies'), join(away, 'policies'));
        symlinkSync(join(away, 'policies'), join(dir, 'policies'));
      },
    ],
    [
      'is new to Git and there already',
      (dir) => writeFileSync(join(dir, 'policies/q.yaml'), 'mine'),
      { changes: [create] },
    ],
  ])('refused when the file %s, and left as it was', async (_, spoil, more = {}) => {
    const dir = repositoryWith();
    spoil(dir);
    const before = state(dir);
    await expect(write(dir, more)).rejects.toMatchObject(refusal);
    expect(state(dir)).toBe(before);
    for (const path of ['p.yaml', 'policies/p.yaml'])
      if (existsSync(join(away, path))) expect(text(away, path)).toBe(TEXT);
  });

  it('refused for a diff that is not the one shown, a remote, a bare repository, a policy that no file holds', async () => {
    const dir = repositoryWith();
    const before = state(dir);
    await expect(write(dir, { diff: 'another' })).rejects.toMatchObject(refusal);
    const request = await requestFor(dir);
    const remote = { ...request, repo: { repository: 'https://git.vendor.example/policies' } };
    await expect(createPatchWriter().write(remote, never)).rejects.toMatchObject({ ...refusal, kind: 'usage' });
    const bare = join(tempDir(), 'bare.git');
    git(dir, 'clone', '-q', '--bare', dir, bare);
    await expect(write(bare)).rejects.toMatchObject({ ...refusal, nextStep: expect.stringContaining('--branch') });
    await expect(
      write(dir, { changes: [{ ...create, policy: { ...fresh, namespace: 'elsewhere' } }] }),
    ).rejects.toMatchObject(refusal);
    expect(state(dir)).toBe(before);
  });
});

describe('half of a change', () => {
  const edited = (path: string) => ({ path, before: `${path}\n`, after: `${path} edited\n` });

  it('is taken back when a file is edited by somebody else in between', async () => {
    const dir = repositoryWith({ 'a.txt': 'a.txt\n', 'b.txt': 'b.txt\n' });
    let reads = 0;
    const late = {
      path: 'b.txt',
      before: 'b.txt\n',
      get after() {
        reads += 1;
        writeFileSync(join(dir, 'b.txt'), 'somebody else\n');
        return 'b.txt edited\n';
      },
    };
    await expect(writeInTree(dir, [edited('a.txt'), late])).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    expect(reads).toBeGreaterThan(0);
    expect([text(dir, 'a.txt'), text(dir, 'b.txt')]).toEqual(['a.txt\n', 'somebody else\n']);
    expect(git(dir, 'status', '--porcelain=v1')).toBe('M b.txt');
  });

  it('never begins when one of the files cannot be prepared', async () => {
    const long = `${'x'.repeat(250)}.y`;
    const dir = repositoryWith({ 'a.txt': 'a.txt\n' });
    await expect(writeInTree(dir, [edited('a.txt'), { path: long, after: 'new\n' }])).rejects.toMatchObject({
      code: 'WRITE_FAILED',
    });
    expect(git(dir, 'status', '--porcelain=v1')).toBe('');
    expect(text(dir, 'a.txt')).toBe('a.txt\n');
  });

  it.each(['../out.txt', 'a/../../out.txt', '/out.txt', '.git/config', '.GIT/hooks/x', 'a/.git/x', 'git~1/x', 'a\\b'])(
    '%s is no path inside the tree',
    async (path) => {
      const dir = repositoryWith();
      mkdirSync(join(dir, 'a'));
      await expect(writeInTree(dir, [{ path, after: 'new\n' }])).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
      expect(git(dir, 'status', '--porcelain=v1')).toBe('');
    },
  );
});

describe('a new branch', () => {
  it('gets one commit with that file alone; tree, index and HEAD are left alone, edits there do not matter', async () => {
    const dir = repositoryWith();
    writeFileSync(join(dir, FILE), 'mine\n');
    const head = git(dir, 'rev-parse', 'HEAD');
    const { commit: made, ...rest } = await write(dir, { branch: 'egress/files-vendor' });
    expect(rest).toEqual({ files: [FILE], branch: 'egress/files-vendor' });
    expect(git(dir, 'rev-parse', 'egress/files-vendor')).toBe(made);
    expect(git(dir, 'rev-parse', 'egress/files-vendor~1')).toBe(head);
    expect(git(dir, 'log', '-1', '--format=%B|%an|%ae|%cn', 'egress/files-vendor')).toBe(
      'Allow it\n\nbecause\n|A Person|person@vendor.example|A Person',
    );
    expect(git(dir, 'diff', '--name-status', head, 'egress/files-vendor')).toBe(`M\t${FILE}`);
    expect(`${git(dir, 'show', `egress/files-vendor:${FILE}`)}\n`).toBe(AFTER);
    expect(git(dir, 'fsck', '--strict', '--no-dangling')).toBe('');
    expect([text(dir), git(dir, 'status', '--porcelain=v1'), git(dir, 'symbolic-ref', 'HEAD')]).toEqual([
      'mine\n',
      `M ${FILE}`,
      'refs/heads/main',
    ]);
  });

  it('in a bare repository, in a linked worktree, from another ref, with a new file', async () => {
    const dir = repositoryWith();
    const bare = join(tempDir(), 'bare.git');
    git(dir, 'clone', '-q', '--bare', dir, bare);
    git(bare, 'config', 'user.name', 'A Person');
    git(bare, 'config', 'user.email', 'person@vendor.example');
    await write(bare, { branch: 'b' });
    expect(git(bare, 'diff', '--name-only', 'main', 'b')).toBe(FILE);
    const linked = join(tempDir(), 'linked');
    git(dir, 'worktree', 'add', '-q', '-b', 'side', linked);
    commit(linked, { 'policies/r.yaml': TEXT.replace('name: p', 'name: r') });
    await write(linked, { branch: 'c' });
    expect(git(dir, 'rev-parse', 'c~1')).toBe(git(linked, 'rev-parse', 'HEAD'));
    await write(dir, { branch: 'd', changes: [create], repo: { repository: dir, ref: 'side' } });
    expect(git(dir, 'diff', '--name-status', 'side', 'd')).toBe('A\tpolicies/q.yaml');
  });

  it.each<[string, string, (dir: string) => void]>([
    ['that exists', 'taken', (dir) => git(dir, 'branch', 'taken')],
    [
      'that exists, packed',
      'taken',
      (dir) => {
        git(dir, 'branch', 'taken');
        git(dir, 'pack-refs', '--all');
      },
    ],
    ['below one that exists', 'taken/more', (dir) => git(dir, 'branch', 'taken')],
    ['with a name that is none', '../../hooks/x', () => undefined],
    ['with a name that is an option', '--upload-pack=x', () => undefined],
    ['called HEAD', 'HEAD', () => undefined],
    ['whose folder is a link', 'out/x', (dir) => symlinkSync(tempDir(), join(dir, '.git/refs/heads/out'))],
  ])('%s is refused', async (_, branch, spoil) => {
    const dir = repositoryWith();
    spoil(dir);
    const before = git(dir, 'for-each-ref');
    await expect(write(dir, { branch })).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    expect(git(dir, 'for-each-ref')).toBe(before);
    expect(
      readdirSync(join(dir, '.git/refs/heads'), { recursive: true }).filter((name) => String(name).endsWith('.lock')),
    ).toEqual([]);
  });
});
