import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputFor, LADDER, RUNGS, STARTS } from '../../../src/probes/programs/ladder.ts';
import { END_OF_PROGRAM, SHELL_LOADER } from '../../../src/probes/programs/rung.ts';
import { which } from './support/local-kube.ts';

const shells = ['bash', 'dash', 'busybox'].filter((shell) => which(shell) !== undefined);
const programOf = (name: string): string => RUNGS.find((rung) => rung.name === name)?.program ?? '';
/** Those that a shell reads; `sh` runs under any of them. */
const shellPrograms = (): readonly string[] => [programOf('bash'), programOf('sh')];

function parses(shell: string, program: string): string {
  const command = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
  const run = spawnSync(command[0] ?? '', [...command.slice(1), '-n', '-c', program], { encoding: 'utf8' });
  return run.stderr;
}

describe('the programs', () => {
  it.each(RUNGS.map(({ name, program }) => [name, program]))(
    '%s is plain ASCII, so that no locale can garble it, and holds no end line',
    (_name, program) => {
      expect(program).toMatch(/^[\t\n -~]+$/);
      expect(program.split('\n')).not.toContain(END_OF_PROGRAM);
    },
  );

  it('are asked for by name', () => {
    for (const { name, program } of RUNGS) expect(inputFor(name)).toContain(program);
    expect(inputFor('toString')).toBeUndefined();
  });

  it('put little into the URL of an exec, which proxies cut at 8 KiB', () => {
    for (const { argv } of STARTS) {
      expect(argv.join('\n')).toMatch(/^[\t\n -~]*$/);
      const query = new URLSearchParams(argv.map((argument): [string, string] => ['command', argument]));
      expect(query.toString().length).toBeLessThan(4096);
    }
  });

  it('write no here-document, which older shells keep in a file', () => {
    for (const program of [LADDER, ...shellPrograms()]) expect(program).not.toMatch(/<<[-A-Z]/);
  });

  it('use no python newer than 3.4', () => {
    expect(programOf('python3')).not.toMatch(/\bf["']|:=|\basync\b|\bnonlocal\b|^\s*match /m);
  });

  it('use no JavaScript newer than Node 10', () => {
    expect(programOf('node')).not.toMatch(
      /\?\?|\?\.[\w([]|catch \{|\.(?:at|flat|flatMap|matchAll|replaceAll|fromEntries|allSettled)\(|^\s*#\w/m,
    );
  });

  it('use no perl newer than 5.10', () => {
    expect(programOf('perl')).not.toMatch(/->[@%]\*|\bsay\b|\bs\W.*\/[a-z]*r\b|package \w+ \{/);
  });

  it.runIf(which('perl') !== undefined)('are perl text to perl', () => {
    const run = spawnSync(which('perl') ?? '', ['-wc', '-'], { input: programOf('perl'), encoding: 'utf8' });
    expect(run.stderr).toBe('- syntax OK\n');
  });

  it('use no ruby newer than 2.3', () => {
    expect(programOf('ruby')).not.toMatch(/\.match\?|unpack1|\.transform_|\.sum\b|\.filter|\.delete_prefix|\.then\b/);
  });

  it.runIf(which('ruby') !== undefined)('are ruby text to ruby', () => {
    const run = spawnSync(which('ruby') ?? '', ['-wc'], { input: programOf('ruby'), encoding: 'utf8' });
    expect(run.stderr + run.stdout).toBe('Syntax OK\n');
  });

  it.runIf(which('python2') !== undefined)('are python 2 to python 2', () => {
    const check = 'import sys; compile(sys.stdin.read(), "program", "exec")';
    const run = spawnSync(which('python2') ?? '', ['-c', check], { input: programOf('python2'), encoding: 'utf8' });
    expect(run.stderr).toBe('');
  });

  it('use no PHP newer than 7.0', () => {
    const newer =
      /\bfn ?\(|\?->|\?\?=|\bmatch ?\(|\bstr_(?:contains|starts_with|ends_with)|array_key_(?:first|last)|\): [\w?]/;
    expect(programOf('php')).not.toMatch(newer);
  });

  it.runIf(which('php') !== undefined)('are PHP to php', () => {
    const run = spawnSync(which('php') ?? '', ['-l'], { input: `<?php ${programOf('php')}`, encoding: 'utf8' });
    expect(run.stdout).toMatch(/^No syntax errors/);
  });

  it.runIf(which('javac') !== undefined)(
    'are Java 11 to javac',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'probe-java-'));
      writeFileSync(join(folder, 'Probe.java'), programOf('java'));
      const run = spawnSync(
        'javac',
        ['--release', '11', '-Xlint:all,-options', '-Werror', '-d', folder, join(folder, 'Probe.java')],
        {
          encoding: 'utf8',
        },
      );
      rmSync(folder, { recursive: true });
      expect(run.stderr).toBe('');
    },
    30_000,
  );

  it.each(shells)('are shell text to %s', (shell) => {
    for (const text of [programOf('sh'), LADDER, SHELL_LOADER]) expect(parses(shell, text)).toBe('');
  });

  it.runIf(which('bash') !== undefined)('are bash text to bash', () => {
    expect(parses('bash', programOf('bash'))).toBe('');
  });

  it.runIf(which('python3') !== undefined)('are python 3.4 to python', () => {
    const check = 'import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 4))';
    const run = spawnSync(which('python3') ?? '', ['-c', check], { input: programOf('python3'), encoding: 'utf8' });
    expect(run.stderr).toBe('');
  });
});
