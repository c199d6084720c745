import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/logs/safe-pattern/compile.ts';
import * as fc from '../support/fast-check.ts';

describe('plain text', () => {
  it.each([
    ['timed out', 'Connection TIMED OUT', true],
    ['a.*b', 'axxb', false],
    ['a.*b', 'x a.*b', true],
    ['/', 'a/b', true],
    ['/exports/42', 'GET /exports/42.csv', true],
  ])('%s in %s', (pattern, line, expected) => {
    expect(compilePattern(pattern).test(line)).toBe(expected);
  });
});

describe('patterns', () => {
  it.each([
    '',
    'x'.repeat(201),
    '/(a+)+/',
    '/(a*|b)*/',
    '/(?=a)/',
    '/(?<!a)b/',
    '/(?<n>a)/',
    '/(a)\\1/',
    '/\\k<n>/',
    '/a{99}/',
    '/a{3,1}/',
    '/*a/',
    '/a**/',
    '/(a/',
    '/a)/',
    '/[a/',
    '/[]/',
    '/[z-a]/',
    '/a\\/',
    '/\\bx/',
    '/\\u0041/',
    '/(((a{50}){50}){50}){50}/',
  ])('refuses %s', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ kind: 'usage', code: 'PATTERN_INVALID' }));
  });

  it('says which rule is broken and what is allowed', () => {
    expect(() => compilePattern('/(a)\\1/')).toThrow(/back-reference/);
    expect(() => compilePattern('/(a+)+/')).toThrow(/repeats a repetition/);
  });

  /** The platform's own engine is the judge of what a pattern of the subset means. */
  it('agrees with the platform on every line', () => {
    const char = fc.constantFrom(
      'a',
      'b',
      'c',
      '.',
      '\\.',
      '\\d',
      '\\w',
      '\\s',
      '[ab]',
      '[^a]',
      '[a-c]',
      'A',
      '1',
      ' ',
    );
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?');
    const piece = fc.tuple(char, quantifier).map(([c, q]) => c + q);
    const group = fc
      .tuple(fc.array(char, { minLength: 1, maxLength: 3 }), fc.array(char, { minLength: 1, maxLength: 2 }), quantifier)
      .map(([a, b, q]) => `(${a.join('')}|${b.join('')})${q}`);
    const body = fc.array(fc.oneof(piece, group), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const source = fc.tuple(fc.constantFrom('', '^'), body, fc.constantFrom('', '$')).map((parts) => parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', ' ', 'A'), maxLength: 12 });
    fc.assert(
      fc.property(source, text, fc.boolean(), (pattern, line, ignoreCase) => {
        const expected = new RegExp(pattern, ignoreCase ? 'i' : '').test(line);
        const { words } = compilePattern(`/${pattern}/${ignoreCase ? 'i' : ''}`);
        // What is looked for first must be in every line that matches.
        const passed = words?.some((word) => line.toLowerCase().includes(word.toLowerCase())) ?? true;
        expect({ pattern, line, words, passed: !expected || passed }).toEqual({ pattern, line, words, passed: true });
        expect({
          pattern,
          line,
          ignoreCase,
          matches: compilePattern(`/${pattern}/${ignoreCase ? 'i' : ''}`).test(line),
        }).toEqual({ pattern, line, ignoreCase, matches: expected });
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    ['/payment [0-9a-f]{4,} closed/', ['payment ']],
    ['/(refused|timed out) by/', ['refused', 'timed out']],
    ['/(refused|x?) by/', [' by']],
    ['/\\d+|a/', undefined],
    ['/a?b*./', undefined],
    ['connection lost', ['connection l']],
  ])('%s: what a line must hold', (pattern, words) => {
    expect(compilePattern(pattern).words).toEqual(words);
  });

  it('takes time in proportion to the line, also where backtracking explodes', () => {
    const line = 'a'.repeat(8000);
    for (const pattern of ['/a*a*a*a*b/', '/.*.*.*x/', '/(a|b|aa){50}c/', '/(aa|a){20}(aa|a){20}$x/']) {
      const { test } = compilePattern(pattern);
      const started = performance.now();
      for (let i = 0; i < 20; i++) test(line);
      expect({ pattern, slow: performance.now() - started > 1500 }).toEqual({ pattern, slow: false });
    }
  });
});
