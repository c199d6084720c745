/** Names in every wildcard dialect: the documented examples, what is refused, the words, and equality with regular expressions. */

import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/core/model/dialect.ts';
import { DIALECTS } from '../../../src/core/model/dialect.ts';
import { explainPattern, patternMatcher, patternProblem } from '../../../src/core/policy/fqdn/dialects.ts';
import * as fc from '../support/fast-check.ts';
import { referenceName, referencePattern } from './fqdn-reference.ts';

const matches = (pattern: string, name: string, dialect: Dialect) => patternMatcher(pattern, dialect)(name);

describe('patterns by dialect', () => {
  it.each<[Dialect, string, string[], string[]]>([
    ['cilium', '*.x.example', ['a.x.example'], ['a.b.x.example', 'x.example']],
    ['cilium', '**.x.example', ['a.x.example', 'a.b.x.example'], ['x.example', '.x.example']],
    ['kcnp', '*.x.example', ['a.x.example', 'a.b.x.example'], ['x.example', 'ax.example']],
    ['kcnp', 'x.example', ['x.example', 'X.Example.'], ['a.x.example']],
    ['gke', '*.x.example', ['a.x.example'], ['a.b.x.example', 'x.example']],
    ['gke', 'sub*.x.example', ['sub.x.example', 'subdomain.x.example'], ['www.x.example', 'x.example']],
    ['gke', '*.*.x.example', ['a.b.x.example'], ['a.x.example', 'x.example']],
    [
      'gke',
      '*a*.x.example',
      ['mail.x.example', 'maps.x.example'],
      ['cloud-b.x.example', 'x.example', 's.maps.x.example'],
    ],
    ['gke', '*', ['x.example', 'a.b.x.example', 'localhost'], ['a..b']],
    ['ovn', '*.x.example', ['a.x.example'], ['a.b.x.example', 'x.example']],
    ['antrea', '*.x.example', ['a.x.example', 'a.b.x.example'], ['x.example']],
    ['antrea', '*x.example', ['x.example', 'ax.example', 'a.b.x.example'], ['x.example.org']],
    ['antrea', 'x*.example', ['x.example', 'x.a.b.example'], ['a.x.example']],
    ['calico', '*.x.example', ['a.x.example', 'a.b.x.example'], ['x.example']],
    ['calico', 'www.*.example', ['www.a.example', 'www.a.b.example'], ['www.example', 'a.example']],
    ['calico', 'www.*', ['www.a.example'], ['www', 'a.www.example']],
    ['istio', '*.x.example', ['a.x.example', 'a.b.x.example'], ['x.example']],
    ['istio', '*-x.example', ['a-x.example', 'b.a-x.example'], ['a.x.example']],
    ['istio', '*', ['x.example', 'a'], []],
    ['gateway', '*.x.example', ['a.x.example', 'a.b.x.example'], ['x.example']],
  ])('%s %s', (dialect, pattern, yes, no) => {
    expect(yes.filter((name) => !matches(pattern, name, dialect))).toEqual([]);
    expect(no.filter((name) => matches(pattern, name, dialect))).toEqual([]);
  });
});

describe('patterns that an API refuses', () => {
  it.each<[Dialect, string, string]>([
    ['cilium', 'https://x.example', 'characters that Cilium refuses'],
    ['cilium', 'a'.repeat(256), 'longer than 255'],
    ['kcnp', '*', 'whole first label'],
    ['kcnp', 'a.*.example', 'whole first label'],
    ['kcnp', 'api*.x.example', 'whole first label'],
    ['kcnp', '*.example', 'at least two labels'],
    ['kcnp', 'localhost', 'at least two labels'],
    ['kcnp', '**.x.example', 'whole first label'],
    ['kcnp', 'a-.example', '"a-" is not a legal label'],
    ['gke', 'a..example', 'a label is empty'],
    ['gke', '-a.example', '"-a" is not a legal label'],
    ['ovn', '*', 'whole first label'],
    ['ovn', '*.*.example', 'whole first label'],
    ['ovn', '_sip.example', '"_sip" is not a legal label'],
    ['antrea', 'a_b.example', 'legal in fqdn'],
    ['antrea', 'x.example.', 'without their final dot'],
    ['calico', '*.*.example', 'more than one'],
    ['calico', 'w*.example', 'part of a label'],
    ['istio', 'a.*.example', 'only be the first character'],
    ['istio', '**.example', 'only be the first character'],
    ['istio', 'x.123', 'is a number'],
    ['istio', 'a_b.example', '"a_b" is not a legal label'],
    ['istio', `${'a'.repeat(64)}.example`, 'is not a legal label'],
    ['istio', `${'a.'.repeat(128)}a`, 'longer than 255'],
    ['gateway', '*', 'whole first label'],
    ['gateway', 'API.example', 'lower case'],
    ['gateway', 'a.example.', 'no final dot'],
    ['gateway', `${'a.'.repeat(127)}a`, 'longer than 253'],
  ])('%s %s', (dialect, pattern, reason) => {
    expect(patternProblem(pattern, dialect)).toContain(reason);
    expect(explainPattern('x.example', pattern, dialect)).toContain(reason);
    expect(matches(pattern, pattern, dialect)).toBe(false);
  });
  it.each<[Dialect, string]>([
    ['cilium', 'a'.repeat(254)],
    ['kcnp', '*.x.example.'],
    ['kcnp', '_sip.x.example'],
    ['gke', 'A*b.example.'],
    ['ovn', '*.example.'],
    ['antrea', '*'],
    ['calico', '*'],
    ['istio', '*x.example.'],
    ['gateway', '*.example'],
    ['gateway', 'localhost'],
  ])('%s %s is sound', (dialect, pattern) => {
    expect(patternProblem(pattern, dialect)).toBeUndefined();
  });
});

describe('explanations by dialect', () => {
  it.each<[Dialect, string, string, string]>([
    [
      'cilium',
      '*.example',
      'files.vendor.example',
      '"files.vendor.example" has two labels where "*" takes exactly one ("*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19)',
    ],
    [
      'cilium',
      '*.*.x.example',
      'a.b.x.example',
      '"a.b.x.example" matches "*.*.x.example": "*" takes "a", "*" takes "b"',
    ],
    [
      'cilium',
      '**.a*.example',
      'x.y.ab.example',
      '"x.y.ab.example" matches "**.a*.example": "**" takes "x.y", "a*" takes "ab"',
    ],
    ['cilium', '*', 'x.example', '"x.example" matches "*": it stands for every name'],
    ['cilium', '*', 'a..b', '"a..b" is not a name of valid labels'],
    ['cilium', '**.x.example', '.x.example', '".x.example" is not a name of valid labels'],
    ['kcnp', '*.x.example', 'a.b.x.example', '"a.b.x.example" matches "*.x.example": "*" takes "a.b"'],
    [
      'kcnp',
      '*.x.example',
      'x.example',
      '"x.example" has no label where "*" takes one or more (the domain itself needs an entry of its own)',
    ],
    ['kcnp', '*.x.example', 'a.y.example', 'in "a.y.example" the label "y" is not "x" ("example" fits)'],
    [
      'gke',
      '*.x.example',
      'a.b.x.example',
      '"a.b.x.example" has two labels where "*" takes exactly one ("*" does not cross a dot in GKE)',
    ],
    [
      'ovn',
      '*.x.example',
      'a.b.x.example',
      '"a.b.x.example" has two labels where "*" takes exactly one ("*" is exactly one label in an EgressFirewall)',
    ],
    ['antrea', '*x.example', 'b.ax.example', '"b.ax.example" matches "*x.example": "*" takes "b.a"'],
    ['antrea', '*a*', 'b.a', '"b.a" matches "*a*": each "*" takes any part of a name, dots included'],
    ['antrea', '*.x.example', 'a.y.example', '"a.y.example" does not end in ".x.example"'],
    ['antrea', 'a*.example', 'b.example', '"b.example" does not begin with "a"'],
    ['antrea', 'a*b*.example', 'ac.example', '"ac.example" does not have the parts of "a*b*.example" in that order'],
    [
      'istio',
      '*.x.example',
      'x.example',
      '"x.example" is "*.x.example" without its first label (the domain itself needs an entry of its own)',
    ],
    ['calico', 'www.*.example', 'www.a.b.example', '"www.a.b.example" matches "www.*.example": "*" takes "a.b"'],
    ['calico', 'www.*.example', 'www.example', '"www.example" has no label where "*" takes one or more'],
    ['calico', 'www.*.example', 'a.b.example', '"a.b.example" does not begin with "www."'],
    [
      'calico',
      '*.x.example',
      'x.example',
      '"x.example" has no label where "*" takes one or more (the domain itself needs an entry of its own)',
    ],
    ['calico', '*.x.example', 'a.y.example', 'in "a.y.example" the label "y" is not "x" ("example" fits)'],
    ['gateway', 'x.example', 'x.example', '"x.example" matches "x.example": it is that name'],
  ])('%s %s %s', (dialect, pattern, name, words) => {
    expect(explainPattern(name, pattern, dialect)).toBe(words);
  });
  it('before 1.19 the advice to write ** would be wrong', () => {
    expect(explainPattern('a.b.x.example', '**.x.example', 'cilium', { minor: 18 })).toContain('only from 1.19');
  });
});

/** Patterns and names over a small alphabet, names mostly made from the pattern so that they nearly match. */
const piece = fc.constantFrom('a', 'b', 'ab', '-', '_', '0', 'k*', '*i', '*', '**', 'a*', '*b', 'a*b', '*a*', '');
const patternText = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '.'))
  .map(([labels, end]) => labels.join('.') + end);
const filling = fc.constantFrom('', 'a', 'b', 'ab', 'a.b', '.', '_', '-', 'B', 'é', '\u212A', '\u0130', '\u017F', ' ');
const nameOf = (pattern: string) =>
  fc
    .tuple(fc.array(filling, { minLength: 4, maxLength: 4 }), fc.constantFrom('', '.', 'a', 'a.'), fc.nat(4))
    .map(([fillings, edge, mode]) => {
      let index = 0;
      const text = pattern.replace(/\*/g, () => fillings[index++ % fillings.length] ?? '');
      if (mode === 1) return edge + text;
      if (mode === 2) return text + edge;
      return mode === 3 ? text.toUpperCase() : text;
    });
const pairs = patternText.chain((pattern) =>
  fc.record({ pattern: fc.constant(pattern), names: fc.array(nameOf(pattern), { minLength: 20, maxLength: 20 }) }),
);

describe('the matchers', () => {
  it.each(DIALECTS)('%s: equal to the regular expression on 12,500 pairs and more', (dialect) => {
    let sound = 0;
    fc.assert(
      fc.property(pairs, fc.constantFrom(18, 19), ({ pattern, names }, minor) => {
        fc.pre(patternProblem(pattern, dialect, { minor }) === undefined);
        const expression = referencePattern(pattern, dialect, minor);
        const matcher = patternMatcher(pattern, dialect, { minor });
        sound += names.length;
        for (const name of names) {
          if (matcher(name) !== expression.test(referenceName(name))) expect({ pattern, name, minor }).toBe('equal');
        }
      }),
      { numRuns: 650 },
    );
    expect(sound).toBeGreaterThanOrEqual(12_500);
  });

  const label = fc.stringMatching(/^[a-z0-9]{1,6}$/);
  const sample = fc.record({
    dialect: fc.constantFrom(...DIALECTS),
    labels: fc.array(label, { minLength: 2, maxLength: 5 }),
    starred: fc.boolean(),
  });
  const patternOf = ({ labels, starred }: { labels: string[]; starred: boolean }) =>
    (starred ? ['*', ...labels.slice(1)] : labels).join('.');

  it('ignore letter case and one final dot of the name', () => {
    fc.assert(
      fc.property(sample, (given) => {
        const test = patternMatcher(patternOf(given), given.dialect);
        const name = given.labels.join('.');
        for (const base of [name, `more.${name}`, given.labels.slice(1).join('.')]) {
          const forms = [base, base.toUpperCase(), `${base}.`, `${base.toUpperCase()}.`].map(test);
          expect(new Set(forms).size, `${patternOf(given)} ${base}`).toBe(1);
        }
      }),
    );
  });
  it('one more label in front never makes a Cilium pattern without ** match as well', () => {
    let matched = 0;
    fc.assert(
      fc.property(pairs, ({ pattern, names }) => {
        fc.pre(!/^\*+\.?$/.test(pattern) && !pattern.startsWith('**') && pattern !== '.' && pattern !== '');
        const test = patternMatcher(pattern, 'cilium');
        const both = names.filter((name) => test(name) && test(`x.${name}`));
        matched += names.filter((name) => test(name)).length;
        expect(both).toEqual([]);
      }),
    );
    expect(matched).toBeGreaterThan(100);
  });
  it('a spanning pattern that matches a name matches it with one more label in front', () => {
    fc.assert(
      fc.property(sample, label, ({ labels }, extra) => {
        const tail = labels.slice(1).join('.');
        const spanning: readonly [string, Dialect][] = [
          [`**.${tail}`, 'cilium'],
          [`*.${tail}`, 'calico'],
          [`*.${tail}`, 'antrea'],
        ];
        for (const [pattern, dialect] of spanning) {
          expect([labels.join('.'), [extra, ...labels].join('.'), tail].map(patternMatcher(pattern, dialect))).toEqual([
            true,
            true,
            false,
          ]);
        }
      }),
    );
  });
  it('the explanation says "matches" exactly where the matcher does', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(...DIALECTS), ({ pattern, names }, dialect) => {
        const test = patternMatcher(pattern, dialect);
        for (const name of names) {
          expect(explainPattern(name, pattern, dialect).includes('" matches "'), `${pattern} ${name}`).toBe(test(name));
        }
      }),
    );
  });
  it('a hostile pattern takes no more than its length times the label', () => {
    const test = patternMatcher(`${'*a'.repeat(120)}b`, 'cilium');
    const started = performance.now();
    expect(test('a'.repeat(60))).toBe(false);
    expect(patternMatcher('*a'.repeat(100), 'antrea')(`${'a'.repeat(250)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
