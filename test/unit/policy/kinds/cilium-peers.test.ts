/** What peers of Cilium rules take, by version and configuration (policy-semantics §3.4; where a case says more, its source is in `translate/cilium`). */
import { describe, expect, it } from 'vitest';
import type { CiliumCidrRule, CiliumEgressRule } from '../../../../src/core/model/policy.ts';
import type { LabelRequirement, LabelSelector } from '../../../../src/core/model/selector.ts';
import { evaluateEgress } from '../../../../src/core/policy/evaluate.ts';
import { cnp, meta, np, P, pod, ports, select, world } from '../world.ts';

const V18 = '1.18.4';
const V19 = '1.19.5';
const V20 = '1.20.2';
type More = NonNullable<Parameters<typeof world>[1]>;

function connect(rule: CiliumEgressRule, address: string, more: More = {}) {
  const named = address === '' ? { host: 'a.vendor.example' } : {};
  const state = world([cnp('c', { egress: [rule] })], more);
  const addresses = address === '' ? [] : [address];
  return evaluateEgress(state, P, { ...named, cnames: [], addresses, port: 443, protocol: 'TCP' }).connect;
}
const takes = (...question: Parameters<typeof connect>) => connect(...question).decision;

const group = (name: string, labels: Record<string, string>, ...externalCIDRs: string[]) => ({
  meta: meta(name, undefined, labels),
  externalCIDRs,
});
const inSet = (set: Partial<CiliumCidrRule>): CiliumEgressRule => ({ toCIDRSet: [{ except: [], ...set }] });
const bySelector = (selector: LabelSelector, except: string[] = []) => inSet({ cidrGroupSelector: selector, except });
const asks = (operator: LabelRequirement['operator'], values: string[] = [], key = 'kind'): LabelSelector => ({
  matchLabels: {},
  matchExpressions: [{ key, operator, values }],
});
const PARTNER = '203.0.113.10';
const groups = [
  group('partner', { kind: 'partner', team: 'pay' }, '203.0.113.0/24', 'vendor.example'),
  group('office', { kind: 'office' }, '203.0.113.0/28', '198.51.100.0/24'),
];

describe('groups by selector', () => {
  it.each<[string, LabelSelector, string, 'allowed' | 'denied']>([
    ['a label', select({ kind: 'partner' }), PARTNER, 'allowed'],
    ['a label of another group', select({ kind: 'office' }), '203.0.113.200', 'denied'],
    ['a label of nobody', select({ kind: 'x' }), PARTNER, 'denied'],
    ['labels of two groups together', select({ kind: 'office', team: 'pay' }), PARTNER, 'allowed'],
    [
      'labels of two groups, of which one is elsewhere',
      select({ kind: 'office', team: 'pay' }),
      '198.51.100.1',
      'denied',
    ],
    ['an address that no group holds', select({ kind: 'partner' }), '192.0.2.1', 'denied'],
    ['one of several values', asks('In', ['x', 'office']), PARTNER, 'allowed'],
    ['none of several values', asks('In', ['x', 'y']), PARTNER, 'denied'],
    ['not a value', asks('NotIn', ['partner']), '203.0.113.200', 'denied'],
    ['not a value that it lacks', asks('NotIn', ['partner']), '198.51.100.1', 'allowed'],
    ['not a value, in no group', asks('NotIn', ['partner']), '192.0.2.1', 'allowed'],
    ['a key', asks('Exists', [], 'team'), PARTNER, 'allowed'],
    ['a key that it lacks', asks('Exists', [], 'team'), '198.51.100.1', 'denied'],
    ['no key', asks('DoesNotExist', [], 'team'), '198.51.100.1', 'allowed'],
    ['no key that it has', asks('DoesNotExist', [], 'team'), PARTNER, 'denied'],
    ['everything', select(), '192.0.2.1', 'allowed'],
  ])('%s', (_, selector, address, expected) => {
    expect(takes(bySelector(selector), address, { cidrGroups: groups, version: V19 })).toBe(expected);
  });

  it('whose narrower one hides the value of the wider one before 1.19', () => {
    const partner = bySelector(select({ kind: 'partner' }));
    expect(takes(partner, PARTNER, { cidrGroups: groups, version: V18 })).toBe('denied');
    expect(takes(partner, '203.0.113.200', { cidrGroups: groups, version: V18 })).toBe('allowed');
    expect(takes(bySelector(select({ kind: 'office' })), PARTNER, { cidrGroups: groups, version: V18 })).toBe(
      'allowed',
    );
    expect(takes(bySelector(select({ team: 'pay' })), PARTNER, { cidrGroups: groups, version: V18 })).toBe('allowed');
  });

  it('with a source in the key, since 1.20', () => {
    for (const key of ['any:kind', 'cidrgroup:kind'])
      expect(takes(bySelector(select({ [key]: 'partner' })), PARTNER, { cidrGroups: groups, version: V20 })).toBe(
        'allowed',
      );
    expect(takes(bySelector(select({ 'k8s:kind': 'partner' })), PARTNER, { cidrGroups: groups, version: V20 })).toBe(
      'denied',
    );
  });

  it('less exceptions', () => {
    const but = (...except: string[]) =>
      takes(bySelector(select({ kind: 'partner' }), except), PARTNER, { cidrGroups: groups });
    expect(but('203.0.113.10/32')).toBe('denied');
    expect(but('203.0.113.11/32')).toBe('allowed');
    expect(but('203.0.113.128/25', '203.0.113.0/25')).toBe('denied');
    expect(but('0.0.0.0/0')).toBe('denied');
  });

  it('of a name whose addresses are not known', () => {
    expect(takes(bySelector(select({ kind: 'partner' })), '', { cidrGroups: groups })).toBe('unknown');
  });

  it.each<[string, string, string, Record<string, string>, 'allowed' | 'denied']>([
    ['a pod, until 1.19', V19, '10.0.0.2', {}, 'allowed'],
    ['a node, until 1.19', V19, '10.1.1.1', {}, 'allowed'],
    ['a pod, since 1.20', V20, '10.0.0.2', {}, 'denied'],
    ['a node, since 1.20', V20, '10.1.1.1', {}, 'denied'],
    ['a pod where ranges hold pods', V20, '10.0.0.2', { 'policy-cidr-match-mode': 'pods' }, 'allowed'],
    ['a node where ranges hold nodes', V20, '10.1.1.1', { 'policy-cidr-match-mode': 'nodes' }, 'allowed'],
    ['a node where ranges hold pods', V20, '10.1.1.1', { 'policy-cidr-match-mode': 'pods' }, 'denied'],
  ])('that only excludes takes %s', (_, version, address, config, expected) => {
    expect(takes(bySelector(asks('DoesNotExist')), address, { version, config, cidrGroups: groups })).toBe(expected);
    expect(takes(bySelector(asks('Exists')), address, { version, config, cidrGroups: groups })).toBe('denied');
  });
});

describe('an empty selector of groups', () => {
  it('takes everything until 1.19; since 1.20 the world for certain, the rest as it was met before', () => {
    const asked = (address: string, version: string, except: string[] = []) =>
      connect(bySelector(select(), except), address, { version });
    expect([asked(PARTNER, V19).decision, asked('10.0.0.2', V19).decision]).toEqual(['allowed', 'allowed']);
    expect(asked(PARTNER, V20)).toMatchObject({
      decision: 'allowed',
      decidedBy: [{ path: 'spec.egress[0].toCIDRSet[0]' }],
    });
    expect(asked('10.0.0.2', V20)).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining(
        'Cilium takes an empty cidrGroupSelector for any destination if it met one such rule before',
      ),
    });
    // With an exception it is a selector like any other.
    expect([
      asked(PARTNER, V20, ['198.51.100.0/24']).decision,
      asked('10.0.0.2', V20, ['198.51.100.0/24']).decision,
    ]).toEqual(['allowed', 'denied']);
  });
});

describe('how ranges are called', () => {
  it.each<[CiliumEgressRule, string]>([
    [{ toCIDR: ['203.0.113.0/24'] }, 'toCIDR 203.0.113.0/24 on all ports'],
    [inSet({ cidr: '203.0.113.0/24' }), 'toCIDRSet 203.0.113.0/24 on all ports'],
    [
      inSet({ cidr: '203.0.113.0/24', except: ['203.0.113.1/32', '203.0.113.2/32'] }),
      'toCIDRSet 203.0.113.0/24 except 203.0.113.1/32, 203.0.113.2/32 on all ports',
    ],
    [inSet({ cidrGroupRef: 'partner' }), 'CiliumCIDRGroup partner 203.0.113.0/24 on all ports'],
    [bySelector(select({ kind: 'partner' })), 'CiliumCIDRGroups {kind=partner} on all ports'],
  ])('%j: %s', (rule, text) => {
    expect(connect(rule, PARTNER, { cidrGroups: groups }).decidedBy[0]?.text).toBe(text);
  });

  it('in a NetworkPolicy', () => {
    const text = (to: object, address: string) =>
      evaluateEgress(world([np('n', { egress: [{ to: [to] }] })]), P, {
        cnames: [],
        addresses: [address],
        port: 443,
        protocol: 'TCP',
      }).connect.decidedBy[0]?.text;
    expect(text({ ipBlock: { cidr: '203.0.113.0/24', except: [] } }, PARTNER)).toBe(
      'ipBlock 203.0.113.0/24 on all ports',
    );
    expect(text({ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.1/32', '203.0.113.2/32'] } }, PARTNER)).toBe(
      'ipBlock 203.0.113.0/24 except 203.0.113.1/32, 203.0.113.2/32 on all ports',
    );
    const both = { podSelector: select({ app: 'o' }), namespaceSelector: select({ team: 'x' }) };
    expect(text(both, '10.2.3.9')).toBe('namespaceSelector {team=x} and podSelector {app=o} on all ports');
  });
});

describe('groups by name', () => {
  const ref = (name: string, except: string[] = []) => inSet({ cidrGroupRef: name, except });
  it.each<[string, CiliumEgressRule, string, 'allowed' | 'denied']>([
    ['its range', ref('partner'), PARTNER, 'allowed'],
    ['outside its range', ref('partner'), '192.0.2.1', 'denied'],
    ['its second range', ref('office'), '198.51.100.1', 'allowed'],
    ['a range less an exception', ref('partner', ['203.0.113.0/28']), PARTNER, 'denied'],
    ['a range beside the exception', ref('partner', ['203.0.113.0/28']), '203.0.113.200', 'allowed'],
    ['a missing one', ref('gone'), PARTNER, 'denied'],
    ['a missing one with ports', { ...ref('gone'), toPorts: [{ ports: ports('443') }] }, PARTNER, 'denied'],
    ['a pod', ref('inside'), '10.0.0.2', 'denied'],
  ])('%s', (_, rule, address, expected) => {
    expect(takes(rule, address, { cidrGroups: [...groups, group('inside', {}, '10.0.0.0/8')] })).toBe(expected);
  });

  it('may not have been read', () => {
    const notRead = [{ what: 'ciliumcidrgroups', code: 'forbidden', reason: 'no right' } as const];
    expect(takes(ref('gone'), PARTNER, { notRead })).toBe('unknown');
    expect(takes(bySelector(select({ kind: 'x' })), PARTNER, { notRead })).toBe('unknown');
  });
});

describe('ranges', () => {
  const NO6 = { 'enable-ipv6': 'false' };
  const NO4 = { 'enable-ipv4': 'false' };
  const NODES = { 'policy-cidr-match-mode': 'nodes' };
  const PODS = { 'policy-cidr-match-mode': 'pods' };
  const SIX = '2001:db8::1';
  const all = (cidr: string): CiliumEgressRule => ({ toCIDR: [cidr] });
  const allSet = (cidr: string, ...except: string[]) => inSet({ cidr, except });

  it.each<[string, CiliumEgressRule, string, string, Record<string, string>, 'allowed' | 'denied']>([
    ['all of IPv4', all('0.0.0.0/0'), PARTNER, V19, {}, 'allowed'],
    ['all of IPv4, to IPv6', all('0.0.0.0/0'), SIX, V19, {}, 'denied'],
    ['all of IPv6', all('::/0'), SIX, V19, {}, 'allowed'],
    ['half of IPv4', all('0.0.0.0/1'), PARTNER, V18, NO6, 'denied'],
    // Before 1.19 the family that is off is no label of the world in toCIDR, and the world's one label in toCIDRSet.
    ['all of IPv6, which is off', all('::/0'), PARTNER, V18, NO6, 'denied'],
    ['all of IPv6, which is off, to IPv6', all('::/0'), SIX, V18, NO6, 'allowed'],
    ['all of IPv4 while IPv6 is off', all('0.0.0.0/0'), SIX, V18, NO6, 'allowed'],
    ['all of IPv4, which is off', all('0.0.0.0/0'), SIX, V18, NO4, 'denied'],
    ['all of IPv6 while it is on', all('::/0'), PARTNER, V18, {}, 'denied'],
    ['all of IPv6, which is off, since 1.19', all('::/0'), PARTNER, V19, NO6, 'denied'],
    ['all of IPv6, which is off, in a set', allSet('::/0'), PARTNER, V18, NO6, 'allowed'],
    ['all of IPv4, which is off, in a set', allSet('0.0.0.0/0'), SIX, V18, NO4, 'allowed'],
    ['all of IPv6, which is off, in a set since 1.19', allSet('::/0'), PARTNER, V19, NO6, 'denied'],
    ['a part of IPv6, which is off, in a set', allSet('2001:db8::/32'), PARTNER, V18, NO6, 'denied'],
    ['all of IPv4 in a set, to a pod', allSet('0.0.0.0/0'), '10.0.0.2', V18, NO6, 'denied'],
    // Nodes.
    ['a node where ranges hold nodes', all('10.0.0.0/8'), '10.1.1.1', V19, NODES, 'allowed'],
    ['a node where ranges hold pods', all('10.0.0.0/8'), '10.1.1.1', V20, PODS, 'denied'],
    ['all of IPv4, a node where ranges hold nodes', all('0.0.0.0/0'), '10.1.1.1', V19, NODES, 'denied'],
    ['all of IPv4, a node where ranges hold nodes, before 1.19', all('0.0.0.0/0'), '10.1.1.1', V18, NODES, 'allowed'],
    // Pods.
    ['a pod where ranges hold pods', all('10.0.0.0/8'), '10.0.0.2', V20, PODS, 'allowed'],
    ['a pod where ranges hold pods, before 1.20', all('10.0.0.0/8'), '10.0.0.2', V19, PODS, 'denied'],
    ['a pod where ranges hold nodes', all('10.0.0.0/8'), '10.0.0.2', V20, NODES, 'denied'],
    ['all of IPv4, a pod where ranges hold pods', all('0.0.0.0/0'), '10.0.0.2', V20, PODS, 'allowed'],
    [
      'all of IPv4, a pod where ranges hold pods and IPv4 is off',
      all('0.0.0.0/0'),
      '10.0.0.2',
      V20,
      { ...PODS, ...NO4 },
      'denied',
    ],
    ['all of IPv4 but all, where ranges hold pods', allSet('0.0.0.0/0', '0.0.0.0/0'), PARTNER, V20, PODS, 'allowed'],
    ['all of IPv4 but all', allSet('0.0.0.0/0', '0.0.0.0/0'), PARTNER, V20, {}, 'denied'],
    [
      'all of IPv4 but a part, where ranges hold pods',
      allSet('0.0.0.0/0', '203.0.113.0/24'),
      PARTNER,
      V20,
      PODS,
      'denied',
    ],
  ])('%s', (_, rule, address, version, config, expected) => {
    expect(takes(rule, address, { version, config })).toBe(expected);
  });

  it('hold a pod by any of its addresses where they hold pods at all, and by the asked one elsewhere', () => {
    const dual = pod('dual', 'default', '10.0.9.1', { podIPs: ['10.0.9.1', 'fd00::9'] });
    const pods = [P, dual];
    expect(takes(all('fd00::/64'), '10.0.9.1', { version: V20, config: PODS, pods })).toBe('allowed');
    expect(takes(all('fd00::/64'), '10.0.9.1', { version: V20, pods })).toBe('denied');
    const block = np('n', { egress: [{ to: [{ ipBlock: { cidr: 'fd00::/64', except: [] } }] }] });
    const router = (address: string) =>
      evaluateEgress(world([block], { pods, engine: { cni: 'kube-router', seenBy: 'test' } }), P, {
        cnames: [],
        addresses: [address],
        port: 443,
        protocol: 'TCP',
      }).connect.decision;
    expect([router('10.0.9.1'), router('fd00::9')]).toEqual(['denied', 'allowed']);
  });

  it('of a name whose addresses are not known', () => {
    expect(takes(all('0.0.0.0/0'), '')).toBe('allowed');
    expect(takes(all('0.0.0.0/1'), '')).toBe('unknown');
    expect(takes(all('::/0'), '')).toBe('unknown');
    expect(takes(allSet('0.0.0.0/0', '10.0.0.0/8'), '')).toBe('unknown');
  });
});

describe('lists that are empty', () => {
  const tcp = { toPorts: [{ ports: ports('443/TCP') }] };
  it.each<[string, CiliumEgressRule, 'allowed' | 'denied']>([
    ['toEndpoints', { toEndpoints: [] }, 'denied'],
    ['toEntities', { toEntities: [] }, 'denied'],
    ['toCIDR', { toCIDR: [] }, 'denied'],
    ['toCIDRSet', { toCIDRSet: [] }, 'denied'],
    ['toNodes', { toNodes: [] }, 'denied'],
    ['toFQDNs', { toFQDNs: [] }, 'allowed'],
    ['toServices', { toServices: [] }, 'allowed'],
    ['toGroups', { toGroups: [] }, 'allowed'],
    ['nothing but ports', {}, 'allowed'],
  ])('%s with ports: %s', (_, rule, expected) => {
    expect(takes({ ...rule, ...tcp }, PARTNER)).toBe(expected);
    expect(takes(rule, PARTNER)).toBe('denied');
  });

  it('toGroups is looked up in the cloud account', () => {
    expect(connect({ toGroups: [{ aws: {} }] }, PARTNER)).toMatchObject({
      decision: 'unknown',
      explanation: expect.stringContaining('toGroups is looked up in the cloud account'),
    });
  });

  it('toRequires is not evaluated, before 1.19', () => {
    const rule = { toEndpoints: [select({ app: 'peer' })], toRequires: [select({ team: 'x' })] };
    expect(takes(rule, '10.0.0.2', { version: V18 })).toBe('unknown');
    expect(takes({ ...rule, toRequires: [] }, '10.0.0.2', { version: V18 })).toBe('allowed');
  });
});

describe('scopes of toEndpoints and toNodes', () => {
  const LABELS = { 'enable-node-selector-labels': 'true' };
  it.each<[string, CiliumEgressRule, string, More, 'allowed' | 'denied']>([
    ['nodes of the own cluster', { toNodes: [select({ zone: 'b' })] }, '10.1.1.1', { config: LABELS }, 'allowed'],
    ['not the own node', { toNodes: [select()] }, '10.1.1.9', { config: LABELS }, 'denied'],
    ['nodes of another zone', { toNodes: [select({ zone: 'a' })] }, '10.1.1.1', { config: LABELS }, 'denied'],
    ['pods are no nodes', { toNodes: [select()] }, '10.0.0.2', { config: LABELS }, 'denied'],
    [
      'another cluster by name',
      { toEndpoints: [select({ 'k8s:io.cilium.k8s.policy.cluster': 'east' })] },
      '10.0.0.2',
      {},
      'denied',
    ],
    [
      'the own cluster by name',
      { toEndpoints: [select({ 'io.cilium.k8s.policy.cluster': 'east' })] },
      '10.0.0.2',
      { config: { 'cluster-name': 'east' } },
      'allowed',
    ],
    ['the own namespace', { toEndpoints: [select()] }, '10.2.3.9', {}, 'denied'],
    [
      'a namespace by name',
      { toEndpoints: [select({ 'io.kubernetes.pod.namespace': 'other' })] },
      '10.2.3.9',
      {},
      'allowed',
    ],
    [
      'a namespace by its labels',
      { toEndpoints: [select({ 'io.cilium.k8s.namespace.labels.team': 'x' })] },
      '10.2.3.9',
      {},
      'allowed',
    ],
    [
      'what is reserved has no namespace',
      { toEndpoints: [select({ 'reserved:host': '' })] },
      '10.1.1.9',
      {},
      'allowed',
    ],
  ])('%s', (_, rule, address, more, expected) => {
    const nodes = [
      { meta: meta('n1', undefined, { zone: 'b' }), addresses: ['10.1.1.9'] },
      { meta: meta('n2', undefined, { zone: 'b' }), addresses: ['10.1.1.1'] },
    ];
    expect(takes(rule, address, { nodes, ...more })).toBe(expected);
  });
});
