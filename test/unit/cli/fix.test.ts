/** The `fix` command on a capture and a real repository: proposal, working tree, new branch, and refusals with their exit codes. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src/cli/run.ts';
import { compose } from '../../../src/compose.ts';
import { git, makeRepository, removeTempDirs, tempDir } from '../gitops/repositories.ts';
import { ARCHIVE } from '../server/bundle.ts';

afterAll(removeTempDirs);

const policies = readFileSync(join(ARCHIVE, 'policies.yaml'), 'utf8');

function repository(): string {
  const dir = makeRepository({ 'policies.yaml': policies });
  git(dir, 'config', 'user.name', 'A Person');
  git(dir, 'config', 'user.email', 'person@vendor.example');
  return dir;
}

async function run(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const io = {
    out: async (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    errIsTerminal: false,
  };
  const wiring = {
    compose: async (...given: Parameters<typeof compose>) => compose(...given),
    serve: async () => 1,
    signal: new AbortController().signal,
  };
  const code = await runCommandLine([...args], { env: {}, cwd: tempDir() }, io, wiring);
  return { code, out, err };
}
const fix = (...args: readonly string[]) =>
  run('fix', '-n', 'shop', 'checkout-7d9f', 'files.vendor.example', '--archive', ARCHIVE, ...args);
const ADDED = '+        - matchName: files.vendor.example';

describe('fix', () => {
  it('proposes, writes nothing', async () => {
    const dir = repository();
    const { code, out } = await fix('--repo', dir);
    expect(code).toBe(0);
    expect(out).toContain(ADDED);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  it('--write: the diff that was shown, in the working tree', async () => {
    const dir = repository();
    const { code, out, err } = await fix('--repo', dir, '--write');
    expect(err).not.toContain('ERROR');
    expect(code).toBe(0);
    expect(out).toContain('Written to the working tree: policies.yaml. Nothing is committed.');
    expect(git(dir, 'diff')).toContain(ADDED);
  });

  it('--branch: a commit whose message is the pull request, told as JSON', async () => {
    const dir = repository();
    const { code, out } = await fix('--repo', dir, '--write', '--branch', 'egress/files', '--json');
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    expect(answer.written).toEqual({
      files: ['policies.yaml'],
      branch: 'egress/files',
      commit: git(dir, 'rev-parse', 'egress/files'),
    });
    expect(git(dir, 'log', '-1', '--format=%s', 'egress/files')).toBe(answer.fix.pullRequest.title);
    expect(git(dir, 'show', 'egress/files')).toContain(ADDED);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  it('a file that was edited: the proposal, a refusal, exit code 2', async () => {
    const dir = repository();
    writeFileSync(join(dir, 'policies.yaml'), `${policies}# mine\n`);
    const { code, out, err } = await fix('--repo', dir, '--write');
    expect(code).toBe(2);
    expect(out).toContain(ADDED);
    expect(err).toContain('ERROR WRITE_REFUSED: Nothing was written: policies.yaml differs from the commit');
    expect(readFileSync(join(dir, 'policies.yaml'), 'utf8')).toBe(`${policies}# mine\n`);
  });

  it('a repository without the policy: nothing to write to', async () => {
    const dir = makeRepository({ 'readme.md': 'none\n' });
    const { code, err } = await fix('--repo', dir, '--write');
    expect([code, err]).toEqual([2, expect.stringContaining('not against a file in Git')]);
  });

  it('nothing to change: nothing is written', async () => {
    const dir = repository();
    const args = ['fix', '-n', 'shop', 'checkout-7d9f', 'api.vendor.example', '--archive', ARCHIVE, '--repo', dir];
    expect((await run(...args)).code).toBe(0);
    expect(await run(...args, '--write')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no change is proposed'),
    });
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });
});

describe('a change that needs consent', () => {
  // The policy selects every pod of the namespace, and there is another workload.
  const wide = policies.replace('endpointSelector: { matchLabels: { app: checkout } }', 'endpointSelector: {}');

  function archive(): string {
    const dir = tempDir();
    cpSync(ARCHIVE, dir, { recursive: true });
    writeFileSync(join(dir, 'policies.yaml'), wide);
    writeFileSync(
      join(dir, 'other.yaml'),
      'apiVersion: v1\nkind: Pod\nmetadata: {name: cart, namespace: shop, labels: {app: cart}}\nspec: {containers: [{name: app, image: app}]}\nstatus: {phase: Running, podIP: 10.9.9.9, podIPs: [{ip: 10.9.9.9}]}\n',
    );
    return dir;
  }

  function written(): string {
    const dir = makeRepository({ 'policies.yaml': wide });
    git(dir, 'config', 'user.name', 'A Person');
    git(dir, 'config', 'user.email', 'person@vendor.example');
    return dir;
  }
  const ask = (...args: readonly string[]) =>
    run('fix', '-n', 'shop', 'checkout-7d9f', 'files.vendor.example', '--archive', archive(), ...args);

  it.each([[[]], [['--branch', 'egress/files']]])('is not written without it: %j', async (how) => {
    expect(wide).not.toBe(policies);
    const dir = written();
    const { code, out, err } = await ask('--repo', dir, '--write', ...how);
    expect(out).toContain(ADDED);
    expect([code, err]).toEqual([2, expect.stringMatching(/WRITE_REFUSED: .*needs your consent: .*shop\/cart/)]);
    expect(err).toContain('--accept-warnings');
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(git(dir, 'branch', '--list', 'egress/*')).toBe('');
  });

  it('is written with it', async () => {
    const dir = written();
    const { code } = await ask('--repo', dir, '--write', '--accept-warnings', '--json');
    expect(code).toBe(0);
    expect(git(dir, 'diff')).toContain(ADDED);
  });
});
