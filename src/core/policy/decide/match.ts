/** One rule against one identity: does the engine's entry cover this packet? Called by `decide.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Cidr } from '../../net/cidr.ts';
import { cidrContains } from '../../net/cidr.ts';
import { rangeContains } from '../../net/port-range.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { CLUSTER_KEY } from '../identity/labels.ts';
import { matchRequirements } from '../rules/label-selector.ts';
import type { Peer, PeerAnswer, PeerMatch, PolicyRule, PortMatch } from '../rules/rule.ts';
import { resolvePortName } from '../state/named-ports.ts';
import { indexOf } from '../state/state-index.ts';
import type { Tri } from '../tri.ts';
import { triAnd, triOf } from '../tri.ts';

/** Why a peer could not be decided; the evaluation turns it into a stage reason. */
type Doubt = 'dns_not_proxied' | 'address_unknown' | 'incomplete_state';

export interface Answer {
  readonly tri: Tri;
  readonly doubt?: Doubt;
  readonly why?: string;
}

export interface RuleMatch extends Answer {
  readonly rule: PolicyRule;
  /** Absent where the rule has no peer field. */
  readonly peer?: Peer;
  readonly port?: PortMatch;
}

/** The strongest match of the rule: a certain one if there is any, else an open one, else undefined. */
export function matchRule(state: ClusterState, rule: PolicyRule, identity: PeerIdentity): RuleMatch | undefined {
  const port = matchPorts(state, rule, identity);
  if (port.tri === 'no') return undefined;
  const peer = matchPeers(state, rule, identity);
  if (peer.tri === 'no') return undefined;
  const open = peer.tri === 'unknown' ? peer : port;
  return {
    rule,
    tri: triAnd(port.tri, peer.tri),
    ...(peer.peer && { peer: peer.peer }),
    ...(port.port && { port: port.port }),
    ...(open.doubt && { doubt: open.doubt }),
    ...(open.why !== undefined && { why: open.why }),
  };
}

/** Do the rule's ports cover the identity's port and protocol? */
export function matchPorts(
  state: ClusterState,
  rule: PolicyRule,
  identity: PeerIdentity,
): Answer & { port?: PortMatch } {
  if (rule.ports === 'any') return { tri: 'yes' };
  if (rule.ports === 'none') return { tri: 'no' };
  let open: (Answer & { port?: PortMatch }) | undefined;
  for (const port of rule.ports) {
    const answer = matchPort(state, port, identity);
    if (answer.tri === 'yes') return { ...answer, port };
    if (answer.tri === 'unknown') open ??= { ...answer, port };
  }
  return open ?? { tri: 'no' };
}

function matchPort(state: ClusterState, match: PortMatch, identity: PeerIdentity): Answer {
  if (!match.protocols.includes(identity.protocol)) return { tri: 'no' };
  const { port } = match;
  if (!('name' in port)) return { tri: triOf(rangeContains(port, identity.port)) };
  const { number, why } = resolvePortName(state, port.name, identity);
  if (why !== undefined) return { tri: 'unknown', doubt: 'incomplete_state', why };
  if (number === undefined) return { tri: 'no' };
  // From 1.20 a name is one port, whatever end it is given (pkg/policy/l4.go: no port ranges with named ports).
  const { settings } = indexOf(state);
  const end = settings.cilium && settings.minor >= 20 ? number : Math.max(number, port.endPort ?? 0);
  return { tri: triOf(rangeContains({ from: number, to: end }, identity.port)) };
}

/** Does any peer of the rule select the identity? */
export function matchPeers(state: ClusterState, rule: PolicyRule, identity: PeerIdentity): Answer & { peer?: Peer } {
  if (rule.peers === 'any') return { tri: 'yes' };
  if (rule.peers === 'none') return { tri: 'no' };
  let open: (Answer & { peer?: Peer }) | undefined;
  for (const peer of rule.peers) {
    const answer = matchPeer(state, peer.match, identity);
    if (answer.tri === 'yes') return { ...answer, peer };
    if (answer.tri === 'unknown') open ??= { ...answer, peer };
  }
  return open ?? { tri: 'no' };
}

function matchPeer(state: ClusterState, match: PeerMatch, identity: PeerIdentity): Answer {
  const { settings } = indexOf(state);
  switch (match.kind) {
    case 'labels':
      return labelAnswer(matchRequirements(match.requirements, identity.labels), identity);
    case 'entity':
      return { tri: triOf(matchEntity(match.entity, identity, settings)) };
    case 'cidr':
      return matchCidr(match, identity, settings);
    case 'fqdn':
      return matchName(match, identity);
    case 'where':
      return doubtful(match.test(identity));
    case 'all':
      return matchAll(state, match.of, identity);
    case 'unknown':
      return { tri: 'unknown', doubt: 'incomplete_state', why: match.why };
  }
}

function doubtful({ tri, why }: PeerAnswer): Answer {
  return tri === 'unknown' ? { tri, doubt: 'incomplete_state', ...(why !== undefined && { why }) } : { tri };
}

function matchAll(state: ClusterState, parts: readonly PeerMatch[], identity: PeerIdentity): Answer {
  let open: Answer | undefined;
  for (const part of parts) {
    const answer = matchPeer(state, part, identity);
    if (answer.tri === 'no') return answer;
    if (answer.tri === 'unknown') open ??= answer;
  }
  return open ?? { tri: 'yes' };
}

function labelAnswer(tri: Tri, identity: PeerIdentity): Answer {
  if (tri !== 'unknown') return { tri };
  const why = `the labels of namespace ${identity.pod?.meta.namespace ?? ''} are not in the cluster state`;
  return { tri, doubt: 'incomplete_state', why };
}

/** policy-semantics §3.4: `cluster` is everything managed here, nodes and API servers; the rest are reserved labels. */
function matchEntity(entity: string, identity: PeerIdentity, settings: EngineSettings): boolean {
  const reserved = identity.labels.sources.get('reserved');
  const has = (name: string) => reserved?.has(name) ?? false;
  if (entity === 'all') return true;
  if (entity === 'cluster') {
    const own = identity.labels.sources.get('k8s')?.get(CLUSTER_KEY) === settings.clusterName;
    return own || CLUSTER_ENTITIES.some(has);
  }
  if (entity === 'cluster-mesh') return identity.kind !== 'world';
  if (entity === 'world') return WORLD_LABELS.some(has);
  return has(entity);
}

const WORLD_LABELS = ['world', 'world-ipv4', 'world-ipv6'];
const CLUSTER_ENTITIES = ['host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver'];

/** Cilium compares ranges with outside addresses only, unless told otherwise; other engines compare addresses alone. */
function matchCidr(match: PeerMatch & { kind: 'cidr' }, identity: PeerIdentity, settings: EngineSettings): Answer {
  if (settings.cilium && !(rangesApply(identity, settings) && rangeApplies(match.cidr, identity, settings)))
    return { tri: 'no' };
  const { ip, alsoAt } = identity;
  if (!ip) return unknownAddressAnswer(match);
  const within = (cidr: Cidr) => (alsoAt ?? [ip]).some((one) => cidrContains(cidr, one));
  // Where ranges hold pods, excepting all addresses of a family that is on does nothing (pkg/policy/types, matchesCIDRWildcard).
  const excepts =
    settings.cilium && settings.matchPodsByCidr
      ? match.except.filter((cidr) => cidr.prefix > 0 || !isOn(cidr, settings))
      : match.except;
  const inside = within(match.cidr) || isWholeWorld(match.cidr, identity, settings);
  return { tri: triOf(inside && !excepts.some(within)) };
}

/**
 * Since 1.19 a range of all addresses is stored as the label of the world, which nothing in the cluster has (pkg/labels, IPStringToLabel).
 * Where ranges hold pods, having an address is enough.
 */
function rangeApplies({ prefix, family }: Cidr, { kind }: PeerIdentity, settings: EngineSettings): boolean {
  if (prefix > 0 || kind === 'world' || settings.minor < 19) return true;
  return settings.matchPodsByCidr && isOn({ family }, settings);
}

function isOn({ family }: Pick<Cidr, 'family'>, settings: EngineSettings): boolean {
  return family === 4 ? settings.ipv4 : settings.ipv6;
}

/** Before 1.19 a range of all addresses of either family was the world's one label where a family is off (pkg/policy/api/cidr.go). */
function isWholeWorld({ prefix }: Cidr, { kind }: PeerIdentity, settings: EngineSettings): boolean {
  const oneFamily = settings.cilium && settings.minor < 19 && !(settings.ipv4 && settings.ipv6);
  return oneFamily && prefix === 0 && kind === 'world';
}

function rangesApply(identity: PeerIdentity, settings: EngineSettings): boolean {
  if (identity.kind === 'world') return true;
  return identity.kind === 'pod' ? settings.matchPodsByCidr : settings.matchNodesByCidr;
}

function unknownAddressAnswer(match: PeerMatch & { kind: 'cidr' }): Answer {
  // The whole IPv4 Internet holds every outside IPv4 address; the stage states that one is assumed.
  if (match.cidr.family === 4 && match.cidr.prefix === 0 && match.except.length === 0) return { tri: 'yes' };
  return { tri: 'unknown', doubt: 'address_unknown', why: 'the addresses of the name are not known' };
}

/** In-cluster addresses carry the names they are given (`identity/identity.ts`), in Cilium mostly none (policy-semantics §1). */
function matchName(match: PeerMatch & { kind: 'fqdn' }, identity: PeerIdentity): Answer {
  if (identity.names.some(match.matches)) return { tri: 'yes' };
  if (!identity.maybeNames.some(match.matches)) return { tri: 'no' };
  return { tri: 'unknown', doubt: 'dns_not_proxied', why: 'the pod does not teach the engine the name itself' };
}
