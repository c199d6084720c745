/** Istio's registry: every Service of the cluster and every host of every ServiceEntry, and who may see it; for `istio-scope.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { ObjectMeta, ObjectRef } from '../../model/object-meta.ts';
import type { IstioServiceEntry } from '../../model/policies/mesh.ts';
import type { Pod, Service, ServicePort } from '../../model/workload.ts';
import { patternMatcher } from '../fqdn/dialects.ts';
import type { NameMatcher } from '../fqdn/matchers.ts';
import { backendsOf } from '../state/service-backends.ts';

/** How Istio reads a port's protocol (pkg/config/protocol/instance.go); `auto` is told apart by what the client says first. */
export type PortKind = 'http' | 'tls' | 'tcp' | 'auto' | 'none';

export interface RegistryPort {
  readonly number: number;
  readonly kind: PortKind;
}

/** One host name of the registry. */
export interface RegistryHost {
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly created: string;
  readonly isService: boolean;
  /** Lower-case; may begin with `*`. */
  readonly host: string;
  readonly matches: NameMatcher;
  /** Further names that a plain HTTP request may carry. */
  readonly aliases: readonly string[];
  /** Addresses that a plain HTTP request may name instead. */
  readonly literals: readonly string[];
  /** Addresses and ranges at which the proxy takes it; none: at every address. */
  readonly addresses: readonly string[];
  /** Addresses that Istio allocated, which the DNS of proxies that capture it answers with. */
  readonly assigned: readonly string[];
  readonly ports: readonly RegistryPort[];
  /** The proxy connects to the registry's endpoints, whatever address was asked for. */
  readonly sendsElsewhere: boolean;
  readonly exportTo: readonly string[];
  /** Why it cannot be told what the proxy makes of it. */
  readonly unclear?: string;
}

const EXPORT_TO = 'networking.istio.io/exportTo';
const cache = new WeakMap<ClusterState, readonly RegistryHost[]>();

/** Oldest first, as Istio sorts them (pilot/pkg/model/push_context.go SortServicesByCreationTime). */
export function registryOf(state: ClusterState): readonly RegistryHost[] {
  const known = cache.get(state);
  if (known) return known;
  const hosts = [
    ...state.services.map((service) => serviceHost(state, service)),
    ...(state.istio?.serviceEntries ?? []).flatMap(entryHosts),
  ];
  const sorted = hosts.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  cache.set(state, sorted);
  return sorted;
}

const keyOf = ({ created, ref, namespace }: RegistryHost): string => `${created} ${ref.name}.${namespace}`;

/** push_context.go IsServiceVisible; the mesh may change the default, which is everyone. */
export function isVisible(host: RegistryHost, namespace: string, fallback: readonly string[] | undefined): boolean {
  const exportTo = host.exportTo.length > 0 ? host.exportTo : (fallback ?? ['*']);
  return exportTo.some((to) => to === '*' || to === namespace || (to === '.' && host.namespace === namespace));
}

function serviceHost(state: ClusterState, service: Service): RegistryHost {
  const namespace = service.meta.namespace ?? 'default';
  const short = `${service.meta.name}.${namespace}`;
  const external = service.externalName !== undefined;
  const host = `${short}.svc.cluster.local`;
  return {
    ...common('Service', service.meta),
    namespace,
    isService: true,
    host,
    matches: (name) => name === host,
    aliases: [`${short}.svc`, short],
    literals: virtualAddresses(service),
    addresses: external ? [] : addressesOf(state, service),
    assigned: [],
    ports: service.ports.map((port) => ({ number: port.port, kind: servicePortKind(port) })),
    sendsElsewhere: false,
    exportTo: listOf(service.meta.annotations[EXPORT_TO]),
    ...(external && { unclear: 'how Istio routes to an ExternalName Service depends on its version' }),
  };
}

/** A headless Service is taken at the addresses of its pods (pilot/pkg/networking/core/listener.go). */
function addressesOf(state: ClusterState, service: Service): readonly string[] {
  const virtual = virtualAddresses(service);
  if (virtual.length > 0) return virtual;
  const backends = service.ports.flatMap((port) => backendsOf(state, service, port).map(({ address }) => address));
  return backends.length > 0 ? [...new Set(backends)] : ['none'];
}

function virtualAddresses({ clusterIPs, externalIPs }: Service): readonly string[] {
  return [...clusterIPs, ...externalIPs].filter((address) => address !== 'None');
}

/** pkg/config/kube/conversion.go ConvertProtocol: the port's name up to the first dash. */
function servicePortKind({ name, protocol }: ServicePort): PortKind {
  if (protocol !== 'TCP') return 'none';
  return name === undefined ? 'auto' : portKind(/^grpc-web/i.test(name) ? 'grpc-web' : (name.split('-')[0] ?? ''));
}

function entryHosts(entry: IstioServiceEntry): readonly RegistryHost[] {
  const { meta, resolution } = entry;
  return entry.hosts.map((host) => ({
    ...common('ServiceEntry', meta),
    namespace: meta.namespace ?? 'default',
    isService: false,
    host: host.toLowerCase(),
    matches: host === '*' ? () => true : patternMatcher(host.toLowerCase(), 'istio'),
    aliases: [],
    literals: entry.addresses,
    addresses: entry.addresses,
    assigned: entry.addresses.length > 0 ? [] : assignedTo(entry, host),
    ports: entry.ports.map((port) => ({ number: port.number, kind: portKind(port.protocol ?? '') })),
    sendsElsewhere: resolution !== 'NONE',
    exportTo: entry.exportTo,
    ...(resolution === 'NONE' &&
      entry.selectsWorkloads && { unclear: 'it is taken at the addresses of workloads that are not evaluated' }),
  }));
}

function assignedTo({ assigned }: IstioServiceEntry, host: string): readonly string[] {
  return assigned.filter((one) => one.host === undefined || one.host === host).map(({ value }) => value);
}

function common(kind: 'Service' | 'ServiceEntry', meta: ObjectMeta): Pick<RegistryHost, 'ref' | 'created'> {
  const ref = { kind, name: meta.name, ...(meta.namespace !== undefined && { namespace: meta.namespace }) };
  return { ref, created: meta.creationTimestamp ?? '' };
}

/** As Parse and ModelProtocolToListenerProtocol read it (pkg/config/protocol, pilot/pkg/networking/networking.go). */
export function portKind(protocol: string): PortKind {
  switch (protocol.toLowerCase()) {
    case 'http':
    case 'http2':
    case 'grpc':
    case 'grpc-web':
      return 'http';
    case 'https':
    case 'tls':
      return 'tls';
    case 'tcp':
    case 'mongo':
    case 'redis':
    case 'mysql':
      return 'tcp';
    case 'udp':
      return 'none';
    default:
      return 'auto';
  }
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The short name works in the Service's own namespace only (pilot/pkg/networking/core/httproute.go GenerateAltVirtualHosts). */
export function namesFor(host: RegistryHost, pod: Pod): readonly string[] {
  const own = host.isService && host.namespace === (pod.meta.namespace ?? 'default');
  return [host.host, ...host.aliases, ...(own ? [host.ref.name] : [])];
}
