import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGitopsSource } from '../../../src/gitops/gitops-source.ts';
import type { RepositoryReaderOptions } from '../../../src/gitops/repository-reader.ts';
import { parseSsh } from '../../../src/gitops/ssh-location.ts';
import type { RepositoryRef } from '../../../src/ports/gitops-source.ts';
import { cnp, fqdnRule } from '../drift/policies.ts';
import { commit, git, makeRepository, removeTempDirs, tempDir } from './repositories.ts';

afterAll(removeTempDirs);
afterEach(() => vi.unstubAllEnvs());

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

let log = '';

/** An `ssh` that notes how it was called and runs the other side's program here: git's own protocol, without a network. */
function fakeSsh(script = 'for last; do :; done\nexec sh -c "$last"'): void {
  const bin = tempDir();
  log = join(bin, 'log');
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nprintf '%s\\n' "$*" "askpass=$GIT_ASKPASS" >> ${log}\n${script}\n`);
  chmodSync(join(bin, 'ssh'), 0o700);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
}

beforeEach(() => fakeSsh());

function compare(repo: RepositoryRef, options: RepositoryReaderOptions = {}, signal = never) {
  const source = createGitopsSource({ access: { hosts: ['git.example', 'git.example:2222'] }, ...options });
  return source.compare(repo, [cnp('p', [fqdnRule(['a.example'])])], 'shop', signal);
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('k8s-egress-diagnose-'));
}

describe('an ssh remote', () => {
  it.each([true, false])('is read at HEAD, a branch, a tag and a commit; with filters: %s', async (filters) => {
    const before = leftovers();
    const dir = makeRepository({ 'p.yaml': POLICY, 'other/big.md': 'x'.repeat(100_000) });
    git(dir, 'tag', '-a', 'v1', '-m', 'v1');
    git(dir, 'config', 'uploadpack.allowFilter', String(filters));
    git(dir, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const first = git(dir, 'rev-parse', 'HEAD');
    commit(dir, { 'p.yaml': POLICY.replace('a.example', 'b.example') });
    for (const [ref, kind, name] of [
      [undefined, 'differs', 'main'],
      ['main', 'differs', 'main'],
      ['v1', 'same', 'v1'],
      [first, 'same', first],
    ] as const) {
      const repository = `ssh://git@git.example:2222${dir}`;
      const read = await compare({ repository, ...(ref === undefined ? {} : { ref }) });
      expect(read).toMatchObject({ ok: true, value: { ref: name, policies: [{ kind }] } });
    }
    expect(leftovers()).toEqual(before);
    const [argv] = readFileSync(log, 'utf8').split('\n');
    expect(argv).toContain('-oBatchMode=yes -oStrictHostKeyChecking=yes');
    expect(argv).toContain('-p 2222 git@git.example git-upload-pack');
    expect(readFileSync(log, 'utf8')).toMatch(/^askpass=$/m);
  });

  it('has its history read in clones that are gone afterwards', async () => {
    const before = leftovers();
    const dir = makeRepository({ 'p.yaml': POLICY });
    git(dir, 'config', 'uploadpack.allowFilter', 'true');
    git(dir, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const removed = commit(dir, { 'p.yaml': POLICY.replace('a.example', 'b.example') });
    commit(dir, { 'other.yaml': 'a: 1\n' });
    const read = await compare({ repository: `git@git.example:${dir}`, history: { host: 'a.example' } });
    expect(read.ok && read.value.policies[0]?.history).toMatchObject({
      fileChanged: { id: removed },
      entries: [{ name: 'a.example', change: 'removed', commit: { id: removed } }],
    });
    expect(leftovers()).toEqual(before);
  });

  it('in the short form, and once for compare and patch', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    const source = createGitopsSource({ access: { hosts: ['git.example'] } });
    const live = [cnp('p', [fqdnRule(['a.example'])])];
    const repo = { repository: `git@git.example:${dir}` };
    expect(await source.compare(repo, live, 'shop', never)).toMatchObject({ ok: true });
    const calls = (): number => readFileSync(log, 'utf8').split('askpass=').length - 1;
    const before = calls();
    expect(await source.compare(repo, live, 'shop', never)).toMatchObject({ ok: true });
    // What the ref names is asked for, and no more.
    expect(calls()).toBe(before + 1);
  });

  it.each(['HEAD', 'main', 'v1'])('is read again once %s names another commit', async (ref) => {
    const dir = makeRepository({ 'p.yaml': POLICY });
    git(dir, 'tag', '-a', 'v1', '-m', 'v1');
    const source = createGitopsSource({ access: { hosts: ['git.example'] } });
    const live = [cnp('p', [fqdnRule(['a.example'])])];
    const kind = async () => {
      const read = await source.compare({ repository: `git@git.example:${dir}`, ref }, live, 'shop', never);
      return read.ok ? read.value.policies[0]?.kind : read.notRead.reason;
    };
    const calls = (): number => readFileSync(log, 'utf8').split('askpass=').length - 1;
    expect(await kind()).toBe('same');
    const before = calls();
    expect(await kind()).toBe('same');
    expect(calls()).toBe(before + 1);
    commit(dir, { 'p.yaml': POLICY.replace('a.example', 'b.example') });
    git(dir, 'tag', '-f', '-a', 'v1', '-m', 'v1');
    expect(await kind()).toBe('differs');
  });

  it('is not touched where the operator did not name host and port', async () => {
    for (const repository of ['ssh://git@git.example:2223/x', 'git@other.example:x', 'ssh://evil.git.example/x']) {
      const read = await compare({ repository });
      expect(read).toMatchObject({
        ok: false,
        notRead: { code: 'unsupported', nextStep: expect.stringContaining('--git-host') },
      });
    }
    expect(existsSync(log)).toBe(false);
  });

  it('that hangs is ended, with everything it started', async () => {
    fakeSsh('sleep 77.7 & wait');
    const before = leftovers();
    const read = await compare({ repository: 'git@git.example:x' }, { timeoutMs: 700 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'timeout' } });
    await vi.waitFor(() => expect(leftovers()).toEqual(before));
    await vi.waitFor(() => expect(isRunning('sleep\u000077.7')).toBe(false));
  });

  it('whose pack is too large is cut off', async () => {
    const dir = makeRepository({ 'p.yaml': POLICY, 'noise.bin': Array.from({ length: 200_000 }, Math.random).join() });
    fakeSsh(`for last; do :; done\nsh -c "$last" | { dd bs=4096 count=150 2>/dev/null; sleep 3; cat; }`);
    const read = await compare({ repository: `git@git.example:${dir}` }, { maxBytes: 100_000, timeoutMs: 15_000 });
    expect(read).toMatchObject({ ok: false, notRead: { code: 'refused', reason: expect.stringContaining('larger') } });
  });

  it.each([
    ['Host key verification failed.', 'refused', /host key/],
    ['git@git.example: Permission denied (publickey).', 'forbidden', /keys/],
    ['ssh: Could not resolve hostname git.example', 'unreachable', /resolve/],
    ['ssh: \u001b[31mboom', 'unreachable', /boom/],
  ])('that says %j', async (said, code, reason) => {
    fakeSsh(`echo '${said}' >&2\nexit 255`);
    const read = await compare({ repository: 'git@git.example:x' });
    expect(read).toMatchObject({ ok: false, notRead: { code, reason: expect.stringMatching(reason) } });
    expect(JSON.stringify(read)).not.toContain('u001b');
  });

  it('without git says so', async () => {
    vi.stubEnv('PATH', tempDir());
    expect(await compare({ repository: 'git@git.example:x' })).toMatchObject({
      ok: false,
      notRead: { code: 'unsupported', reason: expect.stringContaining('git, which is not installed') },
    });
  });
});

function isRunning(commandLine: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(commandLine);
      } catch {
        return false;
      }
    });
}

describe('the grammar of ssh remotes', () => {
  it.each([
    ['git@git.example:org/repo.git', 'git@git.example:org/repo.git'],
    ['git@git.example:/srv/repo', 'git@git.example:/srv/repo'],
    ['ssh://git.example/org/repo', 'ssh://git.example/org/repo'],
    ['SSH://git@git.example:22/~me/repo', 'ssh://git@git.example:22/~me/repo'],
    ['ssh://git@[2001:db8::1]:2222/r', 'ssh://git@[2001:db8::1]:2222/r'],
  ])('%s is one', (text, target) => {
    expect(parseSsh(text)?.target).toBe(target);
  });

  it.each(['https://git.example/x', '/srv/x', 'git.example:x'])('%s is none', (text) => {
    expect(parseSsh(text)).toBeUndefined();
  });

  it.each([
    'git@-oProxyCommand=id:x',
    'ssh://-oProxyCommand=id/x',
    'ssh://git@-oProxyCommand=id/x',
    '-oProxyCommand=id@git.example:x',
    'ssh://git.example',
    'ssh://git.example:0/x',
    'git@git.example:-x',
    'git@git.example:--upload-pack=id',
    "git@git.example:x';id;'",
    'git@git.example:$(id)',
    'git@git.example:a b',
    'git@git.example:',
    'ssh://git.example/a\nb',
  ])('%j is refused', (text) => {
    expect(() => parseSsh(text)).toThrow('this ssh remote cannot be used');
  });
});
