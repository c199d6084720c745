/** Lookups over one cluster state, built once per state object (fleet questions ask the same state many times). */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Namespace, Node, Pod, Service, ServiceBackend } from '../../model/workload.ts';
import type { IpAddress } from '../../net/ip.ts';
import { formatIp, parseIp } from '../../net/ip.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { settingsOf } from '../engine/settings.ts';
import { withGroupLabels } from '../identity/group-labels.ts';
import type { LabelSet, NamespaceLabels } from '../identity/labels.ts';
import { labelFilter, namespaceLabels, podLabels } from '../identity/labels.ts';
import type { Requirements } from '../rules/label-selector.ts';
import { matchRequirements } from '../rules/label-selector.ts';
import { isDemand } from '../rules/selector-index.ts';

export interface StateIndex {
  readonly settings: EngineSettings;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** The pod that has the canonical address for its own. */
  podAt(address: string): Pod | undefined;
  /** Node name (empty when only a pod told of the address) by canonical address. */
  readonly nodesByIp: ReadonlyMap<string, { readonly name: string; readonly node?: Node }>;
  readonly nodesByName: ReadonlyMap<string, Node>;
  readonly servicesByIp: ReadonlyMap<string, Service>;
  serviceNamed(namespace: string, name: string): Service | undefined;
  /** Addresses behind default/kubernetes. */
  readonly apiServers: ReadonlySet<string>;
  backendsOf(service: Service): readonly ServiceBackend[];
  labelsOf(pod: Pod): LabelSet;
  /** Does the selector certainly take a pod (of the namespace) that policies govern? */
  takesPods(requirements: Requirements, namespace: string | undefined): boolean;
}

const indexes = new WeakMap<ClusterState, StateIndex>();

export function indexOf(state: ClusterState): StateIndex {
  const known = indexes.get(state);
  if (known) return known;
  const built = build(state);
  indexes.set(state, built);
  return built;
}

/** Address text in the one form the index uses; undefined for anything that is no address. */
export function canonicalIp(text: string): string | undefined {
  if (PLAIN_IPV4.test(text)) return text;
  const ip: IpAddress | undefined = parseIp(text);
  return ip && formatIp(isMapped(ip) ? { family: 4, value: ip.value & 0xffffffffn } : ip);
}

/** `::ffff:203.0.113.7` is sent as IPv4 (RFC 4291 §2.5.5.2). */
function isMapped({ family, value }: IpAddress): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

// Nearly every address of a cluster is written like this, and is then its own canonical form.
const PLAIN_IPV4 = /^(?:25[0-5]|2[0-4]\d|1?[1-9]\d|10\d|\d)(?:\.(?:25[0-5]|2[0-4]\d|1?[1-9]\d|10\d|\d)){3}$/;

function build(state: ClusterState): StateIndex {
  const settings = settingsOf(state);
  const namespaces = new Map(state.namespaces.map((one) => [one.meta.name, one]));
  const labels = new Map<Pod, LabelSet>();
  const keeps = labelFilter(settings);
  const backends = groupBackends(state.backends);
  const services = new Map(
    state.services.map((one) => [`${one.meta.namespace ?? 'default'}/${one.meta.name}`, one] as const),
  );
  const spaces = new Map<string, NamespaceLabels>();
  const spaceOf = (name: string) => memo(spaces, name, () => namespaceLabels(name, namespaces.get(name), keeps));
  const labelsOf = (pod: Pod) =>
    memo(labels, pod, () => {
      const context = { clusterName: settings.clusterName, keeps };
      const own = podLabels(pod, spaceOf(pod.meta.namespace ?? 'default'), context);
      // A pod that ranges hold has the labels of their groups too, as a subject and as a peer (cilium pkg/endpoint, identityLabelsChanged).
      return settings.matchPodsByCidr
        ? withGroupLabels(
            own,
            state,
            pod.podIPs.flatMap((ip) => parseIp(ip) ?? []),
          )
        : own;
    });
  return {
    settings,
    namespaces,
    podAt: podFinderByIp(state.pods),
    nodesByIp: indexNodes(state),
    nodesByName: new Map(state.nodes.map((one) => [one.meta.name, one])),
    servicesByIp: indexServices(state.services),
    serviceNamed: (namespace, name) => services.get(`${namespace}/${name}`),
    apiServers: new Set((backends.get('default/kubernetes') ?? []).flatMap((one) => canonical(one.addresses))),
    backendsOf: (service) => backends.get(`${service.meta.namespace ?? 'default'}/${service.meta.name}`) ?? [],
    labelsOf,
    takesPods: podFinder(state.pods, labelsOf),
  };
}

function memo<K, V>(cache: Map<K, V>, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = make();
  cache.set(key, value);
  return value;
}

/** Pods by a label that the selector demands, namespace by namespace; built when first asked, since most questions need no such search. */
function podFinder(pods: readonly Pod[], labelsOf: (pod: Pod) => LabelSet): StateIndex['takesPods'] {
  const known = new Map<string | undefined, ReadonlyMap<string, readonly Pod[]>>();
  const byLabelIn = (namespace: string | undefined) => {
    const byLabel = known.get(namespace) ?? podsByLabel(pods, namespace);
    known.set(namespace, byLabel);
    return byLabel;
  };
  return (requirements, namespace) => {
    // Cluster and service account are labels of identities, which no pod has written on it.
    const demand = requirements.find((one) => isDemand(one) && !one.key.startsWith('io.cilium.k8s.'));
    const some = demand
      ? demand.values.flatMap((value) => byLabelIn(namespace).get(`${demand.key}=${value}`) ?? [])
      : pods.filter((pod) => isIn(pod, namespace));
    return some.some((pod) => !pod.hostNetwork && matchRequirements(requirements, labelsOf(pod)) === 'yes');
  };
}

function podsByLabel(pods: readonly Pod[], namespace: string | undefined): Map<string, Pod[]> {
  const map = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (!isIn(pod, namespace)) continue;
    for (const [key, value] of Object.entries(pod.meta.labels)) {
      const list = map.get(`${key}=${value}`);
      if (list) list.push(pod);
      else map.set(`${key}=${value}`, [pod]);
    }
  }
  return map;
}

function isIn(pod: Pod, namespace: string | undefined): boolean {
  return namespace === undefined || (pod.meta.namespace ?? 'default') === namespace;
}

function canonical(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => canonicalIp(address) ?? []);
}

// A question is about a handful of addresses; a walk over the pods for each costs less than a map of them all.
const FEW = 6;

function podFinderByIp(pods: readonly Pod[]): StateIndex['podAt'] {
  const known = new Map<string, Pod | undefined>();
  let all: ReadonlyMap<string, Pod> | undefined;
  return (address) => {
    if (all) return all.get(address);
    if (known.has(address)) return known.get(address);
    if (known.size >= FEW) {
      all = indexPods(pods);
      return all.get(address);
    }
    const found = pods.findLast((pod) => hasAddress(pod, address));
    known.set(address, found);
    return found;
  };
}

function hasAddress(pod: Pod, address: string): boolean {
  return ownsAddress(pod) && pod.podIPs.some((text) => text === address || isSpelt(text, address));
}

/** Only IPv6 has more than one spelling. */
function isSpelt(text: string, address: string): boolean {
  return text.includes(':') && address.includes(':') && canonicalIp(text) === address;
}

/** A finished pod keeps its address in its status while another pod may already use it. */
function ownsAddress({ hostNetwork, phase }: Pod): boolean {
  return !hostNetwork && phase !== 'Succeeded' && phase !== 'Failed';
}

function indexPods(pods: readonly Pod[]): Map<string, Pod> {
  const map = new Map<string, Pod>();
  for (const pod of pods) {
    if (!ownsAddress(pod)) continue;
    for (const text of pod.podIPs) {
      const ip = canonicalIp(text);
      if (ip !== undefined) map.set(ip, pod);
    }
  }
  return map;
}

function indexNodes(state: ClusterState): Map<string, { name: string; node?: Node }> {
  const map = new Map<string, { name: string; node?: Node }>();
  // A hundred pods repeat the address of their node.
  for (const pod of state.pods) {
    if (pod.nodeIPs.every((ip) => map.has(ip))) continue;
    for (const ip of canonical(pod.nodeIPs)) if (!map.has(ip)) map.set(ip, { name: pod.nodeName ?? '' });
  }
  for (const node of state.nodes)
    for (const ip of canonical(node.addresses)) map.set(ip, { name: node.meta.name, node });
  return map;
}

function indexServices(services: readonly Service[]): Map<string, Service> {
  const map = new Map<string, Service>();
  for (const service of services)
    for (const ip of canonical([...service.clusterIPs, ...service.externalIPs])) map.set(ip, service);
  return map;
}

function groupBackends(backends: readonly ServiceBackend[]): Map<string, ServiceBackend[]> {
  const map = new Map<string, ServiceBackend[]>();
  for (const backend of backends) {
    const key = `${backend.namespace}/${backend.service}`;
    map.set(key, [...(map.get(key) ?? []), backend]);
  }
  return map;
}
