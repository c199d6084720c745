/** Whom the pod asks for names: the cluster's DNS backends, or the node-local cache in front of them; used by `stages/lookup.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Pod, Service } from '../../model/workload.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { identitiesOf } from '../identity/identity.ts';
import { labelFilter, namespaceLabels, podLabels } from '../identity/labels.ts';
import { gapFor, gapText, lacksInArchive } from './gaps.ts';
import { backendsOf } from './service-backends.ts';
import { indexOf } from './state-index.ts';

interface DnsServers {
  /** Alternatives, each with the backends a query may reach; empty when not known. */
  readonly servers: readonly PeerIdentity[];
  /** Why the server is not known. */
  readonly unknown?: string;
  readonly assumption?: string;
}

const NAMES = new Set(['kube-dns', 'coredns', 'rke2-coredns-rke2-coredns', 'dns-default']);

export function dnsServersOf(state: ClusterState, pod: Pod): DnsServers {
  if (pod.dnsPolicy === 'Default')
    return unknown("the pod uses its node's resolver (dnsPolicy Default), whose address is not in the cluster state");
  if (pod.dnsPolicy === 'None')
    return unknown('the pod names its own servers (dnsPolicy None), which are not in the cluster state');
  const { shared } = dnsOf(state);
  return shared.servers ?? clusterServers(state, pod);
}

function clusterServers(state: ClusterState, pod: Pod): DnsServers {
  const { service, shared } = dnsOf(state);
  const port = service?.ports.find((one) => one.port === 53 && one.protocol === 'UDP');
  if (!service && lacksInArchive(state, 'services')) return conventional(state);
  if (!service || !port) return unknown(missing(state, 'no cluster DNS Service (kube-dns) is in the cluster state'));
  const servers = backendsOf(state, service, port).flatMap((one) => identitiesOf(state, pod, one));
  if (servers.length === 0) {
    const name = `${service.meta.namespace ?? ''}/${service.meta.name}`;
    return unknown(missing(state, `Service ${name} has no backend in the cluster state`));
  }
  if (dependOnPod(state, servers)) return withCache(state, pod, servers);
  shared.servers = { servers };
  return shared.servers;
}

/** A node is another one for the pods that run on it; a pod is the same for all. */
function dependOnPod(state: ClusterState, servers: readonly PeerIdentity[]): boolean {
  return dnsDependsOnNode(state) || servers.some(({ kind }) => kind === 'host' || kind === 'remote-node');
}

interface ClusterDns {
  /** The Service in front of the cluster's DNS servers. */
  readonly service: Service | undefined;
  /** Node-local caches by node. */
  readonly caches: ReadonlyMap<string | undefined, Pod>;
  /** Whom all pods ask that use the cluster's DNS, once that is known. */
  readonly shared: { servers?: DnsServers };
}

const known = new WeakMap<ClusterState, ClusterDns>();

/** Looked for once a state: every pod of a fleet asks. */
function dnsOf(state: ClusterState): ClusterDns {
  const found = known.get(state) ?? { service: dnsService(state), caches: nodeCaches(state), shared: {} };
  known.set(state, found);
  return found;
}

function nodeCaches(state: ClusterState): Map<string | undefined, Pod> {
  const caches = state.pods.filter(({ meta }) => meta.labels['k8s-app'] === 'node-local-dns');
  return new Map(caches.toReversed().map((pod) => [pod.nodeName, pod]));
}

function dnsService(state: ClusterState): Service | undefined {
  const candidates = state.services.filter((one) => one.ports.some((port) => port.port === 53));
  const system = candidates.filter((one) => ['kube-system', 'openshift-dns'].includes(one.meta.namespace ?? ''));
  return (
    system.find((one) => NAMES.has(one.meta.name)) ?? system.find((one) => one.meta.labels['k8s-app'] === 'kube-dns')
  );
}

/** For a set of manifests without the cluster's DNS: what nearly every cluster has, stated as an assumption. */
function conventional(state: ClusterState): DnsServers {
  const { settings } = indexOf(state);
  const labels = { 'k8s-app': 'kube-dns' };
  const meta = { namespace: 'kube-system', name: 'kube-dns', labels, annotations: {}, owners: [], managers: [] };
  const pod: Pod = { ...NO_POD, meta };
  const namespace = indexOf(state).namespaces.get('kube-system') ?? {
    meta: { ...meta, name: 'kube-system', labels: {} },
  };
  const keeps = labelFilter(settings);
  const space = namespaceLabels('kube-system', namespace, keeps);
  const server: PeerIdentity = {
    kind: 'pod',
    labels: podLabels(pod, space, { clusterName: settings.clusterName, keeps }),
    pod,
    names: [],
    maybeNames: [],
    port: 53,
    protocol: 'UDP',
    text: 'the DNS pods of kube-system (k8s-app=kube-dns)',
  };
  const assumption =
    "the archive does not hold the cluster's DNS: pods labelled k8s-app=kube-dns in kube-system on port 53 are assumed";
  return { servers: [server], assumption };
}

const NO_POD = {
  phase: 'Running',
  nodeIPs: [],
  podIPs: [],
  hostNetwork: false,
  serviceAccount: 'coredns',
  dnsPolicy: 'Default',
  hostAliases: [],
  containers: [],
} as const;

function unknown(reason: string): DnsServers {
  return { servers: [], unknown: reason };
}

function missing(state: ClusterState, otherwise: string): string {
  const gap = gapFor(state, 'services') ?? gapFor(state, 'endpointslices') ?? gapFor(state, 'pods');
  return gap ? `${otherwise}; ${gapText(gap)}` : otherwise;
}

/** Do lookups of pods on different nodes reach different servers? */
export function dnsDependsOnNode(state: ClusterState): boolean {
  return dnsOf(state).caches.size > 0;
}

/** With a node-local cache the query reaches its pod (LocalRedirectPolicy) or the node itself (policy-semantics §2.2). */
function withCache(state: ClusterState, pod: Pod, servers: readonly PeerIdentity[]): DnsServers {
  const cache = dnsOf(state).caches.get(pod.nodeName);
  if (!cache) return { servers };
  const addresses = cache.hostNetwork ? cache.nodeIPs : cache.podIPs;
  const local = addresses
    .slice(0, 1)
    .flatMap((address) => identitiesOf(state, pod, { address, port: 53, protocol: 'UDP' }));
  const assumption =
    'a node-local DNS cache runs on the node: both it and the cluster DNS were considered as the server asked';
  return { servers: [...local, ...servers], assumption };
}
