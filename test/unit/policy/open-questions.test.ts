/** What was not read counts only where it could change the answer: before or in the layer that decided, and at the same gate. */
import { describe, expect, it } from 'vitest';
import type { NotRead } from '../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { anp, ask, banp, cilium, kcnp, OVN, on } from './kinds/admin-world.ts';
import { firewall } from './kinds/foreign-world.ts';
import { cnp, np, select } from './world.ts';

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
