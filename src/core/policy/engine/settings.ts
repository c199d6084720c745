/** What the engine's version and configuration mean for verdicts; read by every part of `core/policy`. */
import type { ClusterState, CniName } from '../../model/cluster-state.ts';
import type { Policy } from '../../model/policy.ts';
import { gapFor } from '../state/gaps.ts';

/** The minor that is assumed where no version could be read: the newest whose grammar older ones mostly share. */
export const ASSUMED_MINOR = 19;

/** `1.19.5` (or `v1.19.5-…`) → 19; undefined for anything else. */
export function minorOf(version: string | undefined): number | undefined {
  const match = /^v?1\.(\d{1,3})(?:[.\-+].*)?$/.exec(version ?? '');
  return match ? Number(match[1]) : undefined;
}

export function minorOrAssumed(version: string | undefined): number {
  return minorOf(version) ?? ASSUMED_MINOR;
}

/** How enforcement is set up (policy-semantics §3.2 and §6: absent keys mean Cilium's defaults). */
export interface EngineSettings {
  readonly minor: number;
  /** What was recognised; where nothing was, the engine whose own kinds exist here (an assumption that is stated). */
  readonly engine: CniName;
  /** Cilium's datapath enforces here, or is assumed to (GKE Dataplane V2 is one, behind other kinds). */
  readonly cilium: boolean;
  readonly enforcement: 'default' | 'always' | 'never';
  readonly audit: boolean;
  readonly matchNodesByCidr: boolean;
  readonly matchPodsByCidr: boolean;
  readonly l7Proxy: boolean;
  /** tofqdns-dns-reject-response-code. */
  readonly dnsRejectCode: string;
  readonly networkPolicies: boolean;
  readonly namespacedPolicies: boolean;
  readonly clusterwidePolicies: boolean;
  /** ClusterNetworkPolicy is taken into account (1.20, off by default). */
  readonly clusterNetworkPolicies: boolean;
  readonly nonDefaultDeny: boolean;
  readonly nodeSelectorLabels: boolean;
  readonly icmpRules: boolean;
  /** Selectors without a cluster label mean the local cluster (from 1.18; the default from 1.19). */
  readonly localClusterOnly: boolean;
  /** The families that are on (both by default); with the other one on, outside addresses are labelled by family. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly clusterName: string;
  /** Patterns of the `labels` key, as written. */
  readonly labelPatterns: readonly string[];
}

export function settingsOf(state: ClusterState): EngineSettings {
  const { engine } = state;
  const config = engine.config ?? {};
  const on = (key: string, fallback: boolean) => flag(config[key], fallback);
  const cidrModes = (config['policy-cidr-match-mode'] ?? '').split(/[\s,]+/);
  const clusterNetworkPolicies = on('enable-k8s-cluster-network-policy', false);
  // Only 1.20 and newer have that key (pkg/defaults).
  const minor = minorOf(engine.version) ?? (clusterNetworkPolicies ? 20 : ASSUMED_MINOR);
  const name = engineOf(state);
  return {
    minor,
    engine: name,
    cilium: name === 'cilium' || name === 'gke-dataplane-v2',
    enforcement: enforcementOf(config['enable-policy']),
    audit: on('policy-audit-mode', false),
    matchNodesByCidr: cidrModes.includes('nodes'),
    matchPodsByCidr: minor >= 20 && cidrModes.includes('pods'),
    dnsRejectCode: config['tofqdns-dns-reject-response-code'] ?? 'refused',
    l7Proxy: on('enable-l7-proxy', true),
    networkPolicies: on('enable-k8s-networkpolicy', true),
    namespacedPolicies: on('enable-cilium-network-policy', true),
    clusterwidePolicies: on('enable-cilium-clusterwide-network-policy', true),
    clusterNetworkPolicies,
    nonDefaultDeny: on('enable-non-default-deny-policies', true),
    nodeSelectorLabels: on('enable-node-selector-labels', false),
    icmpRules: on('enable-icmp-rules', true),
    // The key came with 1.18, and the default changed with 1.19 (pkg/clustermesh/types/option.go).
    localClusterOnly: minor >= 18 && on('policy-default-local-cluster', minor >= 19),
    ipv4: on('enable-ipv4', true),
    ipv6: on('enable-ipv6', true),
    clusterName: config['cluster-name'] || 'default',
    labelPatterns: (config['labels'] ?? '').split(/\s+/).filter((pattern) => pattern !== ''),
  };
}

/** Kinds that only one engine serves. */
export const OWN_KINDS: Partial<Record<Policy['kind'], CniName>> = {
  CiliumNetworkPolicy: 'cilium',
  CiliumClusterwideNetworkPolicy: 'cilium',
  'ClusterNetworkPolicy.networking.k8s.aws': 'aws-vpc-cni',
  ApplicationNetworkPolicy: 'aws-vpc-cni',
  'NetworkPolicy.projectcalico.org': 'calico',
  'GlobalNetworkPolicy.projectcalico.org': 'calico',
  'NetworkPolicy.crd.antrea.io': 'antrea',
  'ClusterNetworkPolicy.crd.antrea.io': 'antrea',
  FQDNNetworkPolicy: 'gke-dataplane-v2',
  EgressFirewall: 'ovn-kubernetes',
  EgressNetworkPolicy: 'openshift-sdn',
};

/** How gaps about these kinds begin (`resource` of the translators' registry). */
const OWN_RESOURCES: readonly (readonly [resource: string, owner: CniName])[] = [
  ['ciliumnetworkpolicies', 'cilium'],
  ['ciliumclusterwidenetworkpolicies', 'cilium'],
  ['aws', 'aws-vpc-cni'],
  ['applicationnetworkpolicies', 'aws-vpc-cni'],
  ['calico', 'calico'],
  ['antrea', 'antrea'],
  ['fqdnnetworkpolicies', 'gke-dataplane-v2'],
  ['egressfirewalls', 'ovn-kubernetes'],
  ['egressnetworkpolicies', 'openshift-sdn'],
];

/**
 * Whoever runs an unrecognised network plugin and has policies of one engine means that engine; with two, nothing is proven, nor where
 * another's could not be read.
 */
function engineOf(state: ClusterState): CniName {
  const { engine, policies } = state;
  if (engine.cni !== 'unknown') return engine.cni;
  const owners = new Set(policies.flatMap(({ kind }) => OWN_KINDS[kind] ?? []));
  if (owners.has('cilium')) return 'cilium';
  const [owner, ...others] = owners;
  if (owner === undefined || others.length > 0) return 'unknown';
  const rival = OWN_RESOURCES.some(([resource, other]) => other !== owner && gapFor(state, resource) !== undefined);
  return rival ? 'unknown' : owner;
}

function flag(value: string | undefined, fallback: boolean): boolean {
  if (value === undefined || value === '') return fallback;
  return ['true', '1', 't'].includes(value.toLowerCase());
}

function enforcementOf(value: string | undefined): 'default' | 'always' | 'never' {
  const text = value?.toLowerCase();
  return text === 'always' || text === 'never' ? text : 'default';
}
