/** Laws of the walk through layers, and its three-valued answers against every way the open matches can turn out. */

import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/core/model/evaluation.ts';
import type { Outcome } from '../../../src/core/policy/decide/walk.ts';
import { walk } from '../../../src/core/policy/decide/walk.ts';
import { identitiesOf } from '../../../src/core/policy/identity/identity.ts';
import type { LayerKey } from '../../../src/core/policy/rules/layers.ts';
import type { Layer } from '../../../src/core/policy/rules/pod-policy.ts';
import type { PolicyRule } from '../../../src/core/policy/rules/rule.ts';
import { NO_L7 } from '../../../src/core/policy/rules/rule.ts';
import type { Tri } from '../../../src/core/policy/tri.ts';
import * as fc from '../support/fast-check.ts';
import { P, world } from './world.ts';

const state = world([]);
const identity = identitiesOf(state, P, { address: '203.0.113.10', port: 443, protocol: 'TCP' })[0];

type Effect = PolicyRule['effect'];

/** A rule that matches, may match or does not. */
interface Simple {
  readonly effect: Effect;
  readonly tri: Tri;
  /** Of an ordered layer: whose rule it is, and the policy's order. */
  readonly policy?: string;
  readonly rank?: number;
}

interface SimpleLayer {
  readonly rules: readonly Simple[];
  readonly mode: LayerKey['mode'];
  readonly isolates: boolean;
  readonly drops: LayerKey['drops'];
  readonly skips: boolean;
  readonly ties?: 'strictest' | 'open';
}

const refs = new Map<string, { kind: string; name: string }>();

function refOf(name: string): PolicyRule['policy'] {
  const known = refs.get(name) ?? { kind: 'AdminNetworkPolicy', name };
  refs.set(name, known);
  return known;
}

function ruleOf({ effect, tri, policy = 'p' }: Simple, index: number): PolicyRule {
  const match = { kind: 'where', test: () => ({ tri, why: 'not read' }) } as const;
  const peers = [{ match, path: `spec.egress[${index}].to[0]`, text: 'somebody' }];
  return { policy: refOf(policy), effect, path: `spec.egress[${index}]`, peers, ports: 'any', l7: NO_L7 };
}

function layerOf({ rules, mode, isolates, drops, skips, ties }: SimpleLayer, position: number): Layer {
  const key: LayerKey = {
    gate: 'policy',
    position,
    name: `layer ${position}`,
    mode,
    drops,
    // Past the next layer.
    ...(skips && { passTo: position + 2 }),
    ...(ties && { ties }),
  };
  const isolatedBy = isolates ? [{ kind: 'NetworkPolicy', namespace: 'default', name: `n${position}` }] : [];
  return { key, rules: rules.map(ruleOf), ranks: rules.map((one, index) => one.rank ?? index), isolatedBy };
}

function outcomeOf(layers: readonly SimpleLayer[], dropsLast = false): Outcome {
  if (!identity) throw new Error('no identity');
  return walk({ state, layers: layers.map(layerOf), identity, dropsLast });
}

const decisionOf = (layers: readonly SimpleLayer[], dropsLast = false) => outcomeOf(layers, dropsLast).decision;

/** The same walk as anybody would write it down, for rules that match or do not. */
function plainly(layers: readonly SimpleLayer[], dropsLast: boolean): Decision {
  let dropping = dropsLast;
  let index = 0;
  while (index < layers.length) {
    const layer = layers[index];
    if (!layer) break;
    const matching = layer.rules.filter(({ tri }) => tri === 'yes').map(({ effect }) => effect);
    const effect = layer.mode === 'ordered' ? matching[0] : strictest(matching.filter((one) => one !== 'pass'));
    if (effect === 'allow') return 'allowed';
    if (effect === 'deny') return 'denied';
    if (effect === undefined && layer.isolates && layer.drops === 'here') return 'denied';
    if (effect === undefined && layer.isolates) dropping = true;
    index += effect === 'pass' && layer.skips ? 2 : 1;
  }
  return dropping ? 'denied' : 'allowed';
}

function strictest(effects: readonly Effect[]): Effect | undefined {
  return effects.includes('deny') ? 'deny' : effects[0];
}

/** Every way the open matches can turn out. */
function worlds(layers: readonly SimpleLayer[]): SimpleLayer[][] {
  let all: SimpleLayer[][] = [[]];
  for (const layer of layers) {
    const versions = versionsOf(layer.rules).map((rules) => ({ ...layer, rules }));
    all = all.flatMap((before) => versions.map((version) => [...before, version]));
  }
  return all;
}

function versionsOf(rules: readonly Simple[]): Simple[][] {
  let all: Simple[][] = [[]];
  for (const rule of rules) {
    const answers: Tri[] = rule.tri === 'unknown' ? ['yes', 'no'] : [rule.tri];
    all = all.flatMap((before) => answers.map((tri) => [...before, { ...rule, tri }]));
  }
  return all;
}

function common(decisions: readonly Decision[]): Decision {
  const all = new Set(decisions);
  return all.size === 1 ? (decisions[0] ?? 'unknown') : 'unknown';
}

const simple = fc.record({
  effect: fc.constantFrom<Effect>('allow', 'deny', 'pass'),
  tri: fc.constantFrom<Tri>('yes', 'no', 'no', 'unknown'),
});
const shape = {
  isolates: fc.boolean(),
  drops: fc.constantFrom<LayerKey['drops']>('here', 'last'),
  skips: fc.boolean(),
};
const list = fc.array(simple, { maxLength: 4 });
const ordered = fc.record({ rules: list, mode: fc.constant('ordered' as const), ...shape });
const union = fc.record({ rules: list, mode: fc.constant('union' as const), ...shape });
const some = fc.oneof(ordered, union);
const layers = fc.array(some, { maxLength: 3 });

const RANK: Record<Decision, number> = { denied: 0, unknown: 1, allowed: 2 };
const runs = { numRuns: 1_500 };

describe('three-valued answers', () => {
  it('are the answer that all ways of settling the open matches share, and unknown where they differ', () => {
    fc.assert(
      fc.property(layers, fc.boolean(), (walked, dropsLast) => {
        const expected = common(worlds(walked).map((one) => plainly(one, dropsLast)));
        expect(decisionOf(walked, dropsLast)).toBe(expected);
      }),
      runs,
    );
  });
  it('name the open rule and its reason when unknown', () => {
    fc.assert(
      fc.property(layers, (walked) => {
        const { decision, decidedBy, why, reason } = outcomeOf(walked);
        if (decision === 'unknown') {
          expect(decidedBy.map(({ tri }) => tri)).toContain('unknown');
          expect([why, reason]).toEqual(['not read', 'incomplete_state']);
        }
      }),
      runs,
    );
  });
  it('keep the weaker reason where both ways of an open match end alike', () => {
    const rules: Simple[] = [
      { effect: 'deny', tri: 'unknown' },
      { effect: 'pass', tri: 'yes' },
    ];
    const admin: SimpleLayer = { rules, mode: 'ordered', isolates: false, drops: 'here', skips: false };
    const isolating: SimpleLayer = { rules: [], mode: 'union', isolates: true, drops: 'here', skips: false };
    // Denied by the open deny, or by the default: only the default holds for sure.
    expect(outcomeOf([admin, isolating])).toMatchObject({ decision: 'denied', reason: 'default_deny' });
    const pass: SimpleLayer = {
      ...admin,
      rules: [
        { effect: 'pass', tri: 'unknown' },
        { effect: 'deny', tri: 'yes' },
      ],
    };
    expect(outcomeOf([pass, isolating])).toMatchObject({ decision: 'denied', reason: 'default_deny' });
  });
  it('take no exponential time', () => {
    const passes = Array.from({ length: 60 }, (): Simple => ({ effect: 'pass', tri: 'unknown' }));
    const one: SimpleLayer = { rules: passes, mode: 'ordered', isolates: false, drops: 'here', skips: false };
    const started = performance.now();
    expect(decisionOf([one, one, one, one, one])).toBe('allowed');
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('laws of layers', () => {
  it('in a union the order of rules does not matter', () => {
    fc.assert(
      fc.property(layers, union, layers, (before, layer, after) => {
        const one = outcomeOf([...before, layer, ...after]);
        const other = outcomeOf([...before, { ...layer, rules: layer.rules.toReversed() }, ...after]);
        expect([other.decision, other.reason]).toEqual([one.decision, one.reason]);
      }),
      runs,
    );
  });
  it('in an ordered layer nothing after the first certain match counts', () => {
    fc.assert(
      fc.property(layers, ordered, layers, list, (before, layer, after, more) => {
        const cut = layer.rules.findIndex(({ tri }) => tri === 'yes') + 1;
        fc.pre(cut > 0);
        const first = layer.rules.slice(0, cut);
        expect(outcomeOf([...before, { ...layer, rules: [...first, ...more] }, ...after]).decision).toBe(
          outcomeOf([...before, { ...layer, rules: first }, ...after]).decision,
        );
      }),
      runs,
    );
  });
  it('a pass is the absence of its layer, default deny included', () => {
    fc.assert(
      fc.property(layers, ordered, layers, (before, layer, after) => {
        const rules: Simple[] = [{ effect: 'pass', tri: 'yes' }, ...layer.rules];
        // Where a pass of an earlier layer would skip it, taking the layer out would change what is skipped.
        const plain = before.map((one) => ({ ...one, skips: false }));
        expect(decisionOf([...plain, { ...layer, rules, skips: false }, ...after])).toBe(
          decisionOf([...plain, ...after]),
        );
      }),
      runs,
    );
  });
  it('an allow at the end of an ordered layer takes no connection away', () => {
    fc.assert(
      fc.property(layers, ordered, layers, fc.constantFrom<Tri>('yes', 'unknown'), (before, layer, after, tri) => {
        const more = { ...layer, rules: [...layer.rules, { effect: 'allow', tri } as const] };
        expect(RANK[decisionOf([...before, more, ...after])]).toBeGreaterThanOrEqual(
          RANK[decisionOf([...before, layer, ...after])],
        );
      }),
      runs,
    );
  });
  it('a deny anywhere adds no connection', () => {
    fc.assert(
      fc.property(layers, some, layers, fc.nat(4), (before, layer, after, at) => {
        const rules = layer.rules.toSpliced(at, 0, { effect: 'deny', tri: 'yes' });
        expect(RANK[decisionOf([...before, { ...layer, rules }, ...after])]).toBeLessThanOrEqual(
          RANK[decisionOf([...before, layer, ...after])],
        );
      }),
      runs,
    );
  });
});

/** Two policies of one order, each with up to three rules of its own, in their order. */
const tied = fc.tuple(list, list).map(([one, other]) => ({
  a: one.slice(0, 3).map((rule) => ({ ...rule, policy: 'a', rank: 1 })),
  b: other.slice(0, 3).map((rule) => ({ ...rule, policy: 'b', rank: 1 })),
}));

describe('policies of equal order', () => {
  it('give an answer only where either may be asked first, when the API leaves that open', () => {
    fc.assert(
      fc.property(tied, layers, ({ a, b }, after) => {
        const base = { mode: 'ordered', isolates: false, drops: 'here', skips: false } as const;
        const either = [
          [...a, ...b],
          [...b, ...a],
        ].flatMap((rules) => worlds([{ ...base, rules }, ...after]).map((one) => plainly(one, false)));
        const decision = decisionOf([{ ...base, ties: 'open', rules: [...a, ...b] }, ...after]);
        expect(decision).toBe(common(either));
      }),
      runs,
    );
  });
  it('name both when they disagree', () => {
    const rules: Simple[] = [
      { effect: 'allow', tri: 'yes', policy: 'a', rank: 1 },
      { effect: 'deny', tri: 'yes', policy: 'b', rank: 1 },
    ];
    const layer: SimpleLayer = { rules, mode: 'ordered', isolates: false, drops: 'here', skips: false, ties: 'open' };
    const { decision, why, decidedBy } = outcomeOf([layer]);
    expect(decision).toBe('unknown');
    expect(why).toBe(
      'AdminNetworkPolicy a and AdminNetworkPolicy b have the same priority and decide differently, and the API leaves open which one counts',
    );
    expect(decidedBy.map(({ rule }) => rule.policy.name)).toEqual(['a', 'b']);
  });
  it('do not disturb each other at different orders', () => {
    const rules: Simple[] = [
      { effect: 'allow', tri: 'yes', policy: 'a', rank: 1 },
      { effect: 'deny', tri: 'yes', policy: 'b', rank: 2 },
    ];
    const layer: SimpleLayer = { rules, mode: 'ordered', isolates: false, drops: 'here', skips: false, ties: 'open' };
    expect(outcomeOf([layer])).toMatchObject({ decision: 'allowed', reason: 'allowed_by_rule' });
  });
});
