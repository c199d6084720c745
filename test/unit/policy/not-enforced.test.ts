/** Policies that nobody enforces: named where they would change the verdict, and only there. */
import { describe, expect, it } from 'vitest';
import type { CniName } from '../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { firewall, sdnPolicy } from './kinds/foreign-world.ts';
import { ccnp, cnp, np, P, select, tcp443, world } from './world.ts';

const destination = {
  host: 'api.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP' as const,
};
const misses = (policies: readonly Policy[], cni: CniName, to = destination) => {
  const state = world(policies, { engine: { cni, seenBy: 'test' } });
  return evaluateEgress(state, P, to).nearMisses.filter(({ kind }) => kind === 'policy_not_enforced');
};

const vendor = { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: tcp443 };
const denyOut = firewall('egress: [{ type: Deny, to: { cidrSelector: 0.0.0.0/0 } }]');
const closed = np('closed', { policyTypes: ['Egress'] });

describe('a policy that nobody enforces', () => {
  it.each<[string, readonly Policy[], CniName, RegExp]>([
    [
      'would isolate',
      [cnp('c', { egress: [{ toEntities: ['cluster'] }] })],
      'flannel',
      /would isolate the pod and allows it nowhere, but nobody enforces it here: the network plugin \(flannel\)/,
    ],
    ['would isolate, NetworkPolicy', [closed], 'flannel', /flannel does not enforce NetworkPolicy/],
    ['would deny', [ccnp('c', { egressDeny: [{ toEntities: ['world'] }] })], 'calico', /would deny it/],
    [
      'would deny, a firewall',
      [denyOut],
      'cilium',
      /would deny it, but nobody enforces it here: the network plugin \(cilium\) does not enforce EgressFirewall/,
    ],
    ['would allow what another one drops', [closed, cnp('c', { egress: [vendor] })], 'kube-router', /would allow it/],
  ])('%s', (_, policies, cni, statement) => {
    const found = misses(policies, cni);
    expect(found).toHaveLength(1);
    expect(found[0]?.statement).toMatch(statement);
    expect(found[0]?.change).toBeUndefined();
  });

  it.each<[string, readonly Policy[], CniName]>([
    ['it is enforced', [cnp('c', { egress: [{ toEntities: ['cluster'] }] })], 'cilium'],
    ['it may be enforced', [closed], 'k3s'],
    ['it does not select the pod', [cnp('c', { endpointSelector: select({ app: 'q' }), egress: [{}] })], 'flannel'],
    ['it would allow what is allowed', [cnp('c', { egress: [vendor] })], 'flannel'],
    ['it would drop what is dropped', [closed, cnp('c', { egress: [{ toEntities: ['cluster'] }] })], 'kube-router'],
    [
      'it says nothing about the destination',
      [sdnPolicy('s', 'egress: [{ type: Deny, to: { cidrSelector: 198.51.100.0/24 } }]')],
      'cilium',
    ],
    ['it would be invalid', [cnp('c', { egress: [{ toCIDR: ['x'] }] })], 'flannel'],
  ])('is no news where %s', (_, policies, cni) => {
    expect(misses(policies, cni)).toEqual([]);
  });

  it('is no news where whom it selects cannot be told', () => {
    const team = ccnp('c', {
      endpointSelector: select({ 'io.cilium.k8s.namespace.labels.team': 'x' }),
      egressDeny: [{}],
    });
    const state = world([team], { engine: { cni: 'flannel', seenBy: 'test' }, namespaces: [] });
    const { nearMisses } = evaluateEgress(state, P, destination);
    expect(nearMisses.filter(({ kind }) => kind === 'policy_not_enforced')).toEqual([]);
  });

  it('is named once, however many addresses there are', () => {
    const many = { ...destination, addresses: ['203.0.113.10', '203.0.113.11'] };
    expect(misses([closed], 'flannel', many)).toHaveLength(1);
  });
});
