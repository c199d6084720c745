/** Who is behind an address, as the engine sees it after Service translation; the peers of rules are matched against it. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Node, Pod, Service } from '../../model/workload.ts';
import type { IpAddress } from '../../net/ip.ts';
import { parseIp } from '../../net/ip.ts';
import { nodesCarryNames, podsCarryNames } from '../engine/name-learning.ts';
import type { L4Protocol } from '../rules/rule.ts';
import { findBackends } from '../state/service-backends.ts';
import type { StateIndex } from '../state/state-index.ts';
import { canonicalIp, indexOf } from '../state/state-index.ts';
import { withGroupLabels } from './group-labels.ts';
import type { LabelSet } from './labels.ts';
import { reservedLabels } from './labels.ts';

export interface PeerIdentity {
  readonly kind: 'pod' | 'host' | 'remote-node' | 'world';
  readonly labels: LabelSet;
  /** Absent when the destination's addresses are not known. */
  readonly ip?: IpAddress;
  /**
   * Of the pod's own node, and of a pod where ranges hold pods: all its addresses, since Cilium unites their labels in one identity
   * (pkg/ipcache, updateReservedHostLabels).
   */
  readonly alsoAt?: readonly IpAddress[];
  readonly pod?: Pod;
  /** The Service whose address was asked for; some engines treat such a connection differently from one to the backend itself. */
  readonly service?: Service;
  /** Names the pod's node certainly has on record for the address. */
  readonly names: readonly string[];
  /** Names on record only if another pod on the node asked for them through the proxy. */
  readonly maybeNames: readonly string[];
  readonly port: number;
  readonly protocol: L4Protocol;
  /** e.g. `pod kube-system/coredns-1 (10.0.0.5)`. */
  readonly text: string;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: L4Protocol;
}

/** Names known for an outside address. */
export interface KnownNames {
  readonly names: readonly string[];
  readonly maybeNames: readonly string[];
}

const NO_NAMES: KnownNames = { names: [], maybeNames: [] };

/** The identities a packet to the endpoint may reach: one, or a Service's backends. Empty when a Service has none. */
export function identitiesOf(
  state: ClusterState,
  from: Pod,
  to: Endpoint,
  known: KnownNames = NO_NAMES,
): readonly PeerIdentity[] {
  const backends = findBackends(state, to);
  if (backends) {
    const service = indexOf(state).servicesByIp.get(canonicalIp(to.address) ?? to.address);
    return backends.map((backend) => ({ ...identityOf(state, from, backend, NO_NAMES), ...(service && { service }) }));
  }
  return [identityOf(state, from, to, known)];
}

/** The stand-in for a name whose addresses are not known: somewhere outside the cluster. */
export function unknownAddress(
  state: ClusterState,
  port: number,
  protocol: L4Protocol,
  known: KnownNames,
): PeerIdentity {
  return {
    kind: 'world',
    labels: reservedLabels([worldLabel(state, undefined)]),
    ...known,
    port,
    protocol,
    text: 'an address that is not known',
  };
}

function identityOf(state: ClusterState, from: Pod, to: Endpoint, known: KnownNames): PeerIdentity {
  const index = indexOf(state);
  const key = canonicalIp(to.address) ?? to.address;
  const ip = parseIp(key);
  const base: Base = { ...(ip && { ip }), port: to.port, protocol: to.protocol };
  const pod = index.podAt(key);
  if (pod) return podIdentity(index, pod, { key, base, known });
  const node = index.nodesByIp.get(key);
  if (node) return nodeIdentity(state, from, node, { key, base, known });
  return { ...outside(state, key, ip), ...known, ...base };
}

type Outside = Pick<PeerIdentity, 'kind' | 'labels' | 'text'>;
const outsiders = new WeakMap<ClusterState, Map<string, Outside>>();

/** An address outside the cluster, the same for whoever asks. */
function outside(state: ClusterState, key: string, ip: IpAddress | undefined): Outside {
  const known = outsiders.get(state) ?? new Map<string, Outside>();
  if (known.size === 0) outsiders.set(state, known);
  const found = known.get(key);
  if (found) return found;
  const api = indexOf(state).apiServers.has(key) ? ['kube-apiserver'] : [];
  const labels = withGroupLabels(reservedLabels([worldLabel(state, ip), ...api]), state, ip ? [ip] : []);
  const made: Outside = { kind: 'world', labels, text: worldText(key, api) };
  known.set(key, made);
  return made;
}

type Base = Pick<PeerIdentity, 'ip' | 'port' | 'protocol'>;

interface Asked {
  /** The address in the one form of the index. */
  readonly key: string;
  readonly base: Base;
  readonly known: KnownNames;
}

function podIdentity(index: StateIndex, pod: Pod, { key, base, known }: Asked): PeerIdentity {
  const names = podsCarryNames(index.settings) ? known : NO_NAMES;
  const text = `pod ${pod.meta.namespace ?? 'default'}/${pod.meta.name} (${key})`;
  if (!index.settings.matchPodsByCidr)
    return { kind: 'pod', labels: index.labelsOf(pod), pod, ...names, ...base, text };
  // One identity for all its addresses (pkg/endpoint, computeCIDRLabelsRLocked).
  const alsoAt = pod.podIPs.flatMap((one) => parseIp(one) ?? []);
  return { kind: 'pod', labels: index.labelsOf(pod), pod, ...names, ...base, alsoAt, text };
}

function nodeIdentity(
  state: ClusterState,
  from: Pod,
  node: { readonly name: string; readonly node?: Node },
  { key, base, known }: Asked,
): PeerIdentity {
  const index = indexOf(state);
  const { settings } = index;
  const own = isOwnNode(from, key, node.name);
  const addresses = own ? addressesOfNode(key, node.node) : [key];
  const api = addresses.some((one) => index.apiServers.has(one)) ? ['kube-apiserver'] : [];
  const kind = own ? 'host' : 'remote-node';
  // Other nodes bear their labels and their cluster's name, the own one does not (pkg/node/manager, nodeIdentityLabels).
  const nodeLabels =
    !own && settings.nodeSelectorLabels
      ? { labels: node.node?.meta.labels ?? {}, cluster: settings.clusterName }
      : undefined;
  const names = nodesCarryNames(settings) ? known : NO_NAMES;
  const text = `${own ? "the pod's own node" : `node ${node.name}`} (${key})`;
  const ips = addresses.flatMap((one) => parseIp(one) ?? []);
  const labels = reservedLabels([kind, ...api], nodeLabels);
  return {
    kind,
    labels: settings.matchNodesByCidr ? withGroupLabels(labels, state, ips) : labels,
    ...(own && { alsoAt: ips }),
    ...names,
    ...base,
    text,
  };
}

/** The label of an outside address: by family where the other family is on as well (an unknown address is taken as IPv4). */
function worldLabel(state: ClusterState, ip: IpAddress | undefined): string {
  const { settings } = indexOf(state);
  // Before 1.19 both families had to be on (pkg/labels/cidr.go, AddWorldLabel).
  if (settings.minor < 19 && !(settings.ipv4 && settings.ipv6)) return 'world';
  if (ip?.family === 6) return settings.ipv4 ? 'world-ipv6' : 'world';
  return settings.ipv6 ? 'world-ipv4' : 'world';
}

function worldText(address: string, api: readonly string[]): string {
  return api.length > 0 ? `the kube-apiserver at ${address}, outside the cluster` : `${address}, outside the cluster`;
}

function addressesOfNode(asked: string, node: Node | undefined): string[] {
  return [asked, ...(node?.addresses ?? []).flatMap((address) => canonicalIp(address) ?? [])];
}

function isOwnNode(from: Pod, address: string, name: string): boolean {
  return (
    (from.nodeName !== undefined && from.nodeName === name) || from.nodeIPs.some((ip) => canonicalIp(ip) === address)
  );
}
