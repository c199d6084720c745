/** EKS ApplicationNetworkPolicy into the internal rules: a NetworkPolicy that may also list names; called by `registry.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ApplicationEgressRule, ApplicationNetworkPolicy } from '../../../model/policies/aws.ts';
import { NAMESPACE_KEY } from '../../identity/labels.ts';
import { equals, k8sRequirements } from '../../rules/label-selector.ts';
import { NORMAL } from '../../rules/layers.ts';
import { lazySection } from '../../rules/lazy.ts';
import type { Peer, PolicyRule, TranslatedPolicy } from '../../rules/rule.ts';
import { NO_L7 } from '../../rules/rule.ts';
import { domainSelector } from '../admin/peers.ts';
import { namePeer } from '../name-peer.ts';
import { peerOf } from '../network-policy.ts';
import { portEntry } from '../port-entry.ts';
import { ownNode } from './own-node.ts';

/** amazon-network-policy-controller-k8s api/v1alpha1/applicationnetworkpolicy_types.go: the fields mean what they mean in a NetworkPolicy. */
export function translateApplication(policy: ApplicationNetworkPolicy, _state: ClusterState): TranslatedPolicy {
  const namespace = policy.meta.namespace ?? 'default';
  const ref = { kind: policy.kind, namespace, name: policy.meta.name };
  const types = policy.policyTypes ?? [];
  const egress = types.length > 0 && !types.includes('Egress') ? [] : (policy.egress ?? []);
  const subject = [...k8sRequirements(policy.podSelector), equals('k8s', NAMESPACE_KEY, namespace)];
  const head = { path: 'spec', subject, isolates: egress.length > 0 || types.includes('Egress') };
  const section = lazySection(head, () => [
    ...egress.flatMap((rule, index) => rulesOf(rule, `spec.egress[${index}]`, ref)),
    ownNode(ref),
  ]);
  return { policy, ref, layer: NORMAL, order: 0, valid: true, sections: [section] };
}

function rulesOf(rule: ApplicationEgressRule, path: string, policy: PolicyRule['policy']): PolicyRule[] {
  const peers = rule.to?.length
    ? rule.to.flatMap((peer, index) => peersOf(peer, `${path}.to[${index}]`, policy.namespace ?? 'default'))
    : 'any';
  const base = { policy, effect: 'allow', path, peers, l7: NO_L7 } as const;
  if (!rule.ports?.length) return [{ ...base, ports: 'any' }];
  return rule.ports.map((port, index) => ({ ...base, portsPath: `${path}.ports[${index}]`, ports: [portEntry(port)] }));
}

function peersOf(peer: NonNullable<ApplicationEgressRule['to']>[number], path: string, namespace: string): Peer[] {
  const { domainNames } = peer;
  if (!domainNames) return [peerOf(peer, path, namespace)];
  return domainNames.map((name, index) => namePeer(domainSelector(name), `${path}.domainNames[${index}]`));
}
