/**
 * Calico's selector language: what each text takes, and what the validator refuses (libcalico-go/lib/selector). Asked as a policy's
 * subject, where a refused text also shows; `rule-selectors.ts` of the translator reads the others by the same parser.
 */
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../src/core/model/cluster-state.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { selectingPolicies } from '../../../../src/core/policy/selecting.ts';
import { meta, pod } from '../world.ts';
import { globalCalico, onCalico } from './calico-world.ts';

const WEB = { addresses: ['203.0.113.10'], cnames: [], port: 443, protocol: 'TCP' } as const;
const quoted = (selector: string) => `selector: ${JSON.stringify(selector)}\negress: [{action: Deny}]`;

/** `yes` or `no`: whether a policy of that selector governs a pod of these labels; `unknown` where that can't be told. */
function takes(selector: string, labels: Record<string, string>, more: Partial<ClusterState> = {}): string {
  const one = pod('one', 'default', '10.0.0.20', { labels });
  const state = onCalico([globalCalico('g', quoted(selector))], {}, { pods: [one], ...more });
  const { decision } = evaluateEgress(state, one, WEB);
  return { denied: 'yes', allowed: 'no', unknown: 'unknown' }[decision];
}

/** Why the selector is none; undefined where it is one. */
function problem(selector: string): string | undefined {
  const one = pod('one', 'default', '10.0.0.20');
  const state = onCalico([globalCalico('g', quoted(selector))], {}, { pods: [one] });
  const reason = selectingPolicies(state, one)[0]?.invalidReason;
  return reason?.replace(`Calico refuses it: spec.selector "${selector}" is no selector: `, '');
}

describe('comparisons', () => {
  it.each<[string, Record<string, string>, 'yes' | 'no']>([
    ["app == 'shop'", { app: 'shop' }, 'yes'],
    ["app == 'shop'", { app: 'shop2' }, 'no'],
    ["app == 'shop'", {}, 'no'],
    ['app == "shop"', { app: 'shop' }, 'yes'],
    ["app==''", { app: '' }, 'yes'],
    ["app == ''", {}, 'no'],
    ["app != 'shop'", { app: 'shop' }, 'no'],
    ["app != 'shop'", { app: 'cart' }, 'yes'],
    ["app != 'shop'", {}, 'yes'],
    ["app in {'a', 'b'}", { app: 'b' }, 'yes'],
    ["app in {'a', 'b'}", { app: 'c' }, 'no'],
    ["app in {'a', 'b'}", {}, 'no'],
    ["app in {'a','b',}", { app: 'b' }, 'yes'],
    ['app in {}', { app: 'b' }, 'no'],
    ["app not in {'a', 'b'}", { app: 'b' }, 'no'],
    ["app not in {'a', 'b'}", { app: 'c' }, 'yes'],
    ["app not in {'a', 'b'}", {}, 'yes'],
    ["app notin {'a'}", { app: 'a' }, 'no'],
    ["app not\tin {'a'}", { app: 'b' }, 'yes'],
    ["app not  in{'a'}", { app: 'b' }, 'yes'],
    ["app contains 'ho'", { app: 'shop' }, 'yes'],
    ["app contains 'oh'", { app: 'shop' }, 'no'],
    ["app contains 'ho'", {}, 'no'],
    ["app contains'ho'", { app: 'shop' }, 'yes'],
    ["app starts with 'sh'", { app: 'shop' }, 'yes'],
    ["app starts with 'op'", { app: 'shop' }, 'no'],
    ["app startswith 'sh'", { app: 'shop' }, 'yes'],
    ["app starts\twith'sh'", { app: 'shop' }, 'yes'],
    ["app starts with 'sh'", {}, 'no'],
    ["app ends with 'op'", { app: 'shop' }, 'yes'],
    ["app ends with 'sh'", { app: 'shop' }, 'no'],
    ["app endswith 'op'", { app: 'shop' }, 'yes'],
    ["app ends \t with'op'", { app: 'shop' }, 'yes'],
    ["app ends with 'op'", {}, 'no'],
    ['has(app)', { app: '' }, 'yes'],
    ['has(app)', {}, 'no'],
    ['has( \tapp\t )', { app: 'x' }, 'yes'],
    ['all()', {}, 'yes'],
    ['all( \t)', {}, 'yes'],
    ['', {}, 'yes'],
    [' \t', {}, 'yes'],
    ['!has(app)', {}, 'yes'],
    ['!has(app)', { app: 'x' }, 'no'],
    ['!!has(app)', { app: 'x' }, 'yes'],
    ['! all()', {}, 'no'],
    // Names of functions and operators are labels where no bracket follows, or where a label may stand.
    ["has == 'x'", { has: 'x' }, 'yes'],
    ["all == 'x'", { all: 'x' }, 'yes'],
    ["in in {'x'}", { in: 'x' }, 'yes'],
    ["contains contains 'x'", { contains: 'x' }, 'yes'],
    ["vendor.example/team-1_x == 'x'", { 'vendor.example/team-1_x': 'x' }, 'yes'],
    ["\t app\t==\t'shop' \t", { app: 'shop' }, 'yes'],
    // A string knows no escapes, and the other kind of quote is a character in it.
    [`app == "a'b"`, { app: "a'b" }, 'yes'],
    [`app == 'a"b'`, { app: 'a"b' }, 'yes'],
    ["app == ' shop '", { app: ' shop ' }, 'yes'],
    ["app == ' shop '", { app: 'shop' }, 'no'],
    // What every pod inherits.
    ["projectcalico.org/namespace == 'default'", {}, 'yes'],
    ["projectcalico.org/namespace == 'other'", {}, 'no'],
    ["projectcalico.org/orchestrator == 'k8s'", {}, 'yes'],
    ["projectcalico.org/serviceaccount == 'default'", {}, 'yes'],
    ["pcns.stage == 'dev'", {}, 'yes'],
    ["pcns.projectcalico.org/name == 'default'", {}, 'yes'],
    ["pcns.kubernetes.io/metadata.name == 'default'", {}, 'yes'],
    ['has(pcns.team)', {}, 'no'],
    ["pcsa.projectcalico.org/name == 'default'", {}, 'yes'],
    // Only own labels are labels.
    ['has(toString)', {}, 'no'],
    ['has(pcns.toString)', {}, 'no'],
    // Its own label of that name comes before the namespace's.
    ["pcns.stage == 'prod'", { 'pcns.stage': 'prod' }, 'yes'],
  ])('%s of %j: %s', (selector, labels, expected) => {
    expect(problem(selector)).toBeUndefined();
    expect(takes(selector, labels)).toBe(expected);
  });
});

describe('precedence: not, then and, then or', () => {
  const on = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));
  it.each<[string, string[], 'yes' | 'no']>([
    ['has(a) || has(b) && has(c)', ['a'], 'yes'],
    ['has(a) || has(b) && has(c)', ['b'], 'no'],
    ['has(a) || has(b) && has(c)', ['b', 'c'], 'yes'],
    ['has(a) && has(b) || has(c)', ['a'], 'no'],
    ['has(a) && has(b) || has(c)', ['c'], 'yes'],
    ['(has(a) || has(b)) && has(c)', ['a'], 'no'],
    ['(has(a) || has(b)) && has(c)', ['b', 'c'], 'yes'],
    ['!has(a) && has(b)', ['b'], 'yes'],
    ['!has(a) && has(b)', [], 'no'],
    ['!(has(a) && has(b))', ['b'], 'yes'],
    ['!(has(a) && has(b))', ['a', 'b'], 'no'],
    ['!(has(a) || has(b))', ['b'], 'no'],
    ['has(a)||has(b)||has(c)', ['c'], 'yes'],
    ['has(a)&&has(b)&&has(c)', ['a', 'b'], 'no'],
    ['has(a)&&has(b)&&has(c)', ['a', 'b', 'c'], 'yes'],
    ['((has(a)))', ['a'], 'yes'],
    ["has(a) && b != 'x' && !has(c)", ['a'], 'yes'],
    ["has(a) && b != 'x' && !has(c)", ['a', 'c'], 'no'],
  ])('%s of %j: %s', (selector, names, expected) => {
    expect(takes(selector, on(...names))).toBe(expected);
  });
});

describe('what is no selector', () => {
  const operator = 'expected an operator after the label';
  const early = 'unexpected end of string looking for op';
  it.each<[string, string]>([
    ["app = 'x'", 'expected =='],
    ['has(a) & has(b)', 'expected &&'],
    ['has(a) | has(b)', 'expected ||'],
    ["app == 'x", 'unterminated string'],
    ['app == \'x"', 'unterminated string'],
    ['app == "x', 'unterminated string'],
    ["app == '", 'unterminated string'],
    ['app == x', 'expected string'],
    ['app ==', 'expected string'],
    ["app != {'x'}", 'expected string'],
    ['app contains', 'expected string'],
    ['app starts with has(a)', 'expected string'],
    ['app ends with x', 'expected string'],
    ['app', early],
    ['!', early],
    ['has(a) &&', early],
    ['has(a) ||', early],
    ['(', early],
    ['(has(a)', 'expected )'],
    ['(has(a) || has(b)', 'expected )'],
    ['has(a))', 'unexpected content at end of selector'],
    ['has(a) has(b)', 'unexpected content at end of selector'],
    ['all() all()', 'unexpected content at end of selector'],
    [')', 'unexpected )'],
    ['&& has(a)', 'unexpected &&'],
    ["'app' == 'x'", 'unexpected string "app"'],
    ['app || has(b)', 'expected == or !='],
    ["app 'x'", 'expected == or !='],
    ['app)', 'expected == or !='],
    ['app {', 'expected == or !='],
    ["app in 'x'", 'expected set literal'],
    ["app in ('x')", 'expected set literal'],
    ['app in', 'expected set literal'],
    ["app not in 'x'", 'expected set literal'],
    ["app in {'a' 'b'}", 'expected }'],
    ["app in {'a'", 'expected }'],
    ["app in {'a',", 'expected }'],
    ["app in {,'a'}", 'expected }'],
    ["app in {'a',,'b'}", 'expected }'],
    ['app in {a}', 'expected }'],
    ["app is 'x'", operator],
    // A word ends where an identifier can't go on.
    ["app containsx 'x'", operator],
    ["app contains.x 'x'", operator],
    ["app contains/ 'x'", operator],
    ["app contains- 'x'", operator],
    ["app startswithx 'x'", operator],
    ["app starts with/ 'x'", operator],
    ["app starts-with 'x'", operator],
    ["app starts 'x'", operator],
    ["app endswithx 'x'", operator],
    ["app ends with. 'x'", operator],
    ["app inx {'x'}", operator],
    ["app in- {'x'}", operator],
    ["app notinx {'x'}", operator],
    ["app not in. {'x'}", operator],
    ["app not {'x'}", operator],
    // Operators begin where they stand, not later.
    ["app xcontains 'x'", operator],
    ["app xstarts with 'x'", operator],
    ["app xends with 'x'", operator],
    ["app xin {'x'}", operator],
    ["app xnot in {'x'}", operator],
    // Only blanks and tabs stand between words.
    ["app\n== 'x'", operator],
    ["app starts\nwith 'x'", operator],
    ["\napp == 'x'", 'expected identifier'],
    ['has(a\n)', "no closing ')' after has("],
    ['has(', "no closing ')' after has("],
    ['has()', "no closing ')' after has("],
    ['has(a b)', "no closing ')' after has("],
    ["has('a')", "no closing ')' after has("],
    ['all(', "no closing ')' after all("],
    ['all(x)', "no closing ')' after all("],
    ['global(x)', "no closing ')' after global("],
    ["has (a) == 'x'", 'expected == or !='],
    ['#', 'expected identifier'],
    ['app == #', 'expected identifier'],
    [`${'a'.repeat(513)} == 'x'`, 'label too long'],
    [`has(${'a'.repeat(513)})`, 'label too long'],
  ])('%s: %s', (selector, reason) => {
    expect(problem(selector)).toBe(reason);
  });

  it.each([`${'a'.repeat(512)} == 'x'`, `has(${'a'.repeat(512)})`])(
    'but a label of 512 characters is one',
    (selector) => {
      expect(problem(selector)).toBeUndefined();
    },
  );

  it('governs nobody', () => {
    expect(takes("app = 'x'", { app: 'x' })).toBe('no');
  });
});

describe('what is not known', () => {
  const unread = { namespaces: [{ meta: meta('other') }] };
  it.each<[string, Record<string, string>, string]>([
    ["pcns.stage == 'dev'", {}, 'unknown'],
    ["!(pcns.stage == 'dev')", {}, 'unknown'],
    ["pcns.stage == 'dev' || has(app)", { app: 'x' }, 'yes'],
    ["pcns.stage == 'dev' || has(app)", {}, 'unknown'],
    ["pcns.stage == 'dev' && has(app)", { app: 'x' }, 'unknown'],
    ["pcns.stage == 'dev' && has(app)", {}, 'no'],
    ['has(pcns.stage)', {}, 'unknown'],
    ["pcns.projectcalico.org/name == 'default'", {}, 'yes'],
    ["pcsa.team == 'x'", {}, 'unknown'],
    ["pcsa.projectcalico.org/name == 'default'", {}, 'yes'],
  ])('%s of %j, with neither namespace nor account read: %s', (selector, labels, expected) => {
    expect(takes(selector, labels, unread)).toBe(expected);
  });

  it('labels of accounts, where those are read', () => {
    const account = (name: string, namespace: string) => meta(name, namespace, { team: `${namespace}-${name}` });
    const serviceAccounts = [account('default', 'other'), account('x', 'default'), account('default', 'default')];
    const calico = { tiers: [], sets: [], serviceAccounts };
    expect(takes("pcsa.team == 'default-default'", {}, { calico })).toBe('yes');
    expect(takes("pcsa.team == 'other-default'", {}, { calico })).toBe('no');
    expect(takes('has(pcsa.stage)', {}, { calico })).toBe('no');
    expect(takes('has(pcsa.toString)', {}, { calico })).toBe('no');
  });
});

describe('the label of an account', () => {
  it.each([
    [62, 'yes'],
    [63, 'no'],
  ] as const)('of %i characters: %s', (length, expected) => {
    const serviceAccount = 'a'.repeat(length);
    const one = pod('one', 'default', '10.0.0.20', { serviceAccount });
    const state = onCalico([globalCalico('g', quoted('has(projectcalico.org/serviceaccount)'))], {}, { pods: [one] });
    expect(evaluateEgress(state, one, WEB).decision === 'denied' ? 'yes' : 'no').toBe(expected);
  });
});
