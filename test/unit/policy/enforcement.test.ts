/** Which engine enforces which kind, and that the verdict follows: what nobody enforces decides nothing, what is not known stays open. */
import { describe, expect, it } from 'vitest';
import type { CniName, EngineFacts } from '../../../src/core/model/cluster-state.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { enforcementOf } from '../../../src/core/policy/engine/enforcement.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { cnp, np, P, world } from './world.ts';

const engine = (cni: CniName, more: Partial<EngineFacts> = {}): { engine: EngineFacts } => ({
  engine: { cni, seenBy: 'test', ...more },
});

const off = { config: { 'disable-network-policy': 'true' } };
const on = { config: { 'disable-network-policy': 'false' } };

describe('enforcementOf', () => {
  it.each<[Policy['kind'], CniName, Partial<EngineFacts>, string]>([
    ['NetworkPolicy', 'cilium', {}, 'yes'],
    ['NetworkPolicy', 'cilium', { config: { 'enable-k8s-networkpolicy': 'false' } }, 'no'],
    ['NetworkPolicy', 'gke-dataplane-v2', {}, 'yes'],
    ['NetworkPolicy', 'calico', {}, 'yes'],
    ['NetworkPolicy', 'antrea', {}, 'yes'],
    ['NetworkPolicy', 'ovn-kubernetes', {}, 'yes'],
    ['NetworkPolicy', 'openshift-sdn', {}, 'unknown'],
    ['NetworkPolicy', 'kube-router', {}, 'yes'],
    ['NetworkPolicy', 'weave-net', {}, 'yes'],
    ['NetworkPolicy', 'azure-npm', {}, 'yes'],
    ['NetworkPolicy', 'kube-network-policies', {}, 'yes'],
    ['NetworkPolicy', 'flannel', {}, 'no'],
    ['NetworkPolicy', 'k3s', {}, 'unknown'],
    ['NetworkPolicy', 'k3s', on, 'yes'],
    ['NetworkPolicy', 'k3s', off, 'no'],
    ['NetworkPolicy', 'kindnet', { version: '20240813' }, 'yes'],
    ['NetworkPolicy', 'kindnet', { version: '20240202' }, 'no'],
    ['NetworkPolicy', 'kindnet', { version: '20240601' }, 'unknown'],
    ['NetworkPolicy', 'kindnet', { version: '1.6.0' }, 'yes'],
    ['NetworkPolicy', 'kindnet', { version: '1.2.0' }, 'no'],
    ['NetworkPolicy', 'kindnet', {}, 'unknown'],
    ['NetworkPolicy', 'unknown', {}, 'yes'],
    ['CiliumNetworkPolicy', 'cilium', {}, 'yes'],
    ['CiliumNetworkPolicy', 'cilium', { config: { 'enable-cilium-network-policy': 'false' } }, 'no'],
    ['CiliumClusterwideNetworkPolicy', 'cilium', {}, 'yes'],
    ['CiliumNetworkPolicy', 'gke-dataplane-v2', {}, 'no'],
    ['CiliumClusterwideNetworkPolicy', 'gke-dataplane-v2', {}, 'unknown'],
    ['CiliumNetworkPolicy', 'calico', {}, 'no'],
    ['CiliumNetworkPolicy', 'flannel', {}, 'no'],
  ])('%s on %s %o: %s', (kind, cni, more, expected) => {
    const { enforced, why } = enforcementOf(kind, world([], engine(cni, more)));
    expect(enforced).toBe(expected);
    expect(why === '').toBe(expected === 'yes');
  });
});

const destination = { cnames: [], addresses: ['203.0.113.10'], port: 443, protocol: 'TCP' as const };
const denyAll = np('deny-all', { policyTypes: ['Egress'] });

describe('flannel', () => {
  it.each([
    ['daemonsets', 'unknown'],
    ['pods outside namespace shop', 'unknown'],
    ['services', 'no'],
  ])('with %s unread: %s', (what, expected) => {
    const notRead = [{ what, code: 'forbidden' as const, reason: 'no' }];
    expect(enforcementOf('NetworkPolicy', world([], { ...engine('flannel'), notRead })).enforced).toBe(expected);
  });
});

describe('an engine beside the network, which may not have been seen', () => {
  const notRead = [{ what: 'daemonsets outside namespace kube-system', code: 'forbidden' as const, reason: 'no' }];
  const controllerOff = { config: { 'enable-network-policy-controller': 'false' } };

  it.each<[Policy['kind'], CniName, Partial<EngineFacts>, string]>([
    ['NetworkPolicy', 'k3s', off, 'unknown'],
    ['NetworkPolicy', 'k3s', on, 'yes'],
    ['NetworkPolicy', 'aws-vpc-cni', controllerOff, 'unknown'],
    ['NetworkPolicy', 'kindnet', { version: '1.2.0' }, 'unknown'],
    ['NetworkPolicy', 'cilium', { config: { 'enable-k8s-networkpolicy': 'false' } }, 'no'],
    ['CiliumNetworkPolicy', 'k3s', {}, 'unknown'],
    ['CiliumNetworkPolicy', 'aws-vpc-cni', {}, 'unknown'],
    ['CiliumNetworkPolicy', 'calico', {}, 'no'],
    ['NetworkPolicy.crd.antrea.io', 'aws-vpc-cni', {}, 'unknown'],
    ['AdminNetworkPolicy', 'k3s', {}, 'unknown'],
    ['EgressFirewall', 'k3s', {}, 'no'],
  ])('%s on %s %o: %s', (kind, cni, more, expected) => {
    const seen = enforcementOf(kind, world([], engine(cni, more)));
    const unseen = enforcementOf(kind, world([], { ...engine(cni, more), notRead }));
    expect(unseen.enforced).toBe(expected);
    if (expected === 'unknown')
      expect([seen.enforced, unseen.why]).toEqual(['no', expect.stringContaining('daemonsets')]);
  });
});

describe('the verdict', () => {
  it.each<[string, Policy, CniName, Partial<EngineFacts>, string, string]>([
    ['enforced', denyAll, 'kube-router', {}, 'denied', 'default_deny'],
    ['by nobody', denyAll, 'flannel', {}, 'allowed', 'not_isolated'],
    ['perhaps', denyAll, 'k3s', {}, 'unknown', 'incomplete_state'],
    ['by k3s', denyAll, 'k3s', on, 'denied', 'default_deny'],
    ['not by k3s', denyAll, 'k3s', off, 'allowed', 'not_isolated'],
    ['foreign', cnp('deny-all', { egress: [{}] }), 'flannel', {}, 'allowed', 'not_isolated'],
    ['assumed', cnp('deny-all', { egress: [{ toEntities: ['cluster'] }] }), 'unknown', {}, 'denied', 'default_deny'],
  ])('%s', (_, policy, cni, more, decision, reason) => {
    const { connect } = evaluateEgress(world([policy], engine(cni, more)), P, destination);
    expect([connect.decision, connect.reason]).toEqual([decision, reason]);
  });

  it('names the premise: an engine assumed, or a kind left out', () => {
    const assumed = evaluateEgress(world([cnp('a', {})], engine('unknown')), P, destination).assumptions;
    expect(assumed).toContain('the network plugin was not recognised: Cilium is assumed because Cilium policies exist');
    const idle = evaluateEgress(world([cnp('a', {})], engine('flannel')), P, destination).assumptions;
    expect(idle).toContain(
      'CiliumNetworkPolicy is left out: the network plugin (flannel) does not enforce CiliumNetworkPolicy',
    );
  });
});
