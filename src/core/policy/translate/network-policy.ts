/** networking.k8s.io/v1 NetworkPolicy egress into the internal rules (policy-semantics §4); called by `registry.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyPeer } from '../../model/policy.ts';
import { cidrCovers, parseCidr } from '../../net/cidr.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../identity/labels.ts';
import type { Requirements } from '../rules/label-selector.ts';
import { equals, exists, k8sRequirements } from '../rules/label-selector.ts';
import { NORMAL, NORMAL_UNTIL_LAST } from '../rules/layers.ts';
import { lazySection } from '../rules/lazy.ts';
import type { Peer, PeerMatch, PeerSet, PolicyRule, TranslatedPolicy } from '../rules/rule.ts';
import { NO_L7 } from '../rules/rule.ts';
import { indexOf } from '../state/state-index.ts';
import { ownNode } from './aws/own-node.ts';
import { networkPolicyPlace } from './calico/tiers.ts';
import { localCluster } from './cilium/local-cluster.ts';
import { portEntry } from './port-entry.ts';
import { labelsText } from './selector-text.ts';

export function translateNetworkPolicy(policy: NetworkPolicy, state: ClusterState): TranslatedPolicy {
  const namespace = policy.meta.namespace ?? 'default';
  const ref = { kind: 'NetworkPolicy', namespace, name: policy.meta.name };
  const { settings } = indexOf(state);
  const egress = egressRules(policy, settings.cilium);
  const subject = [...k8sRequirements(policy.podSelector), equals('k8s', NAMESPACE_KEY, namespace)];
  const isolates = egress.length > 0 || (policy.policyTypes ?? []).includes('Egress');
  const layer = settings.cilium && settings.minor >= 20 ? NORMAL_UNTIL_LAST : NORMAL;
  const section = lazySection({ path: 'spec', subject, isolates }, () => [
    ...egress.flatMap(({ rule, index }) => ruleOf(rule, `spec.egress[${index}]`, { ref, settings })),
    ...(settings.engine === 'aws-vpc-cni' && isolates ? [ownNode(ref)] : []),
  ]);
  // On Calico it is one of the policies of a tier, in which other kinds may stand before it.
  const place = settings.engine === 'calico' ? networkPolicyPlace(ref, state) : { layer, order: 0 };
  return { policy, ref, ...place, valid: true, sections: [section] };
}

/** Cilium enforces egress rules whatever policyTypes says; Kubernetes' text says they are then ignored. */
function egressRules(policy: NetworkPolicy, cilium: boolean): { rule: NetworkPolicyEgressRule; index: number }[] {
  const types = policy.policyTypes;
  if (!cilium && types !== undefined && types.length > 0 && !types.includes('Egress')) return [];
  return (policy.egress ?? []).map((rule, index) => ({ rule, index }));
}

interface Context {
  readonly ref: PolicyRule['policy'];
  readonly settings: EngineSettings;
}

function ruleOf(rule: NetworkPolicyEgressRule, path: string, { ref: policy, settings }: Context): PolicyRule[] {
  const namespace = policy.namespace ?? 'default';
  const peers: PeerSet = rule.to?.length
    ? rule.to.map((peer, index) => peerOf(peer, `${path}.to[${index}]`, namespace, settings))
    : 'any';
  const base = { policy, effect: 'allow', path, peers, l7: NO_L7 } as const;
  if (!rule.ports?.length) return [{ ...base, ports: 'any' }];
  return rule.ports.map((port, index) => ({ ...base, portsPath: `${path}.ports[${index}]`, ports: [portEntry(port)] }));
}

// oxlint-disable-next-line max-params -- the peer and where it stands
export function peerOf(peer: NetworkPolicyPeer, path: string, namespace: string, settings?: EngineSettings): Peer {
  if (peer.ipBlock) return { match: blockMatch(peer.ipBlock), path, text: blockText(peer.ipBlock) };
  const pods = peer.podSelector ? `podSelector ${labelsText(peer.podSelector)}` : '';
  const spaces = peer.namespaceSelector ? `namespaceSelector ${labelsText(peer.namespaceSelector)}` : '';
  return {
    match: { kind: 'labels', requirements: podRequirements(peer, namespace, settings) },
    path,
    text: [spaces, pods].filter(Boolean).join(' and '),
  };
}

/** What a selector of pods, of namespaces or of both asks; Cilium reads the one of ClusterNetworkPolicy alike. */
export function podRequirements(
  peer: Pick<NetworkPolicyPeer, 'podSelector' | 'namespaceSelector'>,
  namespace: string,
  settings?: EngineSettings,
): Requirements {
  const pods = peer.podSelector ? k8sRequirements(peer.podSelector) : [];
  const cluster = settings?.cilium ? localCluster(settings, namesCluster(pods)) : [];
  if (!peer.namespaceSelector) return [...pods, ...cluster, equals('k8s', NAMESPACE_KEY, namespace)];
  const spaces = k8sRequirements(peer.namespaceSelector, NAMESPACE_LABELS_PREFIX);
  // Cilium demands a namespace only where the selector itself demands nothing (pkg/k8s/network_policy.go, parseNetworkPolicyPeer).
  const anyPod = settings?.cilium && spaces.length > 0 ? [] : [exists('k8s', NAMESPACE_KEY)];
  return [...pods, ...cluster, ...spaces, ...anyPod];
}

/** A selector that asks for no cluster at all, by an empty value, names none. */
function namesCluster(pods: Requirements): boolean {
  return pods.some(({ key, operator, values }) => key === CLUSTER_KEY && (operator !== 'In' || values.join() !== ''));
}

interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

function blockMatch(block: Block): PeerMatch {
  const cidr = parseCidr(block.cidr);
  if (!cidr) return { kind: 'unknown', why: `ipBlock "${block.cidr}" is not a CIDR` };
  const except = block.except.flatMap((text) => parseCidr(text) ?? []).filter((inner) => cidrCovers(cidr, inner));
  return { kind: 'cidr', cidr, except };
}

function blockText(block: Block): string {
  return `ipBlock ${block.cidr}${block.except.length > 0 ? ` except ${block.except.join(', ')}` : ''}`;
}
