/** Patterns of each dialect at the edge of what is legal, and the words at the edge of what matches. Sources stand in `fqdn/validity.ts`. */
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/core/model/dialect.ts';
import { explainPattern, patternMatcher, patternProblem } from '../../../src/core/policy/fqdn/dialects.ts';
import { selectorDomain, sharedParent } from '../../../src/core/policy/fqdn/name-family.ts';
import { matchFqdn, selectorProblem, selectorText } from '../../../src/core/policy/fqdn/selector.ts';

describe('labels that are legal, and the nearest that are not', () => {
  const long = (length: number) => 'a'.repeat(length);
  it.each<[Dialect, readonly string[], readonly string[]]>([
    [
      'cilium',
      ['a_b.c-d.E', '-a-', '*a*.b', '**', 'a..b', long(255)],
      ['a b', ' a', 'a ', 'a/b', 'ä.example', '', long(256)],
    ],
    [
      'kcnp',
      ['a.b', '*.a.b', 'a_b.c', '_a.b', 'a.b.', 'A-b.C9'],
      ['a-.b', '-a.b', 'a_.b', 'a.b-', 'a.-b', 'a!b.c', 'a..b', '*.a', '*a.b', 'a'],
    ],
    ['gke', ['a', 'a*b.c', '*.*', 'a_b', '*-*', 'a.b.'], ['-a', 'a-', '_a', 'a_', 'a!', 'a..b', '.a', 'a.b-']],
    ['ovn', ['a', '-a-', '*.a', 'a.b.', '9.A'], ['a_b', 'a!', 'a b', 'a..b', '*a.b', 'a.*', '*.*.a']],
    ['antrea', ['a', '*a*.b', '-', '..a'], ['a_b', 'a b', 'a/b', '', 'a.']],
    ['calico', ['a', '_a', '-a', '*.a', 'a.*.b', 'a.*', 'a.b.'], ['a!', '*a.b', 'a*.b', '*.*', 'a..b', '*.a.*', '!a']],
    [
      'istio',
      ['a', '*', '*.a.b', '*-a.b', '*a.b', 'a.b.', long(63), 'a.b9', '1.a'],
      ['a_b', '-a', 'a-', 'a..b', 'a.*', 'a*.b', '**.a', 'a.9', 'a.123', long(64), '*.a-'],
    ],
    ['gateway', ['a', '*.a', 'a-b.c9', long(63)], ['A', 'a.', '*', '*a', 'a.*', 'a_b', '-a', 'a-', 'a..b', long(64)]],
  ])('%s', (dialect, sound, refused) => {
    expect(sound.filter((one) => patternProblem(one, dialect) !== undefined)).toEqual([]);
    expect(refused.filter((one) => patternProblem(one, dialect) === undefined)).toEqual([]);
  });

  it('lengths', () => {
    const name = (length: number) => 'a.'.repeat(130).slice(0, length - 1) + 'b';
    expect(patternProblem(name(255), 'istio')).toBeUndefined();
    expect(patternProblem(name(257), 'istio')).toContain('longer than 255');
    expect(patternProblem(name(253), 'gateway')).toBeUndefined();
    expect(patternProblem(name(255), 'gateway')).toContain('longer than 253');
  });
});

describe('names that match, and the nearest that do not', () => {
  it.each<[Dialect, string, readonly string[], readonly string[]]>([
    [
      'cilium',
      '**.x.example',
      ['a.x.example', 'a.b.x.example'],
      ['.x.example', 'x.example', 'a..x.example', '.a.x.example', 'a.bx.example'],
    ],
    [
      'cilium',
      '**.x*.example',
      ['a.x.example', 'a.b.xy.example'],
      ['x.example', '.x.example', 'a.yx.example', 'a..x.example'],
    ],
    ['cilium', '*.x', ['a.x', '.x'], ['x', 'a.b.x', 'ax']],
    ['cilium', 'a', ['a', 'A', 'a.'], ['', 'b', 'aa', 'a..', '.a']],
    ['cilium', '*', ['a', 'a.b', '', '.'], ['a..b', '.a', 'a b', 'é']],
    ['cilium', 'a*', ['a', 'ab', 'a-_9'], ['b', 'ba', 'a.b', 'aé']],
    ['cilium', '*a*b*', ['ab', 'xaxbx', 'aabb'], ['ba', 'a', 'b', 'a.b']],
    ['calico', 'www.*.x', ['www.a.x', 'www.a.b.x'], ['www.x', 'www..x', 'ww.a.x', 'www.a.y', 'wwwa.x', 'www..a.x']],
    ['calico', '*', ['a', 'a.b'], ['', '.', 'a..b']],
    ['antrea', 'a*b', ['ab', 'a.b', 'axx.yb'], ['ba', 'a', 'b', 'abc', 'xab']],
    ['antrea', '*', ['', 'a', 'a b', 'a..b'], []],
    ['istio', '*.x', ['a.x', 'a.b.x', '.x'], ['x', 'ax']],
  ])('%s %s', (dialect, pattern, yes, no) => {
    const test = patternMatcher(pattern, dialect);
    expect(yes.filter((name) => !test(name))).toEqual([]);
    expect(no.filter((name) => test(name))).toEqual([]);
  });
});

describe('why a name misses', () => {
  it.each<[Dialect, string, string, string]>([
    // As many labels: the first from the right that differs.
    ['cilium', 'a.x.example', 'b.y.example', 'in "b.y.example" the label "y" is not "x" ("example" fits)'],
    ['cilium', 'a.x.example', 'b.x.test', 'in "b.x.test" the label "test" is not "example"'],
    ['cilium', 'a.x.example', 'x.example', '"x.example" has two labels, "a.x.example" has three'],
    ['cilium', 'x.example', 'a.x.example', '"a.x.example" has three labels, "x.example" has two'],
    ['cilium', 'example', '', '"" has no labels, "example" has one'],
    ['cilium', 'a*.x.example', 'b.x.example', 'in "b.x.example" the label "b" is not "a*" ("x.example" fits)'],
    ['cilium', 'a*.x.example', 'c.ab.x.example', '"c.ab.x.example" has four labels, "a*.x.example" has three'],
    ['cilium', '*.x.example', 'a.b.y.example', 'in "a.b.y.example" the label "y" is not "x" ("example" fits)'],
    [
      'cilium',
      '*.*.example',
      'a.example',
      '"a.example" has one label where "*.*" takes exactly two ("*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19)',
    ],
    [
      'cilium',
      '*.*.example',
      'example',
      '"example" has no labels where "*.*" takes exactly two (the domain itself needs an entry of its own)',
    ],
    [
      'cilium',
      '*.*',
      'a',
      '"a" has one label where "*.*" takes exactly two ("*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19)',
    ],
    ['cilium', '*.x.example', 'example', '"example" has one label, "*.x.example" has three'],
    ['cilium', '**.x.example', 'a.y.example', 'in "a.y.example" the label "y" is not "x" ("example" fits)'],
    ['cilium', '**.x.example', 'example', '"example" has one label, "x.example" has two'],
    [
      'cilium',
      '**.x.example',
      'x.example',
      '"x.example" has no label where "**" takes one or more (the domain itself needs an entry of its own)',
    ],
    ['cilium', '**.x.example', 'a..x.example', '"a..x.example" is not a name of valid labels'],
    ['antrea', '*x', 'y', '"y" does not end in "x"'],
    ['antrea', 'a*', 'ba', '"ba" does not begin with "a"'],
    ['antrea', 'a*b*c', 'ac', '"ac" does not have the parts of "a*b*c" in that order'],
    ['antrea', 'ab*bc', 'abc', '"abc" does not have the parts of "ab*bc" in that order'],
    ['calico', 'a.*.x', 'a.b.y', 'in "a.b.y" the label "y" is not "x"'],
    ['calico', 'a.*.x', 'b.c.x', '"b.c.x" does not begin with "a."'],
    ['calico', 'a.*.x', 'a.x', '"a.x" has no label where "*" takes one or more'],
    ['calico', 'a.*', 'a', '"a" has no label where "*" takes one or more'],
  ])('%s %s and %s', (dialect, pattern, name, words) => {
    expect(patternMatcher(pattern, dialect)(name)).toBe(false);
    expect(explainPattern(name, pattern, dialect)).toBe(words);
  });

  it.each<[Dialect, string, string, string]>([
    ['cilium', 'a*.*b', 'ax.yb', '"ax.yb" matches "a*.*b": "a*" takes "ax", "*b" takes "yb"'],
    ['cilium', '**.x.example', 'a.b.x.example', '"a.b.x.example" matches "**.x.example": "**" takes "a.b"'],
    [
      'cilium',
      '**.*x.example',
      'a.b.yx.example',
      '"a.b.yx.example" matches "**.*x.example": "**" takes "a.b", "*x" takes "yx"',
    ],
    ['cilium', 'x.example', 'x.example', '"x.example" matches "x.example": it is that name'],
    ['antrea', 'a*b', 'a.x.b', '"a.x.b" matches "a*b": "*" takes ".x."'],
    ['antrea', '*b', 'a.b', '"a.b" matches "*b": "*" takes "a."'],
    ['calico', 'a.*.x', 'a.b.c.x', '"a.b.c.x" matches "a.*.x": "*" takes "b.c"'],
  ])('and why it matches: %s %s and %s', (dialect, pattern, name, words) => {
    expect(explainPattern(name, pattern, dialect)).toBe(words);
  });
});

describe('selectors', () => {
  it.each<[Parameters<typeof selectorText>[0], string]>([
    [{ matchName: 'a.example' }, 'matchName "a.example"'],
    [{ matchPattern: '*.example' }, 'matchPattern "*.example"'],
    [{}, 'matchPattern ""'],
    [{ matchName: 'a.example', dialect: 'gke' }, 'name "a.example"'],
    [{ matchPattern: '*.example', dialect: 'gke' }, 'pattern "*.example"'],
    [{ matchName: 'a.example', dialect: 'kcnp' }, 'domainNames "a.example"'],
    [{ matchPattern: '*.example', dialect: 'ovn' }, 'dnsName "*.example"'],
    [{ matchPattern: '*.example', dialect: 'antrea' }, 'fqdn "*.example"'],
    [{ matchPattern: '*.example', dialect: 'calico' }, 'domains "*.example"'],
    [{ matchPattern: '*.example', dialect: 'istio' }, 'hosts "*.example"'],
    [{ matchPattern: '*.example', dialect: 'gateway' }, 'hostnames "*.example"'],
  ])('%j: %s', (selector, text) => {
    expect(selectorText(selector)).toBe(text);
  });

  it('have one of two fields, and a star in one of them only', () => {
    const problem = (selector: Parameters<typeof selectorProblem>[0]) => selectorProblem(selector, 19);
    expect(problem({})).toBe('the selector has neither matchName nor matchPattern');
    expect(problem({ matchName: '', matchPattern: '' })).toBe('the selector has neither matchName nor matchPattern');
    expect(problem({ matchName: 'a', matchPattern: 'b' })).toBe(
      'the selector has both matchName and matchPattern, which Cilium refuses',
    );
    expect(problem({ matchName: '*.a' })).toContain('characters that Cilium refuses');
    expect(problem({ matchName: '*.a', dialect: 'gke' })).toBe('the API refuses it: a name takes no "*"');
    expect(problem({ matchName: 'a' })).toBeUndefined();
    expect(problem({ matchName: '', matchPattern: 'b' })).toBeUndefined();
  });

  it.each<[string, string | undefined, boolean]>([
    ['**.x.example', undefined, true],
    ['**.x.example', 'odd', true],
    ['**.x.example', '1.18.4', false],
    ['a**.example', undefined, true],
    ['*.', undefined, true],
    ['*.x.example', undefined, false],
    ['*', undefined, false],
  ])('%s in %s: the version is said to be assumed: %s', (matchPattern, version, said) => {
    const { explanation } = matchFqdn('a.x.example', { matchPattern }, version);
    expect(explanation.includes('(Cilium version not known: the grammar of 1.19 assumed)')).toBe(said);
    expect(
      matchFqdn('a.x.example', { matchPattern: '*.x.example', dialect: 'gke' }, undefined).explanation,
    ).not.toContain('assumed');
  });

  it('too long with their final dot select nothing, since 1.19', () => {
    const long = `${'a.'.repeat(127)}b`;
    const matches = (matchPattern: string, version: string) => matchFqdn(long, { matchPattern }, version).matches;
    expect([matches(long, '1.18.4'), matches(long, '1.19.5')]).toEqual([true, false]);
    expect(matchFqdn(long, { matchPattern: long }, '1.19.5').explanation).toContain(
      'with its final dot the selector is longer than 255 characters',
    );
    const shorter = long.slice(1);
    expect(matchFqdn(shorter.slice(1), { matchPattern: shorter.slice(1) }, '1.19.5').matches).toBe(true);
  });
});

describe('families of names', () => {
  it.each<[string, string, string | undefined]>([
    ['a.vendor.example', 'b.vendor.example', 'vendor.example'],
    ['a.b.vendor.example', 'c.b.vendor.example', 'b.vendor.example'],
    ['vendor.example', 'vendor.example', 'vendor.example'],
    ['a.example', 'b.example', undefined],
    ['a.vendor.co.uk', 'b.vendor.co.uk', 'vendor.co.uk'],
    ['vendor.co.uk', 'other.co.uk', undefined],
    ['a.vendor.xx.uk', 'b.other.xx.uk', 'xx.uk'],
    ['a.vendor.co.example', 'b.other.co.example', 'co.example'],
    ['a.vendor.example', 'b.vendor.test', undefined],
    ['', 'a.example', undefined],
  ])('%s and %s: %s', (one, other, parent) => {
    expect(sharedParent(one, other)).toBe(parent);
    expect(sharedParent(other, one)).toBe(parent);
  });

  it.each<[string, string]>([
    ['*.vendor.example', 'vendor.example'],
    ['a*.vendor.example', 'vendor.example'],
    ['*.a*.vendor.example', 'vendor.example'],
    ['vendor.*', ''],
    ['*', ''],
    ['Vendor.Example.', 'vendor.example'],
  ])('%s is about %s', (matchPattern, domain) => {
    expect(selectorDomain({ matchPattern })).toBe(domain);
  });
});
