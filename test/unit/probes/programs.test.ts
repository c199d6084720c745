import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { BASH_PROGRAM } from '../../../src/probes/programs/bash.ts';
import { SHELL_PROGRAM } from '../../../src/probes/programs/busybox.ts';
import { PROGRAMS, STARTS } from '../../../src/probes/programs/ladder.ts';
import { PYTHON3_LOADER, PYTHON3_PROGRAM } from '../../../src/probes/programs/python3.ts';
import { which } from './support/local-kube.ts';

const shells = ['bash', 'dash', 'busybox'].filter((shell) => which(shell) !== undefined);

function parses(shell: string, program: string): string {
  const command = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
  const run = spawnSync(command[0] ?? '', [...command.slice(1), '-n', '-c', program], { encoding: 'utf8' });
  return run.stderr;
}

describe('the programs', () => {
  it('are plain ASCII, so that no locale can garble them', () => {
    expect(PROGRAMS).toMatch(/^[\t\n -~]*$/);
    for (const start of STARTS) expect(start.argv.join('\n')).toMatch(/^[\t\n -~]*$/);
  });

  it('put little into the URL of an exec, which proxies cut at 8 KiB', () => {
    for (const start of STARTS)
      expect(
        new URLSearchParams(start.argv.map((argument): [string, string] => ['command', argument])).toString().length,
      ).toBeLessThan(4096);
  });

  it('stay within one section each', () => {
    for (const program of [PYTHON3_PROGRAM, BASH_PROGRAM, SHELL_PROGRAM]) {
      expect(program).not.toMatch(/^#(?:begin|end) /m);
      expect(program.endsWith('\n')).toBe(true);
    }
  });

  it('fit the quotes they are put into', () => {
    expect(PYTHON3_LOADER).not.toContain("'");
  });

  it('write no here-document, which older shells keep in a file', () => {
    for (const program of [BASH_PROGRAM, SHELL_PROGRAM]) expect(program).not.toMatch(/<<[-A-Z]/);
  });

  it('use no python newer than 3.4', () => {
    expect(PYTHON3_PROGRAM).not.toMatch(/\bf["']|:=|\basync\b|\bnonlocal\b|^\s*match /m);
  });

  it.each(shells)('are shell text to %s', (shell) => {
    expect(parses(shell, SHELL_PROGRAM)).toBe('');
    expect(parses(shell, STARTS[0]?.argv[2] ?? '')).toBe('');
  });

  it.runIf(which('bash') !== undefined)('are bash text to bash', () => {
    expect(parses('bash', BASH_PROGRAM)).toBe('');
  });

  it.runIf(which('python3') !== undefined)('are python 3.4 to python', () => {
    const check = 'import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 4))';
    const run = spawnSync(which('python3') ?? '', ['-c', check], { input: PYTHON3_PROGRAM, encoding: 'utf8' });
    expect(run.stderr).toBe('');
  });
});
