import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { editScript } from '../../../src/core/drift/line-diff.ts';
import { unifiedDiff } from '../../../src/core/drift/unified-diff.ts';
import * as fc from '../support/fast-check.ts';

const dir = mkdtempSync(join(tmpdir(), 'unified-diff-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What the real `git apply` makes of the diff. */
function apply(path: string, before: string | undefined, diff: string): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  if (before === undefined) rmSync(file, { force: true });
  else writeFileSync(file, before);
  execFileSync('git', ['apply', '--whitespace=nowarn'], { cwd: dir, input: diff });
  return readFileSync(file, 'utf8');
}

describe('unifiedDiff', () => {
  const numbered = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join('');
  it.each<[string, string, string | undefined, string]>([
    ['one line changed', 'a.yaml', numbered, numbered.replace('line 12', 'LINE 12')],
    ['two hunks', 'a.yaml', numbered, numbered.replace('line 2\n', '').replace('line 25\n', 'line 25\nnew\n')],
    ['first line', 'a.yaml', numbered, `new\n${numbered}`],
    ['no newline at the end, before', 'a.yaml', 'a\nb', 'a\nb\n'],
    ['no newline at the end, after', 'a.yaml', 'a\nb\n', 'a\nc'],
    ['no newline at the end, both', 'a.yaml', 'a\nb', 'a\nb\nc'],
    ['no newline at the end, unchanged tail', 'a.yaml', 'a\nb\nc', 'x\nb\nc'],
    ['CRLF', 'a.yaml', 'a\r\nb\r\nc\r\n', 'a\r\nb\r\nd\r\nc\r\n'],
    ['a new file', 'dir/new.yaml', undefined, 'a\nb\n'],
    ['emptied', 'a.yaml', 'a\n', ''],
    ['filled', 'a.yaml', '', 'a\n'],
    ['spaces in the name', 'my dir/a b.yaml', 'a\n', 'b\n'],
    ['quotes and accents in the name', 'é/"a".yaml', 'a\n', 'b\n'],
  ])('is applied by git: %s', (_name, path, before, after) => {
    expect(apply(path, before, unifiedDiff({ path, ...(before === undefined ? {} : { before }), after }))).toBe(after);
  });

  it('is applied by patch(1) too', () => {
    writeFileSync(join(dir, 'p.yaml'), numbered);
    const after = numbered.replace('line 7\n', 'line 7\nnew\n');
    const input = unifiedDiff({ path: 'p.yaml', before: numbered, after });
    execFileSync('patch', ['-p1', '--silent'], { cwd: dir, input });
    expect(readFileSync(join(dir, 'p.yaml'), 'utf8')).toBe(after);
  });

  it('shows three lines of context, and nothing at all for equal texts', () => {
    const after = numbered.replace('line 12\n', 'line 12\nnew\n');
    expect(unifiedDiff({ path: 'a', before: numbered, after })).toBe(
      `--- a/a\n+++ b/a\n@@ -11,6 +11,7 @@\n ${['line 10', 'line 11', 'line 12'].join('\n ')}\n+new\n ${['line 13', 'line 14', 'line 15'].join('\n ')}\n`,
    );
    expect(unifiedDiff({ path: 'a', before: numbered, after: numbered })).toBe('');
  });

  it.each([
    ['a Secret below', 'spec:\n  a: 1\n---\nstringData:\n  user: admin-of-shop\n', '  a: 1\n', '  a: 1\n  b: 2\n'],
    ['a Secret above', 'stringData:\n  user: admin-of-shop\n---\nspec:\n  a: 1\n  z: 1\n', '  a: 1\n', '  b: 2\n'],
    ['a password two lines below', 'a: 1\nb: 1\npassword: admin-of-shop\n', 'a: 1\n', 'a: 2\n'],
    ['a password right above', 'password: admin-of-shop\na: 1\nb: 1\n', 'a: 1\n', 'a: 2\n'],
  ])('shows nothing of %s, and git applies it', (_name, before, old, fresh) => {
    const after = before.replace(old, fresh);
    const diff = unifiedDiff({ path: 's.yaml', before, after });
    expect(diff).not.toContain('admin-of-shop');
    expect(apply('s.yaml', before, diff)).toBe(after);
  });

  const texts = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 25 }), fc.constantFrom('', '\n'))
    .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end));

  it('is applied by git for any two texts', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        fc.pre(before !== after);
        expect(apply('any.txt', before, unifiedDiff({ path: 'any.txt', before, after }))).toBe(after);
      }),
      { numRuns: 60 },
    );
  }, 20_000);

  it('keeps and makes exactly the two sides, and keeps as many lines as a longest common subsequence', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const script = editScript(before, after);
        expect(script.filter((line) => line.kind !== '+').map((line) => line.text)).toEqual(before);
        expect(script.filter((line) => line.kind !== '-').map((line) => line.text)).toEqual(after);
        expect(script.filter((line) => line.kind === ' ').length).toBe(longestCommon(before, after));
      }),
      { numRuns: 500 },
    );
  });

  it('stays correct where two long texts share nothing', () => {
    const [before, after] = ['x', 'y'].map((prefix) => Array.from({ length: 700 }, (_, at) => `${prefix}${at}`));
    const script = editScript(before ?? [], after ?? []);
    expect(script.filter((line) => line.kind !== '+').map((line) => line.text)).toEqual(before);
    expect(script.filter((line) => line.kind !== '-').map((line) => line.text)).toEqual(after);
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const [up, left, diagonal] = [table[i - 1]?.[j] ?? 0, table[i]?.[j - 1] ?? 0, table[i - 1]?.[j - 1] ?? 0];
      (table[i] as number[])[j] = a[i - 1] === b[j - 1] ? diagonal + 1 : Math.max(up, left);
    }
  }
  return table[a.length]?.[b.length] ?? 0;
}
