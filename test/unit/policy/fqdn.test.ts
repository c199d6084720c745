/** Name selectors: the reference's table by version, explanations, and the wildcard as a property. */

import { describe, expect, it } from 'vitest';
import { selectorDomain, sharedParent } from '../../../src/core/policy/fqdn/name-family.ts';
import { fqdnMatcher, matchFqdn, selectorProblem, selectorText } from '../../../src/core/policy/fqdn/selector.ts';
import * as fc from '../support/fast-check.ts';

const V18 = '1.18.4';
const V19 = '1.19.5';
const V20 = 'v1.20.2';
const matches = (pattern: string, name: string, version: string) =>
  matchFqdn(name, { matchPattern: pattern }, version).matches;

describe('matchPattern', () => {
  it.each<[string, string[], string[]]>([
    ['*', ['example.com', 'a.b.c', 'a'], ['a..b']],
    [
      '*.example.com',
      ['a.example.com', 'api-1.example.com', '_sip.example.com', 'A.EXAMPLE.com.'],
      ['example.com', 'a.b.example.com'],
    ],
    ['*example.com', ['example.com', 'myexample.com'], ['a.example.com']],
    ['api*.example.com', ['api.example.com', 'api-1.example.com'], ['x.api.example.com']],
    ['*.*.example.com', ['a.b.example.com'], ['a.example.com', 'a.b.c.example.com']],
    ['x.**.example.com', ['x.a.example.com'], ['x.a.b.example.com']],
    ['example.**', ['example.com'], ['example.co.uk']],
    ['a*b.example', ['ab.example', 'axxb.example'], ['a.b.example']],
  ])('%s in every version', (pattern, yes, no) => {
    for (const version of [V18, V19, V20]) {
      expect(yes.filter((name) => !matches(pattern, name, version))).toEqual([]);
      expect(no.filter((name) => matches(pattern, name, version))).toEqual([]);
    }
  });
  it.each<[string, string, boolean, boolean]>([
    ['**.example.com', 'a.b.example.com', false, true],
    ['**.example.com', 'a.example.com', true, true],
    ['**.example.com', 'example.com', false, false],
    ['***.example.com', 'a.b.example.com', false, true],
    ['**', 'a.b', false, true],
    ['**', 'a', true, true],
    ['*.', 'a.b', false, true],
    ['**.', 'a.b', false, true],
  ])('%s on %s: 1.18 %s, 1.19 %s', (pattern, name, old, now) => {
    expect([matches(pattern, name, V18), matches(pattern, name, V19), matches(pattern, name, V20)]).toEqual([
      old,
      now,
      now,
    ]);
  });
  it('rules.dns takes anything for *, toFQDNs names only', () => {
    const odd = 'a b!.example';
    expect([
      fqdnMatcher({ matchPattern: '*' }, 19, 'dns')(odd),
      fqdnMatcher({ matchPattern: '*' }, 19, 'toFQDNs')(odd),
    ]).toEqual([true, false]);
  });
  it('a star never crosses a dot', () => {
    const label = fc.string({ unit: fc.constantFrom(...'abz09-_'), maxLength: 6 });
    fc.assert(
      fc.property(label, label, (a, b) => {
        const asked = [`${a}.${b}.example.com`, `${a}.example.com`];
        expect(asked.map((name) => matches('*.example.com', name, V19))).toEqual([false, true]);
      }),
    );
  });
  it('a name matches itself as matchName and as matchPattern', () => {
    const name = fc
      .array(fc.stringMatching(/^[a-z0-9_-]{1,9}$/), { minLength: 1, maxLength: 5 })
      .map((labels) => labels.join('.'));
    fc.assert(
      fc.property(name, (text) => {
        const exact = matchFqdn(text.toUpperCase(), { matchName: `${text}.` }, V19).matches;
        expect([exact, matches(text, text, V18)]).toEqual([true, true]);
      }),
    );
  });
});

describe('limits', () => {
  it('a canonical form over 255 characters selects nothing from 1.19, but the policy stays valid and DNS rules work', () => {
    const name = `${'a'.repeat(251)}.com`;
    expect([V18, V19].map((version) => matchFqdn(name, { matchName: name }, version).matches)).toEqual([true, false]);
    expect(matchFqdn(name, { matchName: name }, V19).explanation).toContain('with its final dot');
    for (const selector of [{ matchName: name }, { matchPattern: `*${name.slice(1)}` }]) {
      expect(selectorProblem(selector, 19)).toBeUndefined();
      expect((['toFQDNs', 'dns'] as const).map((use) => fqdnMatcher(selector, 19, use)(name))).toEqual([false, true]);
    }
    expect(selectorProblem({ matchName: `a${name}` }, 19)).toContain('longer than 255');
    expect(matchFqdn(name, { matchName: `${name.slice(1)}.` }, V19).matches).toBe(false);
    expect(matchFqdn(name.slice(1), { matchName: `${name.slice(1)}.` }, V19).matches).toBe(true);
  });
  it('letters fold as in Go: the Kelvin sign and the dotted capital I are k and i', () => {
    const folded = (name: string) => fqdnMatcher({ matchName: 'ki.example' }, 19, 'toFQDNs')(name);
    expect(['\u212Ai.example', 'k\u0130.example', 'k\u0131.example'].map(folded)).toEqual([true, true, false]);
  });
  it.each([
    {},
    { matchName: 'a', matchPattern: 'b' },
    { matchName: '*.example.com' },
    { matchName: 'https://a' },
    { matchPattern: '[a-z].example' },
  ])('%j is refused with a reason', (selector) => {
    const result = matchFqdn('a', selector, V19);
    expect(result.matches).toBe(false);
    expect(result.explanation).toContain('the selector');
  });
});

describe('explanations', () => {
  it.each<[string, Parameters<typeof matchFqdn>[1], string]>([
    [
      'a.b.example.com',
      { matchPattern: '*.example.com' },
      '"a.b.example.com" has two labels where "*" takes exactly one ("*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19)',
    ],
    [
      'example.com',
      { matchPattern: '*.example.com' },
      '"example.com" has no labels where "*" takes exactly one (the domain itself needs an entry of its own)',
    ],
    [
      'a.example.com',
      { matchPattern: '*.*.example.com' },
      '"a.example.com" has one label where "*.*" takes exactly two ("*" does not cross a dot in Cilium; a leading "**." spans labels from 1.19)',
    ],
    [
      'example.com',
      { matchPattern: '**.example.com' },
      '"example.com" has no label where "**" takes one or more (the domain itself needs an entry of its own)',
    ],
    [
      'files.vendor.example',
      { matchName: 'api.vendor.example' },
      'in "files.vendor.example" the label "files" is not "api" ("vendor.example" fits)',
    ],
    [
      'api.vendro.example',
      { matchPattern: '*.vendor.example' },
      'in "api.vendro.example" the label "vendro" is not "vendor" ("example" fits)',
    ],
    ['example.com', { matchName: 'www.example.com' }, '"example.com" has two labels, "www.example.com" has three'],
    [
      'web-1.example.com',
      { matchPattern: 'api*.example.com' },
      'in "web-1.example.com" the label "web-1" is not "api*" ("example.com" fits)',
    ],
    [
      'api.example.com',
      { matchName: 'API.example.com.' },
      '"api.example.com" matches "API.example.com.": it is that name',
    ],
  ])('%s against %j', (name, selector, expected) => {
    expect(matchFqdn(name, selector, V19).explanation).toBe(expected);
  });
  it('say when the version was assumed, where it matters', () => {
    expect(matchFqdn('a.b.example.com', { matchPattern: '**.example.com' }, undefined).explanation).toContain(
      '1.19 assumed',
    );
    expect(matchFqdn('a.b.example.com', { matchPattern: '*.example.com' }, undefined).explanation).not.toContain(
      'assumed',
    );
  });
});

describe('selectors of other engines', () => {
  it.each([
    [{ matchPattern: '*.x.example', dialect: 'kcnp' }, 'domainNames "*.x.example"', true],
    [{ matchPattern: '*.x.example', dialect: 'gke' }, 'pattern "*.x.example"', false],
    [{ matchName: 'a.b.x.example', dialect: 'gke' }, 'name "a.b.x.example"', true],
    [{ matchPattern: '*.x.example', dialect: 'ovn' }, 'dnsName "*.x.example"', false],
    [{ matchPattern: '*x.example', dialect: 'antrea' }, 'fqdn "*x.example"', true],
    [{ matchPattern: '*.x.example', dialect: 'calico' }, 'domains "*.x.example"', true],
    [{ matchPattern: '*.x.example', dialect: 'istio' }, 'hosts "*.x.example"', true],
    [{ matchPattern: '*.x.example', dialect: 'gateway' }, 'hostnames "*.x.example"', true],
    [{ matchPattern: '*.x.example' }, 'matchPattern "*.x.example"', false],
    [{ matchName: '*.x.example', dialect: 'gke' }, 'name "*.x.example"', false],
  ] as const)('%j: %s', (selector, text, matched) => {
    const result = matchFqdn('a.b.x.example', selector, undefined);
    expect([selectorText(selector), result.matches]).toEqual([text, matched]);
    expect(fqdnMatcher(selector, 19, 'dns')('a.b.x.example')).toBe(matched);
    expect(result.explanation).not.toContain('assumed');
  });
  it('only a pattern of Cilium lets every question pass', () => {
    const odd = 'a b!.example';
    const any = (dialect: 'cilium' | 'gke') => fqdnMatcher({ matchPattern: '*', dialect }, 19, 'dns')(odd);
    expect([any('cilium'), any('gke')]).toEqual([true, false]);
  });
});

describe('families of names', () => {
  it('share more than a public suffix', () => {
    expect(sharedParent('files.vendor.example', 'api.vendor.example')).toBe('vendor.example');
    expect(sharedParent('a.co.uk', 'b.co.uk')).toBeUndefined();
    expect(sharedParent('x.a.co.uk', 'y.a.co.uk')).toBe('a.co.uk');
    expect(selectorDomain({ matchPattern: '*.api*.vendor.example' })).toBe('vendor.example');
  });
});
