/** Near misses of policies that are not in force for the pod: one label off, another namespace, invalid, or beaten by a deny. */
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { NearMiss } from '../../../src/core/model/evaluation.ts';
import type { CiliumEgressRule, CiliumPolicy, Policy } from '../../../src/core/model/policy.ts';
import type { LabelSelector } from '../../../src/core/model/selector.ts';
import { asked, FILES, named } from './near-miss.ts';
import {
  ccnp,
  cnp,
  DNS,
  dnsRule,
  meta,
  np,
  OTHER,
  PEER,
  pod,
  ports,
  rule,
  select,
  tcp443,
  withPort,
  world,
} from './world.ts';

const checkout = pod('checkout-1', 'default', '10.0.0.1', {
  labels: { app: 'checkout', 'app.kubernetes.io/name': 'checkout', 'pod-template-hash': '7d9f' },
});
const isolating = cnp('base', { egress: [dnsRule()] });
const files = named(['files.vendor.example']);
const state = (policies: readonly Policy[], more: Parameters<typeof world>[1] = {}) =>
  world([isolating, ...policies], { pods: [checkout, PEER, withPort(OTHER, 'https', 443), DNS], ...more });
const ask = (policies: readonly Policy[], more?: Parameters<typeof world>[1]) =>
  asked(state(policies, more), FILES, checkout);
const elsewhere = (one: CiliumPolicy, namespace: string): CiliumPolicy => ({
  ...one,
  meta: meta(one.meta.name, namespace),
});

describe('labels', () => {
  it.each<[string, LabelSelector, NearMiss['kind'], string, boolean]>([
    [
      'off by a character',
      select({ app: 'chekcout' }),
      'label_similar',
      'it wants app=chekcout, the pod has app=checkout',
      true,
    ],
    ['in other letters', select({ 'k8s:app': 'Checkout' }), 'label_similar', 'app=Checkout', true],
    [
      'a key off by a character',
      select({ 'any:ap': 'checkout' }),
      'label_similar',
      'it wants ap=checkout, the pod has no label ap',
      false,
    ],
    [
      'a longer key off by a character',
      select({ 'app.kubernetes.io/nmae': 'checkout' }),
      'label_similar',
      'the pod has app.kubernetes.io/name=checkout',
      true,
    ],
    ['another value that nobody has', select({ app: 'cart' }), 'pod_not_selected', 'it wants app=cart', true],
    [
      'an expression',
      { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'basket'] }] },
      'pod_not_selected',
      'cart or basket',
      true,
    ],
    [
      'an exception',
      { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['checkout', 'peer'] }] },
      'pod_not_selected',
      'app NotIn checkout, peer',
      true,
    ],
    [
      'a label that the pod lacks',
      select({ app: 'checkout', egress: 'vendor' }),
      'pod_not_selected',
      'the pod has no label egress',
      false,
    ],
    [
      'a label that identities lack',
      select({ app: 'checkout', 'pod-template-hash': '7d9f' }),
      'label_similar',
      'a selector that asks for it takes no pod',
      true,
    ],
    [
      'nothing but a label that identities lack',
      select({ 'pod-template-hash': '7d9f' }),
      'label_similar',
      'pod-template-hash',
      false,
    ],
  ])('%s', (_, endpointSelector, kind, says, changes) => {
    const found = ask([cnp('d', { endpointSelector, egress: [files] })]);
    const expected = says.includes('no label ap') ? 'pod_not_selected' : kind;
    expect(found.kinds).toEqual([expected]);
    expect(found.miss(expected).statement).toContain(says);
    expect(found.miss(expected).change !== undefined).toBe(changes);
    if (changes) expect(found.after(expected).decision).toBe('allowed');
  });
  it.each([
    ['the only exception', 'NotIn', ['checkout']],
    ['a label that must be absent', 'DoesNotExist', []],
  ] as const)('%s is not taken out', (_, operator, values) => {
    const endpointSelector = { matchLabels: {}, matchExpressions: [{ key: 'app', operator, values }] };
    const none = state([cnp('d', { endpointSelector, egress: [files] })], { pods: [checkout] });
    expect(asked(none, FILES, checkout).miss('pod_not_selected').change).toBeUndefined();
  });
  it('one value more, or one less, of an expression', () => {
    const change = (operator: 'In' | 'NotIn', values: string[]) => {
      const endpointSelector = { matchLabels: {}, matchExpressions: [{ key: 'app', operator, values }] };
      return ask([cnp('d', { endpointSelector, egress: [files] })]).miss('pod_not_selected').change;
    };
    const path = ['spec', 'endpointSelector', 'matchExpressions', 0, 'values'];
    expect(change('In', ['cart'])).toMatchObject({ op: 'add', path: [...path, '-'], value: 'checkout' });
    expect(change('NotIn', ['peer', 'checkout'])).toMatchObject({ op: 'remove', path: [...path, 1] });
  });
  it('in a NetworkPolicy, and in a clusterwide policy by namespace', () => {
    const network = np('n', {
      podSelector: select({ app: 'chekout' }),
      egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }],
    });
    const wide = ccnp('w', {
      endpointSelector: select({ 'k8s:io.kubernetes.pod.namespace': 'defualt' }),
      egress: [files],
    });
    for (const policy of [network, wide]) {
      const found = ask([policy]);
      expect(found.kinds).toEqual(['label_similar']);
      expect(found.after('label_similar').decision).toBe('allowed');
    }
    expect(ask([wide]).miss('label_similar').statement).toContain(
      'it wants namespace=defualt, the pod has namespace=default',
    );
  });
  it('the second of several specs', () => {
    const policy = cnp('d', [
      rule({ egress: [dnsRule()] }),
      rule({ endpointSelector: select({ app: 'chekcout' }), egress: [files] }),
    ]);
    const found = ask([policy]);
    // The other spec selects the pod, so the policy is at work for it.
    expect(found.kinds).toEqual([]);
    const alone = cnp('d', [rule({ endpointSelector: select({ app: 'chekcout' }), egress: [files] })]);
    expect(ask([alone]).miss('label_similar').change?.path.slice(0, 3)).toEqual(['specs', 0, 'endpointSelector']);
    expect(ask([alone]).after('label_similar').decision).toBe('allowed');
  });
  it.each<[string, Policy]>([
    ['a policy that is for another workload', cnp('d', { endpointSelector: select({ app: 'peer' }), egress: [files] })],
    [
      'one that misses by two labels',
      cnp('d', { endpointSelector: select({ app: 'cart', tier: 'x' }), egress: [files] }),
    ],
    [
      'one that would not allow it',
      cnp('d', { endpointSelector: select({ app: 'chekcout' }), egress: [named(['x.example'])] }),
    ],
    [
      'one that would deny it',
      cnp('d', { endpointSelector: select({ app: 'chekcout' }), egressDeny: [{ toEntities: ['world'] }] }),
    ],
    [
      'an invalid one',
      cnp('d', { endpointSelector: select({ app: 'chekcout' }), egress: [{ ...files, toCIDR: ['10.0.0.0/8'] }] }),
    ],
  ])('%s is no near miss', (_, policy) => {
    expect(ask([policy]).kinds).toEqual([]);
  });
  it('a selector that takes other pods is not edited away from them', () => {
    const tagged = pod('other', 'default', '10.0.0.8', { labels: { app: 'checkout', egress: 'vendor' } });
    const plain = { ...checkout, meta: { ...checkout.meta, labels: { app: 'checkout', egress: 'none' } } };
    const policy = cnp('d', { endpointSelector: select({ egress: 'vendor' }), egress: [files] });
    const found = asked(state([policy], { pods: [plain, tagged, DNS] }), FILES, plain);
    expect(found.kinds).toEqual(['pod_not_selected']);
    expect(found.miss('pod_not_selected').change).toBeUndefined();
  });
  it('a policy for the DNS alone', () => {
    const dns = cnp('dns', { endpointSelector: select({ app: 'chekcout' }), egress: [dnsRule()] });
    const found = asked(world([cnp('c', { egress: [files] }), dns], { pods: [checkout, DNS] }), FILES, checkout);
    expect(found.kinds).toEqual(['dns_rule_missing', 'label_similar']);
    expect(found.miss('label_similar').statement).toContain("would allow the pod's DNS but does not select the pod");
    expect(found.after('label_similar').decision).toBe('allowed');
  });
});

describe('another namespace', () => {
  it('where it selects nobody', () => {
    const found = ask([
      elsewhere(cnp('d', { endpointSelector: select({ app: 'checkout' }), egress: [files] }), 'other'),
    ]);
    expect(found.kinds).toEqual(['other_namespace']);
    expect(found.miss('other_namespace')).toMatchObject({
      rule: { policy: { namespace: 'other', name: 'd' }, path: 'spec.egress[0].toFQDNs[0]' },
      statement: expect.stringContaining('lives in namespace other'),
    });
    expect(found.miss('other_namespace').change).toBeUndefined();
  });
  it('a NetworkPolicy', () => {
    const egress = [{ to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [] } }] }];
    const network = { ...np('n', { podSelector: select({ app: 'checkout' }), egress }), meta: meta('n', 'other') };
    expect(ask([network]).kinds).toEqual(['other_namespace']);
  });
  it('one that names the namespace in vain, though it selects others', () => {
    const selector = select({ 'k8s:io.kubernetes.pod.namespace': 'default' });
    const found = ask([elsewhere(cnp('d', { endpointSelector: selector, egress: [files] }), 'other')]);
    expect(found.miss('other_namespace').statement).toContain("overwritten by the policy's own");
  });
  it('that works for pods there, or for other workloads, is none', () => {
    const there = elsewhere(cnp('d', { egress: [files] }), 'other');
    const workload = elsewhere(cnp('e', { endpointSelector: select({ app: 'cart' }), egress: [files] }), 'other');
    expect(ask([there, workload]).kinds).toEqual([]);
  });
});

describe('invalid policies', () => {
  const bad = cnp('bad', { egress: [{ ...files, toCIDR: ['10.0.0.0/8'] }] });
  it('by the agent’s rules, with the rule that would have helped', () => {
    expect(ask([bad]).miss('policy_invalid')).toMatchObject({
      rule: { path: 'spec.egress[0].toFQDNs[0]' },
      statement: expect.stringMatching(/combining toCIDR and toFQDNs.*would allow this is therefore not in force/),
    });
  });
  it('by its status', () => {
    const conditions = [{ type: 'Valid', status: 'False', message: 'unable to parse' }];
    const found = ask([{ ...cnp('bad', { egress: [files] }), conditions }]);
    expect(found.miss('policy_invalid').statement).toContain('Valid is False: unable to parse');
  });
  it('whatever the verdict, and of no help', () => {
    const found = ask([
      { ...bad, rules: [{ path: 'spec', rule: rule({ egress: [{ toCIDR: ['10.0.0.0/8'], toEntities: ['host'] }] }) }] },
      cnp('ok', { egress: [files] }),
    ]);
    expect([found.evaluation.decision, found.kinds]).toEqual(['allowed', ['policy_invalid']]);
    expect(found.miss('policy_invalid').statement).toContain('nothing of it is in force');
  });
  it('one that would not have helped comes last', () => {
    const useless = cnp('bad', { egress: [{ toCIDR: ['10.0.0.0/8'], toEntities: ['host'] }] });
    expect(ask([useless, cnp('c', { egress: [named(['api.vendor.example'])] })]).kinds).toEqual([
      'same_rule_family',
      'policy_invalid',
    ]);
  });
  it('an edited one may be in force as it was', () => {
    const found = ask([{ ...bad, meta: { ...meta('bad', 'default'), generation: 3 } }]);
    expect(found.miss('policy_invalid').statement).toContain('at most the version before its last edit');
  });
});

describe('a deny', () => {
  const exact: CiliumEgressRule = { toCIDR: ['203.0.113.10/32'], toPorts: [{ ports: ports('443/TCP') }] };
  const denying = (...egressDeny: CiliumEgressRule[]) => cnp('d', { egress: [dnsRule(), files], egressDeny });
  it('of exactly this destination can be taken out', () => {
    const found = ask([denying(exact)]);
    expect(found.kinds).toEqual(['deny_wins']);
    expect(found.miss('deny_wins')).toMatchObject({
      rule: { path: 'spec.egress[1].toFQDNs[0]' },
      statement: expect.stringMatching(
        /allows 443\/TCP.*egressDeny\[0\]\.toCIDR\[0\].* denies it and beats every allow/,
      ),
      change: { op: 'remove', path: ['spec', 'egressDeny', 0] },
    });
    expect(found.after('deny_wins').decision).toBe('allowed');
  });
  it.each<[string, readonly Policy[]]>([
    ['of a range', [denying({ toCIDR: ['203.0.113.0/24'], toPorts: [{ ports: ports('443/TCP') }] })]],
    ['of more ports', [denying({ toCIDR: ['203.0.113.10/32'] })]],
    ['of two ports', [denying({ ...exact, toPorts: [{ ports: ports('443/TCP', '80/TCP') }] })]],
    ['of more protocols', [denying({ ...exact, toPorts: [{ ports: ports('443') }] })]],
    ['of more addresses', [denying({ ...exact, toCIDR: ['203.0.113.10/32', '203.0.113.11/32'] })]],
    ['of a port name', [denying({ ...exact, toPorts: [{ ports: ports('https/TCP') }] })]],
    [
      'of a range of ports',
      [denying({ ...exact, toPorts: [{ ports: [{ port: '443', endPort: 444, protocol: 'TCP' }] }] })],
    ],
    [
      'of a range of ports that ends here',
      [denying({ ...exact, toPorts: [{ ports: [{ port: '442', endPort: 443, protocol: 'TCP' }] }] })],
    ],
    ['of its address by name', [denying({ toEntities: ['world'], toPorts: tcp443 })]],
    ['of the world', [denying({ toEntities: ['world'] })]],
    ['beside another', [denying(exact, { toEntities: ['world'] })]],
    ['that is all its policy has', [cnp('a', { egress: [files] }), cnp('d', { egressDeny: [exact] })]],
  ])('%s stays', (_, policies) => {
    const found = ask(policies);
    expect(found.kinds).toEqual(['deny_wins']);
    expect(found.miss('deny_wins').change).toBeUndefined();
  });
  it('of a later element of its list can be taken out, and in another spec', () => {
    const elsewhere = Array.from({ length: 10 }, () => ({ toCIDR: ['10.9.0.0/16'] }));
    expect(ask([denying(...elsewhere, exact)]).miss('deny_wins').change?.path).toEqual(['spec', 'egressDeny', 10]);
    const specs = cnp('d', [rule({ egress: [dnsRule(), files] }), rule({ egressDeny: [exact, ...elsewhere] })]);
    expect(ask([specs]).miss('deny_wins').change?.path).toEqual(['specs', 1, 'egressDeny', 0]);
    // The other spec would be left without any element.
    const alone = cnp('d', [rule({ egress: [dnsRule(), files] }), rule({ egressDeny: [exact] })]);
    expect(ask([alone]).miss('deny_wins').change).toBeUndefined();
  });
  it('of an IPv6 address can be taken out, of its network it stays', () => {
    const to = { ...FILES, addresses: ['2001:db8::10'] };
    const six = (cidr: string) => state([denying({ toCIDR: [cidr], toPorts: tcp443 })]);
    expect(asked(six('2001:db8::10/128'), to, checkout).miss('deny_wins').change?.op).toBe('remove');
    expect(asked(six('2001:db8::/32'), to, checkout).miss('deny_wins').change).toBeUndefined();
  });
  it('without an allow it beats nobody', () => {
    const found = ask([cnp('d', { egress: [dnsRule(), named(['x.example'])], egressDeny: [exact] })]);
    expect([found.evaluation.connect.reason, found.kinds]).toEqual(['explicit_deny', []]);
  });
  it('of the DNS beats its allow', () => {
    const found = ask([denying({ toEntities: ['cluster'] })]);
    expect(found.miss('deny_wins').rule.path).toBe('spec.egress[0].toEndpoints[0]');
    expect(found.miss('deny_wins').statement).toContain('53/UDP');
  });
});

describe('order and number', () => {
  it('at most twelve, what fits but for one thing before what resembles it', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      cnp(`m${index}`, { egress: [named([`a${index}.vendor.example`])] }),
    );
    const found = ask([...many, cnp('z', { endpointSelector: select({ app: 'chekcout' }), egress: [files] })]);
    expect(found.kinds).toHaveLength(12);
    expect(found.kinds[0]).toBe('label_similar');
    expect(new Set(found.kinds.slice(1))).toEqual(new Set(['same_rule_family']));
  });
  it('each place once', () => {
    const to: Destination = { ...FILES, addresses: ['203.0.113.10', '203.0.113.11'] };
    const found = asked(
      state([cnp('c', { egress: [named(['api.vendor.example', 'login.vendor.example'])] })]),
      to,
      checkout,
    );
    expect(found.kinds).toEqual(['same_rule_family']);
  });
  it('nothing for a pod that no policy isolates', () => {
    expect(asked(world([]), FILES).kinds).toEqual([]);
  });
});
