/** Peers of Cilium egress elements (policy-semantics §3.4); used by `policy.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { CiliumCidrRule, CiliumEgressRule, FqdnSelector } from '../../../model/policy.ts';
import type { LabelSelector } from '../../../model/selector.ts';
import type { Cidr } from '../../../net/cidr.ts';
import { cidrContains, parseCidr, parseNetwork } from '../../../net/cidr.ts';
import { fqdnMatcher, selectorText } from '../../fqdn/selector.ts';
import type { PeerIdentity } from '../../identity/identity.ts';
import { CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../../identity/labels.ts';
import type { Requirement, Requirements } from '../../rules/label-selector.ts';
import { ciliumRequirements, equals, exists, hasKey } from '../../rules/label-selector.ts';
import type { Peer, PeerAnswer, PeerMatch, PeerSet } from '../../rules/rule.ts';
import { unknownPeer } from '../../rules/rule.ts';
import { gapFor } from '../../state/gaps.ts';
import { indexOf } from '../../state/state-index.ts';
import { triOf } from '../../tri.ts';
import { labelsText } from '../selector-text.ts';
import { cidrGroupPeers } from './cidr-groups.ts';
import { localCluster } from './local-cluster.ts';
import { servicePeers } from './to-services.ts';

export interface PeerContext {
  readonly state: ClusterState;
  /** Namespace of the policy; absent for a clusterwide one. */
  readonly namespace: string | undefined;
  readonly allow: boolean;
}

const K8S_OR_ANY = ['k8s', 'any'];

/** The peers of one element; `path` is the element's own path. */
export function peerSetOf(rule: CiliumEgressRule, path: string, context: PeerContext): PeerSet {
  const services = context.allow ? toServicePeers(rule, path, context) : [];
  if (isEmptyList(rule, services)) return 'none';
  const peers = writtenPeers(rule, path, context).concat(services);
  return peers.length > 0 ? peers : withoutPeers(rule);
}

function writtenPeers(rule: CiliumEgressRule, path: string, context: PeerContext): Peer[] {
  // Of a sound element all but one are empty.
  const { toFQDNs, toGroups, toEntities } = rule;
  return NO_PEERS.concat(
    labelPeers(rule, path, context),
    toEntities ? toEntities.map((entity, index) => entityPeer(entity, `${path}.toEntities[${index}]`)) : NO_PEERS,
    cidrPeers(rule, path, context),
    toFQDNs && context.allow ? fqdnPeers(toFQDNs, path, context) : NO_PEERS,
    toGroups ? toGroups.map((_, index) => unknownPeer('toGroups', `${path}.toGroups[${index}]`, GROUPS)) : NO_PEERS,
  );
}

const NO_PEERS: Peer[] = [];

function withoutPeers(rule: CiliumEgressRule): PeerSet {
  // A missing group is still a selector, and a selector of nothing.
  if (rule.toCIDR?.length || rule.toCIDRSet?.length) return 'none';
  // Without any selector the ports decide alone; without ports too, nothing is selected (§3.3).
  return rule.toPorts?.length || rule.icmps?.length ? 'any' : 'none';
}

const GROUPS = 'toGroups is looked up in the cloud account, which is not in the cluster state';

// Only these five select nothing when present and empty; an empty toFQDNs, toServices or toGroups does not restrict (§3.3). What
// toServices stands for is added to two of them first.
function isEmptyList(rule: CiliumEgressRule, services: readonly Peer[]): boolean {
  const added = (kind: 'labels' | 'cidr') => services.some(({ match }) => match.kind === kind);
  if (rule.toEndpoints?.length === 0 && !added('labels')) return true;
  if (rule.toCIDRSet?.length === 0 && !added('cidr')) return true;
  return [rule.toEntities, rule.toCIDR, rule.toNodes].some((field) => field?.length === 0);
}

function labelPeers(rule: CiliumEgressRule, path: string, context: PeerContext): Peer[] {
  if (!rule.toEndpoints && !rule.toNodes) return NO_PEERS;
  const requires = (rule.toRequires?.length ?? 0) > 0 && indexOf(context.state).settings.minor < 19;
  const endpoints = (rule.toEndpoints ?? []).map((selector, index): Peer => {
    if (requires) return unknownPeer('toEndpoints', `${path}.toEndpoints[${index}]`, 'toRequires is not evaluated');
    const requirements = endpointRequirements(selector, context);
    return {
      match: { kind: 'labels', requirements },
      path: `${path}.toEndpoints[${index}]`,
      text: `toEndpoints ${labelsText(selector)}`,
    };
  });
  const nodes = (rule.toNodes ?? []).map((selector, index): Peer => {
    const own = ciliumRequirements(selector, indexOf(context.state).settings.minor);
    const requirements = [...own, exists('reserved', 'remote-node'), ...ownCluster(own, context)];
    return {
      match: { kind: 'labels', requirements },
      path: `${path}.toNodes[${index}]`,
      text: `toNodes ${labelsText(selector)}`,
    };
  });
  return [...endpoints, ...nodes];
}

/** The selector with the scope Cilium adds: own namespace in a CNP, any managed pod in a CCNP, the local cluster from 1.19. */
function endpointRequirements(selector: LabelSelector, context: PeerContext): Requirements {
  const own = ciliumRequirements(selector, indexOf(context.state).settings.minor);
  if (own.some((one) => one.source === 'reserved')) return own;
  return [...own, ...scopeOf(own, context.namespace), ...ownCluster(own, context)];
}

function ownCluster(own: Requirements, { state }: PeerContext): Requirement[] {
  return localCluster(indexOf(state).settings, hasKey(own, CLUSTER_KEY, K8S_OR_ANY));
}

function scopeOf(own: Requirements, namespace: string | undefined): Requirement[] {
  if (hasKey(own, NAMESPACE_KEY, K8S_OR_ANY)) return [];
  if (namespace === undefined) return [exists('k8s', NAMESPACE_KEY)];
  const byLabels = own.some((one) => K8S_OR_ANY.includes(one.source) && one.key.startsWith(NAMESPACE_LABELS_PREFIX));
  return byLabels ? [] : [equals('k8s', NAMESPACE_KEY, namespace)];
}

function entityPeer(entity: string, path: string): Peer {
  return { match: { kind: 'entity', entity }, path, text: `toEntities ${entity}` };
}

function cidrPeers(rule: CiliumEgressRule, path: string, context: PeerContext): Peer[] {
  if (!rule.toCIDR && !rule.toCIDRSet) return NO_PEERS;
  const plain = (rule.toCIDR ?? []).flatMap((text, index): Peer[] => {
    const cidr = parseNetwork(text);
    return cidr ? [{ match: plainRange(cidr, context), path: `${path}.toCIDR[${index}]`, text: `toCIDR ${text}` }] : [];
  });
  const sets = (rule.toCIDRSet ?? []).flatMap((set, index) =>
    cidrSetPeers(set, `${path}.toCIDRSet[${index}]`, context),
  );
  return [...plain, ...sets];
}

/**
 * Before 1.19 all addresses of a family that is off are no label of the world in toCIDR, unlike in toCIDRSet (pkg/policy/api/cidr.go,
 * CIDRSlice.GetAsEndpointSelectors).
 */
function plainRange(cidr: Cidr, { state }: PeerContext): PeerMatch {
  const { minor, ipv4, ipv6 } = indexOf(state).settings;
  const off = cidr.family === 4 ? !ipv4 : !ipv6;
  if (minor >= 19 || cidr.prefix > 0 || !off) return { kind: 'cidr', cidr, except: [] };
  const test = ({ kind, ip }: PeerIdentity): PeerAnswer => {
    return { tri: triOf(kind === 'world' && ip !== undefined && cidrContains(cidr, ip)) };
  };
  return { kind: 'where', test };
}

function cidrSetPeers(set: CiliumCidrRule, path: string, context: PeerContext): Peer[] {
  const except = set.except.flatMap((text) => parseCidr(text) ?? []);
  const suffix = set.except.length > 0 ? ` except ${set.except.join(', ')}` : '';
  if (set.cidr) {
    const cidr = parseCidr(set.cidr);
    return cidr ? [{ match: { kind: 'cidr', cidr, except }, path, text: `toCIDRSet ${set.cidr}${suffix}` }] : [];
  }
  return cidrGroupPeers(set, except, { path, state: context.state });
}

function fqdnPeers(selectors: readonly FqdnSelector[], path: string, context: PeerContext): Peer[] {
  const { minor } = indexOf(context.state).settings;
  return selectors.map((selector, index) => ({
    match: { kind: 'fqdn', selector, matches: fqdnMatcher(selector, minor, 'toFQDNs') },
    path: `${path}.toFQDNs[${index}]`,
    text: `toFQDNs ${selectorText(selector)}`,
  }));
}

function toServicePeers(rule: CiliumEgressRule, path: string, context: PeerContext): readonly Peer[] {
  const entries = rule.toServices ?? [];
  if (entries.length === 0) return [];
  const gap = gapFor(context.state, 'services') ?? gapFor(context.state, 'endpointslices');
  const peers = servicePeers(entries, context.state, `${path}.toServices`);
  return gap ? [...peers, unknownPeer('toServices', `${path}.toServices`, `${gap.what}: ${gap.reason}`)] : peers;
}
