import { describe, expect, it } from 'vitest';
import { type Command, readCommandLine } from '../../../src/config/command-line.ts';
import { DiagnoseError } from '../../../src/core/errors.ts';

const around = { env: {}, cwd: '/home/me' };
const read = (...argv: string[]): Command => readCommandLine(argv, around);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DiagnoseError && error.nextStep !== '') return `${error.kind} ${error.code}`;
    throw error;
  }
  return 'no error';
}

describe('command line', () => {
  it('diagnose becomes the input of diagnoseEgress', () => {
    expect(read('diagnose', '-n', 'shop', 'deploy/checkout', 'api.vendor.example')).toEqual({
      kind: 'diagnose',
      settings: {},
      input: { namespace: 'shop', workload: 'deploy/checkout', target: 'api.vendor.example' },
      json: false,
    });
  });

  it('takes its options in any order', () => {
    const options =
      '--json --namespace=shop -c app --since 10m --no-probe --repo . --repo-ref main --repo-path policies';
    const connection = '--context lab --kubeconfig kc';
    const command = read(...`diagnose checkout ${options} api:443 ${connection}`.split(' '));
    expect(command).toEqual({
      kind: 'diagnose',
      settings: { kubeconfig: '/home/me/kc', context: 'lab' },
      input: {
        namespace: 'shop',
        workload: 'checkout',
        target: 'api:443',
        container: 'app',
        since: '10m',
        probe: false,
        repository: { repository: '/home/me', ref: 'main', path: 'policies' },
      },
      json: true,
    });
  });

  it('a person who allows an ephemeral container asks for it, too', () => {
    const command = read('diagnose', '-n', 'shop', 'checkout', 'x.example', '--allow-ephemeral');
    expect(command).toMatchObject({ settings: { ephemeralImage: 'busybox:1.37' }, input: { allowEphemeral: true } });
    expect(read('call', 'execProbe', '{}', '--allow-ephemeral')).toMatchObject({
      settings: { ephemeralImage: 'busybox:1.37' },
      input: {},
    });
  });

  it('fix becomes the input of proposePolicyFix, and writes only where a person says so', () => {
    const input = { namespace: 'shop', workload: 'checkout', target: 'x.example' };
    const words = ['fix', '-n', 'shop', 'checkout', 'x.example'];
    const repository = { repository: '/home/me' };
    expect(read(...words)).toEqual({ kind: 'fix', settings: {}, input, json: false });
    const local = { kind: 'fix', settings: {}, input: { ...input, repository }, json: false };
    expect(read(...words, '--repo', '.')).toEqual(local);
    expect(read(...words, '--repo', '.', '--write')).toEqual({ ...local, write: {} });
    expect(read(...words, '--repo', '.', '--write', '--branch', 'b')).toEqual({ ...local, write: { branch: 'b' } });
    const accepting = read(...words, '--repo', '.', '--write', '--accept-warnings');
    expect(accepting).toEqual({ ...local, write: { accepted: true } });
  });

  it.each([
    ['a remote', ['--repo', 'https://git.example/shop', '--write']],
    ['an ssh remote', ['--repo', 'git@git.example:shop', '--write']],
    ['no repository', ['--write']],
    ['a branch without --write', ['--repo', '.', '--branch', 'b']],
    ['consent without --write', ['--repo', '.', '--accept-warnings']],
    ['a container, which fix does not look into', ['-c', 'app']],
  ])('fix refuses %s', (_, options) => {
    expect(codeOf(() => read('fix', '-n', 'shop', 'checkout', 'x.example', ...options))).toBe('usage OPTION_INVALID');
  });

  it('nothing but fix writes', () => {
    for (const command of ['diagnose', 'capture'])
      expect(codeOf(() => read(command, '-n', 'shop', 'checkout', 'x.example', '--write'))).toBe(
        'usage OPTION_INVALID',
      );
  });

  it('leaves a repository URL as it is', () => {
    const command = read('diagnose', '-n', 'shop', 'checkout', 'x.example', '--repo', 'https://git.example/shop');
    expect(command).toMatchObject({ input: { repository: { repository: 'https://git.example/shop' } } });
    const ssh = read('diagnose', '-n', 'shop', 'checkout', 'x.example', '--repo', 'git@git.example:shop');
    expect(ssh).toMatchObject({ input: { repository: { repository: 'git@git.example:shop' } } });
  });

  it('call carries any JSON', () => {
    expect(read('call', 'matchFqdn', '{"names":["x"]}')).toEqual({
      kind: 'call',
      settings: {},
      tool: 'matchFqdn',
      input: { names: ['x'] },
    });
    expect(read('call', 'matchFqdn')).toMatchObject({ input: {} });
  });

  it('capture names an absolute directory', () => {
    const command = read('capture', '-n', 'shop', 'checkout', 'x.example', 'out');
    expect(command).toMatchObject({ kind: 'capture', directory: '/home/me/out' });
  });

  it.each([[[]], [['--help']], [['help']], [['-h']], [['diagnose', '--help']]])('%j asks for help', (argv) => {
    expect(read(...argv).kind).toBe('help');
  });

  it('call TOOL --help asks about the tool', () => {
    expect(read('call', 'matchFqdn', '--help')).toEqual({ kind: 'help', tool: 'matchFqdn' });
    expect(read('call', '--help')).toEqual({ kind: 'help' });
  });

  it.each([['--version'], ['-v'], ['version']])('%s asks for the version', (word) => {
    expect(read(word).kind).toBe('version');
  });

  it.each([
    [['frobnicate'], 'COMMAND_UNKNOWN'],
    [['constructor'], 'COMMAND_UNKNOWN'],
    [['diagnose', '-n', 'shop', 'checkout'], 'ARGUMENTS_MISSING'],
    [['diagnose', '-n', 'shop', 'checkout', 'x.example', 'extra'], 'ARGUMENTS_MISSING'],
    [['diagnose', 'checkout', 'x.example'], 'NAMESPACE_MISSING'],
    [['diagnose', '-n', 'shop', 'checkout', '-x'], 'OPTION_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout', 'x.example', '--frob'], 'OPTION_INVALID'],
    [['diagnose', '-n', 'shop', 'checkout', 'x.example', '--repo-path', 'policies'], 'OPTION_INVALID'],
    [['mcp', 'extra'], 'OPTION_INVALID'],
    [['call'], 'ARGUMENTS_MISSING'],
    [['call', 'matchFqdn', '{'], 'JSON_INVALID'],
    [['call', 'matchFqdn', '{}', 'extra'], 'ARGUMENTS_MISSING'],
    [['capture', '-n', 'shop', 'checkout', 'x.example'], 'ARGUMENTS_MISSING'],
    [['mcp', '--archive', 'dir', '--context', 'lab'], 'FLAGS_CONFLICT'],
    [['mcp', '--archive', 'dir', '--kubeconfig', 'kc'], 'FLAGS_CONFLICT'],
    [['mcp', '--archive', 'dir', '--allow-ephemeral'], 'FLAGS_CONFLICT'],
    [['mcp', '--ephemeral-image', 'busybox:1'], 'OPTION_INVALID'],
    [['mcp', '--allow-ephemeral', '--ephemeral-image', '--privileged'], 'OPTION_INVALID'],
    [['mcp', '--allow-ephemeral', '--ephemeral-image', ''], 'OPTION_INVALID'],
    [['mcp', '--allow-ephemeral', '--ephemeral-image', 'Busybox'], 'OPTION_INVALID'],
    [['mcp', '--allow-ephemeral=yes'], 'OPTION_INVALID'],
    [['mcp', '--git-credentials'], 'OPTION_INVALID'],
    [['mcp', '--git-host', 'https://git.example'], 'OPTION_INVALID'],
    [['mcp', '--git-host', 'git.example/org'], 'OPTION_INVALID'],
    [['mcp', '--git-host', 'git.example:0'], 'OPTION_INVALID'],
    [['mcp', '--git-host', 'git.example:70000'], 'OPTION_INVALID'],
    [['mcp', '--git-host', '*.example'], 'OPTION_INVALID'],
    [['mcp', '--git-host', ''], 'OPTION_INVALID'],
    [['mcp', '--git-host=-oProxyCommand=x'], 'OPTION_INVALID'],
    [['capture', '-n', 'shop', 'checkout', 'x.example', 'out', '--allow-ephemeral'], 'OPTION_INVALID'],
  ])('%j is refused with %s', (argv, code) => {
    expect(codeOf(() => read(...argv))).toBe(`usage ${code}`);
  });
});

describe('settings', () => {
  const settingsOf = (env: Record<string, string>, ...argv: string[]): unknown => {
    const command = readCommandLine(['mcp', ...argv], { env, cwd: '/home/me' });
    return command.kind === 'mcp' ? command.settings : undefined;
  };

  it.each([
    [{}, [], {}],
    [{ KUBECONFIG: '/a:/b' }, [], { kubeconfig: '/a:/b' }],
    [{ KUBECONFIG: '' }, [], {}],
    [{ KUBECONFIG: '/a' }, ['--kubeconfig', 'b'], { kubeconfig: '/home/me/b' }],
    [{ KUBECONFIG: '/a' }, ['--archive', 'dump'], { archive: '/home/me/dump' }],
    [{ KUBECONFIG: '/a' }, ['--context', 'lab'], { kubeconfig: '/a', context: 'lab' }],
    [{}, ['--allow-ephemeral'], { ephemeralImage: 'busybox:1.37' }],
    [{ EGRESS_DIAGNOSE_GIT_TOKEN: 't' }, [], {}],
    [
      { EGRESS_DIAGNOSE_GIT_TOKEN: 't' },
      ['--git-host', 'git.example', '--git-host', '[::1]:8080'],
      { git: { hosts: ['git.example', '[::1]:8080'], token: 't', credentialHelper: false, render: false } },
    ],
    [
      { EGRESS_DIAGNOSE_GIT_TOKEN: '' },
      ['--archive', 'dump', '--git-host', '192.0.2.1', '--git-credentials', '--git-render'],
      { archive: '/home/me/dump', git: { hosts: ['192.0.2.1'], credentialHelper: true, render: true } },
    ],
    [{}, ['--allow-ephemeral', '--ephemeral-image', 'lab/python:1'], { ephemeralImage: 'lab/python:1' }],
  ])('%j and %j make %j', (env, argv, settings) => {
    expect(settingsOf(env as Record<string, string>, ...argv)).toEqual(settings);
  });
});
