import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { TOOLS } from '../../../src/tools/registry.ts';
import { ARCHIVE, bareEnv, ensureBundle, MAIN, runProgram } from '../server/bundle.ts';

const home = mkdtempSync(join(tmpdir(), 'egress-cli-'));
const run = (...args: string[]) => runProgram(args, bareEnv(home));
const archived = (...args: string[]) => run(...args, '--archive', ARCHIVE);

beforeAll(ensureBundle, 60_000);

describe('the program', () => {
  it('prints its version and its help', async () => {
    expect(await run('--version')).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    const { code, stdout, stderr } = await run('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const { name } of TOOLS) expect(stdout).toContain(name);
  });

  it('call TOOL --help shows what the tool takes', async () => {
    const { code, stdout } = await run('call', 'matchFqdn', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('"ciliumVersion"');
    expect(await run('call', 'frobnicate', '--help')).toMatchObject({ code: 64, stdout: '' });
  });

  it('call prints the structured result alone on standard output', async () => {
    const input = JSON.stringify({ names: ['files.vendor.example'], patterns: ['api.vendor.example'] });
    const { code, stdout, stderr } = await run('call', 'matchFqdn', input);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ names: [{ name: 'files.vendor.example', matched: false }] });
  });

  it('diagnose reports to people, progress apart on standard error', async () => {
    const { code, stdout, stderr } = await archived('diagnose', '-n', 'shop', 'checkout-7d9f', 'files.vendor.example');
    expect([1, 2]).toContain(code);
    expect(stdout).toMatch(/^(BLOCKED|UNDETERMINED): shop\/checkout-7d9f/);
    expect(stdout).not.toContain('·');
    expect(stderr).toMatch(/^· .+\n/);
    expect(stderr).not.toContain('\u001b');
  });

  it('diagnose --json gives what the tool gives', async () => {
    const { code, stdout } = await archived(
      'diagnose',
      '-n',
      'shop',
      'checkout-7d9f',
      'files.vendor.example',
      '--json',
    );
    const { verdict } = JSON.parse(stdout) as { verdict: string };
    expect(verdict).toBe(code === 1 ? 'blocked' : 'undetermined');
  });

  it.each([
    [['frobnicate'], 64, 'COMMAND_UNKNOWN'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f'], 64, 'ARGUMENTS_MISSING'],
    [['diagnose', 'checkout-7d9f', 'x.example'], 64, 'NAMESPACE_MISSING'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', 'two words'], 64, 'HOST_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', '-x'], 64, 'OPTION_INVALID'],
    [['diagnose', '-n', 'shop', '--', 'checkout-7d9f', '-x'], 64, 'HOST_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', '$(id)'], 64, 'HOST_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', 'x.example:0'], 64, 'PORT_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', 'x.example'], 2, 'KUBECONFIG_MISSING'],
    [['diagnose', '-n', 'shop', 'checkout-7d9f', 'x.example', '--archive', '/nowhere'], 64, 'ARCHIVE_NOT_FOUND'],
    [['call', 'frobnicate', '{}'], 64, 'TOOL_UNKNOWN'],
    [['call', 'matchFqdn', '{}'], 64, 'INPUT_INVALID'],
    [['call', 'matchFqdn', 'x'], 64, 'JSON_INVALID'],
    [['capture', '-n', 'shop', 'checkout-7d9f', 'x.example', 'out', '--archive', ARCHIVE], 64, 'FLAGS_CONFLICT'],
    [['capture', '-n', 'shop', 'checkout-7d9f', 'x.example', 'out'], 2, 'KUBECONFIG_MISSING'],
  ])('%j ends with %i and %s on standard error', async (args, code, word) => {
    const ran = await run(...args);
    expect(ran.stderr).toContain(word);
    expect(ran.code).toBe(code);
    expect(ran.stderr).not.toContain('    at ');
    if (args[0] !== 'call') expect(ran.stdout).toBe('');
  });
});

describe('an older Node', () => {
  const pretend = join(home, 'pretend.mjs');
  writeFileSync(
    pretend,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: process.env.PRETEND } });\n",
  );

  it.each([
    ['20.20.2', 64],
    ['22.18.0', 64],
    ['22.19.0', 0],
    ['24.0.0', 0],
  ])('%s ends with %i', async (version, code) => {
    const env = { ...bareEnv(home), PRETEND: version };
    const ran = await runProgram(['--version'], env, ['--import', pretend]);
    expect(ran.code).toBe(code);
    expect(ran.stderr.split('\n')).toHaveLength(code === 0 ? 1 : 2);
  });

  const others = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const old = others.find((node) =>
    /^v(1[89]|20|21)\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
  );

  it.skipIf(old === undefined)('parses the bundle far enough to say it in one line', () => {
    const { status, stdout, stderr } = spawnSync(old ?? '', [MAIN, 'mcp'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/^k8s-egress-diagnose needs Node\.js 22\.19 or newer; this is v[\d.]+ .*\n$/);
  });
});
