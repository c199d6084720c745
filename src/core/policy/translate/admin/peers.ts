/** Peers of the administrators' policies (network-policy-api v0.2.0 apis/v1alpha1, v1alpha2), and what each engine reads of them; used by `policy.ts`. */
import type { ClusterState, CniName } from '../../../model/cluster-state.ts';
import type { AdminEgressPeer, AdminSubject } from '../../../model/policies/admin.ts';
import type { FqdnSelector } from '../../../model/policy.ts';
import type { LabelSelector } from '../../../model/selector.ts';
import { parseCidr } from '../../../net/cidr.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { Requirements } from '../../rules/label-selector.ts';
import { exists, inNamespaces, k8sRequirements } from '../../rules/label-selector.ts';
import type { Peer, PeerMatch } from '../../rules/rule.ts';
import { indexOf } from '../../state/state-index.ts';
import { setsOfNamespaces } from '../calico/sets-of-namespaces.ts';
import { localCluster } from '../cilium/local-cluster.ts';
import { namePeer } from '../name-peer.ts';
import { podRequirements } from '../network-policy.ts';
import { nodesMatch } from '../node-selector.ts';
import { labelsText } from '../selector-text.ts';

/** The pods of a subject or peer; undefined when it names neither. */
export function podsOf({ namespaces, pods }: AdminSubject): Requirements | undefined {
  if (namespaces) return inNamespaces(namespaces);
  return pods && [...k8sRequirements(pods.podSelector), ...inNamespaces(pods.namespaceSelector)];
}

/** The same of a peer. Cilium demands pods of one only where its namespaces demand nothing (kcnpProcessNamespaceSelector). */
function peerPods(peer: AdminEgressPeer, settings: EngineSettings): Requirements | undefined {
  if (!settings.cilium) return podsOf(peer);
  if (peer.namespaces)
    return podRequirements({ namespaceSelector: peer.namespaces }, '', { ...settings, localClusterOnly: false });
  return peer.pods && podRequirements(peer.pods, '', settings);
}

/** `unreadable`: as if no field were set, which the API wants closed. `ignored`: it matches nothing. Else why the engine's reading is not known. */
type Reading = 'read' | 'unreadable' | 'ignored' | { readonly unknown: string };

/**
 * What the engine makes of the peer's field. Sources: cilium 1.20 pkg/k8s/cluster_network_policy.go; calico
 * libcalico-go/lib/backend/k8s/conversion/clusternetworkpolicy.go ("none of supported fields"); ovn-kubernetes
 * go-controller/pkg/ovn/controller/admin_network_policy/types.go (no domainNames); aws-network-policy-agent v1.4.3
 * controllers/clusterpolicyendpoints_controller.go ("CIDR is empty, skipping").
 */
export function readingOf(peer: AdminEgressPeer, engine: CniName, autoMode: boolean): Reading {
  if (peer.namespaces || peer.pods || peer.networks) return 'read';
  if (!peer.nodes && !peer.domainNames) return 'unreadable';
  const readings = EXPERIMENTAL[engine];
  if (!readings) return { unknown: `what ${engine} makes of ${peer.nodes ? 'nodes' : 'domainNames'} is not known` };
  if (peer.nodes) return readings.nodes;
  return engine === 'aws-vpc-cni' && !autoMode ? 'ignored' : readings.domainNames;
}

const BOTH = { nodes: 'read', domainNames: 'read' } as const;

/** Of the fields that the API calls experimental, and AWS has one of. */
const EXPERIMENTAL: Partial<Record<CniName, Readonly<Record<'nodes' | 'domainNames', Reading>>>> = {
  cilium: BOTH,
  'kube-network-policies': BOTH,
  unknown: BOTH,
  calico: { nodes: 'unreadable', domainNames: 'unreadable' },
  'aws-vpc-cni': { nodes: 'unreadable', domainNames: 'read' },
  'ovn-kubernetes': {
    nodes: 'read',
    domainNames: { unknown: 'what OVN-Kubernetes makes of domainNames is not known' },
  },
};

/** The peers of one element, each with the path where it stands. */
export function peersOf(peer: AdminEgressPeer, path: string, state: ClusterState): Peer[] {
  const pods = peerPods(peer, indexOf(state).settings);
  if (pods) {
    const text = podsText(peer);
    const onlyPods = { match: { kind: 'labels', requirements: pods }, path, text } as const;
    if (!peer.namespaces || state.engine.cni !== 'calico') return [onlyPods];
    return [onlyPods, { match: setsOfNamespaces(peer.namespaces, state), path, text: `NetworkSets of ${text}` }];
  }
  if (peer.nodes) return nodesPeers(peer.nodes, path, state);
  const networks = (peer.networks ?? []).map((text, index) => networkPeer(text, `${path}.networks[${index}]`));
  const names = (peer.domainNames ?? []).map((name, index) =>
    namePeer(domainSelector(name), `${path}.domainNames[${index}]`),
  );
  return [...networks, ...names];
}

function podsText({ namespaces, pods }: AdminSubject): string {
  if (namespaces) return `namespaces ${labelsText(namespaces)}`;
  return pods ? `pods ${labelsText(pods.podSelector)} in namespaces ${labelsText(pods.namespaceSelector)}` : '';
}

function networkPeer(text: string, path: string): Peer {
  const cidr = parseCidr(text);
  const match: PeerMatch = cidr
    ? { kind: 'cidr', cidr, except: [] }
    : { kind: 'unknown', why: `the network "${text}" is not a CIDR` };
  return { match, path, text: `networks ${text}` };
}

/** Cilium turns the leading star into its own `**` (pkg/k8s/cluster_network_policy.go, kcnpParseFQDNSelectors), which reads the same. */
export function domainSelector(name: string): FqdnSelector {
  return { ...(name.startsWith('*') ? { matchPattern: name } : { matchName: name }), dialect: 'kcnp' };
}

/** Cilium asks the labels of nodes' identities, of which the own node's has neither its own labels nor the cluster's (kcnpProcessNodeSelector). */
function nodesPeers(selector: LabelSelector, path: string, state: ClusterState): Peer[] {
  const text = `nodes ${labelsText(selector)}`;
  const { settings } = indexOf(state);
  if (!settings.cilium) return [{ match: nodesMatch(selector, state), path, text }];
  const own = k8sRequirements(selector).map((one) => ({ ...one, source: 'node' }));
  return ['host', 'remote-node'].map((kind) => {
    const requirements = [...own, exists('reserved', kind), ...localCluster(settings, false)];
    return { match: { kind: 'labels', requirements }, path, text };
  });
}
