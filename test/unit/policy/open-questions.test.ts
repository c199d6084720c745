/** What was not read counts only where it could change the answer: before or in the layer that decided, and at the same gate. */
import { describe, expect, it } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { CiliumEgressRule, Policy } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { anp, ask, banp, cilium, kcnp, OVN, on } from './kinds/admin-world.ts';
import { firewall } from './kinds/foreign-world.ts';
import { cnp, meta, np, P, select, world } from './world.ts';

const W = '203.0.113.10:443';
const ANY = '{networks: [0.0.0.0/0]}';
const unread = (...resources: readonly string[]): NotRead[] =>
  resources.map((what) => ({ what, code: 'forbidden', reason: 'no right' }));

const open = np('open', { egress: [{}] });
const closed = np('closed', { policyTypes: ['Egress'] });
const adminAllow = anp('a', `[{action: Allow, to: [${ANY}]}]`);
const adminDeny = anp('a', `[{action: Deny, to: [${ANY}]}]`);
const baselineDeny = banp(`[{action: Deny, to: [${ANY}]}]`);
const baselineAllow = banp(`[{action: Allow, to: [${ANY}]}]`);
const wall = (type: string) => firewall(`{egress: [{type: ${type}, to: {cidrSelector: 0.0.0.0/0}}]}`);

describe('on an engine with tiers before and after the NetworkPolicies', () => {
  it.each<[string, readonly Policy[], string, string]>([
    ['nothing isolates, NetworkPolicies unread', [], 'networkpolicies', 'unknown'],
    ['nothing isolates, admin tier unread', [], 'adminnetworkpolicies', 'unknown'],
    ['nothing isolates, baseline unread', [], 'baselineadminnetworkpolicies', 'unknown'],
    ['allowed in the admin tier, NetworkPolicies unread', [adminAllow], 'networkpolicies', 'allowed'],
    ['allowed in the admin tier, baseline unread', [adminAllow], 'baselineadminnetworkpolicies', 'allowed'],
    ['allowed in the admin tier, more of it unread', [adminAllow], 'adminnetworkpolicies', 'unknown'],
    ['denied in the admin tier, NetworkPolicies unread', [adminDeny], 'networkpolicies', 'denied'],
    ['denied in the admin tier, more of it unread', [adminDeny], 'adminnetworkpolicies', 'unknown'],
    ['allowed by a NetworkPolicy, others unread', [open], 'networkpolicies', 'allowed'],
    ['allowed by a NetworkPolicy, admin tier unread', [open], 'adminnetworkpolicies', 'unknown'],
    ['allowed by a NetworkPolicy, baseline unread', [open], 'baselineadminnetworkpolicies', 'allowed'],
    ['dropped by default, NetworkPolicies unread', [closed], 'networkpolicies', 'unknown'],
    ['dropped by default, baseline unread', [closed], 'baselineadminnetworkpolicies', 'denied'],
    ['denied in the baseline, NetworkPolicies unread', [baselineDeny], 'networkpolicies', 'unknown'],
    ['allowed in the baseline, NetworkPolicies unread', [baselineAllow], 'networkpolicies', 'unknown'],
    ['allowed in the baseline, more of it unread', [baselineAllow], 'baselineadminnetworkpolicies', 'unknown'],
  ])('%s', (_, policies, resource, decision) => {
    expect(
      ask(
        on(OVN, [...policies, anp('seen', '[]', { priority: 90 }), banpSeen(policies)].flat(), {
          notRead: unread(resource),
        }),
        W,
      ).connect.decision,
    ).toBe(decision);
  });

  /** OVN-Kubernetes is known to enforce a kind by an object that carries its status. */
  function banpSeen(policies: readonly Policy[]): Policy[] {
    return policies.some(({ kind }) => kind === 'BaselineAdminNetworkPolicy') ? [] : [banp('[]')];
  }
});

describe('on Cilium', () => {
  const deny = cnp('never', { egressDeny: [{ toEntities: ['world'] }] });

  it('a deny of the union stands, whatever else of it was not read', () => {
    const notRead = unread('ciliumnetworkpolicies', 'networkpolicies');
    expect(ask(on(cilium(19), [deny], { notRead }), W).connect.decision).toBe('denied');
  });
  it('an unread admin tier may overrule it, where there is one', () => {
    const notRead = unread('clusternetworkpolicies');
    expect(ask(on(cilium(20), [deny], { notRead }), W).connect.decision).toBe('unknown');
    expect(ask(on(cilium(19), [deny], { notRead }), W).connect.decision).toBe('denied');
  });
  it('requirements of a deny rule may narrow the deny of another policy, before 1.19', () => {
    const wide = cnp('wide', { egressDeny: [{ toEndpoints: [select()] }] });
    const demands = { toEndpoints: [select({ app: 'db' })], toRequires: [select({ app: 'db' })] };
    const connect = (policies: readonly Policy[], minor: number) =>
      ask(on(cilium(minor), policies), '10.0.0.2:443').connect.decision;
    expect(connect([wide], 18)).toBe('denied');
    expect(connect([wide, cnp('narrow', { egressDeny: [demands] })], 18)).toBe('unknown');
    expect(connect([wide, cnp('narrow', { egress: [demands] })], 18)).toBe('denied');
    expect(connect([wide, cnp('refused', { egressDeny: [demands] })], 19)).toBe('denied');
  });
  it('a doubtful policy of the admin tier may overrule it too', () => {
    const doubtful = kcnp('early', `[{action: Accept, to: [${ANY}]}]`, {
      subject: '{namespaces: {matchLabels: {team: x}}}',
    });
    expect(ask(on(cilium(20), [deny, doubtful], { namespaces: [] }), W).connect.decision).toBe('unknown');
    expect(ask(on(cilium(20), [deny, doubtful]), W).connect.decision).toBe('denied');
  });
  it('from 1.20 a policy after the union may still let a dropped packet through', () => {
    const doubtful = kcnp('late', `[{action: Accept, to: [${ANY}]}]`, {
      tier: 'Baseline',
      subject: '{namespaces: {matchLabels: {team: x}}}',
    });
    expect(ask(on(cilium(20), [closed, doubtful], { namespaces: [] }), W).connect.decision).toBe('unknown');
  });
});

describe('two gates', () => {
  const notRead = unread('networkpolicies');

  it('an allow at the firewall says nothing about policies that were not read', () => {
    expect(ask(on(OVN, [wall('Allow')], { notRead }), W).connect.decision).toBe('unknown');
    expect(ask(on(OVN, [wall('Allow')]), W).connect.decision).toBe('allowed');
  });
  it('an allow by a policy says nothing about a firewall that was not read', () => {
    const state = on(OVN, [open], { notRead: unread('egressfirewalls') });
    expect(ask(state, W).connect).toMatchObject({ decision: 'unknown' });
    expect(ask(state, W).connect.explanation).toContain('egressfirewalls');
  });
  it('a deny at either gate is a deny, whatever the other one leaves open', () => {
    expect(ask(on(OVN, [wall('Deny')], { notRead }), W).connect.decision).toBe('denied');
    expect(ask(on(OVN, [adminDeny], { notRead: unread('egressfirewalls') }), W).connect.decision).toBe('denied');
  });
});

describe('policies of kinds that are not evaluated', () => {
  const other = (namespace: string | undefined, apiVersion = 'vendor.example/v1') => ({
    unsupported: [{ kind: 'VendorPolicy', apiVersion, meta: meta('x', namespace) }],
  });
  const router = { cni: 'kube-router', seenBy: 'test' } as const;
  const connect = (
    policies: readonly Policy[],
    more: object,
    engine: typeof router | ReturnType<typeof cilium> = router,
  ) => ask(on(engine, policies, more), W).connect;

  it.each<[string, readonly Policy[], object, string]>([
    ['may isolate', [], other('default'), 'unknown'],
    ['may deny', [open], other('default'), 'unknown'],
    ['may allow', [closed], other('default'), 'unknown'],
    ['may be for all namespaces', [open], other(undefined), 'unknown'],
    ['elsewhere do not matter', [open], other('other'), 'allowed'],
    [
      "are not those of a mesh, which the pod's proxy reads",
      [open],
      other('default', 'networking.istio.io/v1'),
      'allowed',
    ],
    [
      "are not those of a mesh, which the pod's proxy reads",
      [open],
      other('default', 'policy.linkerd.io/v1'),
      'allowed',
    ],
  ])('%s', (_, policies, more, decision) => {
    expect(connect(policies, more).decision).toBe(decision);
  });

  it('are named', () => {
    expect(connect([], other('default')).explanation).toContain(
      'VendorPolicy default/x (vendor.example/v1) exists and is of a kind that is not evaluated',
    );
    expect(connect([], other(undefined)).explanation).toContain('VendorPolicy x (vendor.example/v1) exists');
  });

  it('are unknown to Cilium, and cannot overrule what a firewall denies', () => {
    expect(connect([], other('default'), cilium(19)).decision).toBe('allowed');
    expect(ask(on(OVN, [wall('Deny')], other('default')), W).connect.decision).toBe('denied');
    expect(ask(on(OVN, [wall('Allow')], other('default')), W).connect.decision).toBe('unknown');
  });

  it('may overrule a rule of an ordered layer', () => {
    expect(ask(on(OVN, [adminDeny], other('default')), W).connect.decision).toBe('unknown');
    expect(ask(on(OVN, [adminDeny]), W).connect.decision).toBe('denied');
  });
});

it('of several open rules the one that can be acted on is named: the DNS rule before the address before the data', () => {
  const host = 'files.vendor.example';
  const byName = { toFQDNs: [{ matchName: host }] };
  const range = { toCIDR: ['203.0.113.0/24'] };
  const groups = { toGroups: [{}] };
  const dns = { toEntities: ['cluster'] };
  const reason = (...egress: CiliumEgressRule[]) =>
    evaluateEgress(world([cnp('c', { egress: [dns, ...egress] })]), P, {
      host,
      cnames: [],
      addresses: [],
      port: 443,
      protocol: 'TCP',
    }).connect.reason;
  expect(reason(groups, range, byName)).toBe('dns_not_proxied');
  expect(reason(groups, range)).toBe('address_unknown');
  expect(reason(groups)).toBe('incomplete_state');
});
