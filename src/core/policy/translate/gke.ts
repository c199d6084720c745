/** GKE FQDNNetworkPolicy into the internal rules (gke-networking-api apis/fqdnnetworkpolicy/v1alpha1/types.go); called by `registry.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { FqdnNetworkPolicy, FqdnPolicyMatch, FqdnPolicyPort } from '../../model/policies/gke.ts';
import type { FqdnSelector } from '../../model/policy.ts';
import { ALL_PORTS } from '../../net/port-range.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { NAMESPACE_KEY } from '../identity/labels.ts';
import { equals, k8sRequirements } from '../rules/label-selector.ts';
import { NORMAL } from '../rules/layers.ts';
import type { L4Protocol, Peer, PeerAnswer, PolicyRule, PortMatch, PortSet, TranslatedPolicy } from '../rules/rule.ts';
import { NO_L7 } from '../rules/rule.ts';
import { triOf } from '../tri.ts';
import { namePeer } from './name-peer.ts';

/** "Implicit deny model (like Kubernetes Network Policies)", "works additively with Kubernetes Network Policies" (types.go). */
export function translateFqdnNetworkPolicy(policy: FqdnNetworkPolicy, _state: ClusterState): TranslatedPolicy {
  const namespace = policy.meta.namespace ?? 'default';
  const ref = { kind: policy.kind, namespace, name: policy.meta.name };
  const names = policy.egress.map(({ matches, ports }, index): PolicyRule => {
    const path = `spec.egress[${index}]`;
    return {
      policy: ref,
      effect: 'allow',
      path,
      ...(ports.length > 0 && { portsPath: `${path}.ports` }),
      peers: matches.length === 0 ? 'none' : matches.map((one, at) => peerOf(one, `${path}.matches[${at}]`)),
      ports: portSetOf(ports),
      l7: NO_L7,
    };
  });
  const subject = [...k8sRequirements(policy.podSelector), equals('k8s', NAMESPACE_KEY, namespace)];
  const sections = [{ path: 'spec', subject, isolates: true, rules: [...names, dns(ref)] }];
  const problem = policy.egress.length === 0 ? 'the API refuses it: egress must have an entry' : undefined;
  return { policy, ref, layer: NORMAL, order: 0, valid: problem === undefined, invalidReason: problem, sections };
}

/** In-cluster addresses have no name: Services are translated before policy (the guide's limitations). */
function peerOf({ name, pattern }: FqdnPolicyMatch, path: string): Peer {
  const selector: FqdnSelector = {
    ...(name !== undefined && { matchName: name }),
    ...(pattern !== undefined && { matchPattern: pattern }),
    dialect: 'gke',
  };
  return namePeer(selector, path);
}

function portSetOf(ports: readonly FqdnPolicyPort[]): PortSet {
  return ports.length === 0 ? 'any' : ports.map(portOf);
}

function portOf({ protocol = 'ALL', port }: FqdnPolicyPort): PortMatch {
  const protocols: readonly L4Protocol[] =
    protocol === 'ALL' ? (port === undefined ? EVERYTHING : TRANSPORTS) : [protocol as L4Protocol];
  return {
    protocols,
    port: port === undefined ? ALL_PORTS : { from: port, to: port },
    text: `${port ?? 'any'}/${protocol}`,
  };
}

const TRANSPORTS: readonly L4Protocol[] = ['TCP', 'UDP', 'SCTP'];
const EVERYTHING: readonly L4Protocol[] = [...TRANSPORTS, 'ICMP'];

/**
 * The agent learns names from the pod's lookups, which in Cilium takes an allowing DNS rule, and the guide's own example selects a pod with
 * nothing but names and lets it look them up. It is said nowhere: `explain/kind-notes.ts` states it as a premise.
 */
function dns(policy: PolicyRule['policy']): PolicyRule {
  const test = ({ kind }: PeerIdentity): PeerAnswer => ({ tri: triOf(kind !== 'world') });
  return {
    policy,
    effect: 'allow',
    path: IMPLIED_DNS,
    peers: [
      { match: { kind: 'where', test }, path: IMPLIED_DNS, text: "the cluster's DNS, implied by every name rule" },
    ],
    ports: [{ protocols: ['UDP', 'TCP'], port: { from: 53, to: 53 }, text: '53' }],
    l7: NO_L7,
  };
}

/** Where the implied rule comes from. */
export const IMPLIED_DNS = 'spec.egress';
