/** Addresses of the destination, with in-cluster Service names resolved from the state when nobody looked them up. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { Pod, Service } from '../../model/workload.ts';
import { isPrivateAddress } from '../../net/cidr.ts';
import { parseIp } from '../../net/ip.ts';
import { gapFor, gapText } from './gaps.ts';
import { backendsOf } from './service-backends.ts';
import { indexOf } from './state-index.ts';

export function addressesOf(state: ClusterState, pod: Pod, destination: Destination): readonly string[] {
  if (destination.addresses.length > 0 || destination.host === undefined) return destination.addresses;
  const alias = pod.hostAliases.filter((one) => one.hostnames.includes(destination.host ?? '')).map((one) => one.ip);
  return alias.length > 0 ? alias : serviceAddresses(state, pod, destination.host);
}

/**
 * Why a name without known addresses cannot be taken for one outside the cluster; undefined for every other name, and for an
 * ExternalName Service, whose address lies outside.
 */
export function unknownInside(state: ClusterState, pod: Pod, host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const service = serviceOf(state, pod, host);
  if (service?.externalName !== undefined) return undefined;
  if (service !== undefined)
    return `Service ${service.meta.namespace ?? 'default'}/${service.meta.name} has no address in the cluster state`;
  const inside = !host.includes('.') || /\.(svc|svc\.cluster\.local|cluster\.local)$/.test(host);
  if (!inside) return undefined;
  const gap = gapFor(state, 'services');
  return `"${host}" is a name of the cluster, and no such Service is in the cluster state${gap === undefined ? '' : `: ${gapText(gap)}`}`;
}

/** Why the destination, which is no Service that was read, may be one that was not; undefined where it cannot. */
export function mayBeService(
  state: ClusterState,
  pod: Pod,
  { address, host }: { readonly address: string | undefined; readonly host: string | undefined },
): string | undefined {
  const gap = gapFor(state, 'services');
  if (gap === undefined) return undefined;
  const ip = address === undefined ? undefined : parseIp(address);
  const inside = (ip !== undefined && isPrivateAddress(ip)) || unknownInside(state, pod, host) !== undefined;
  return inside ? gapText(gap) : undefined;
}

/** The cluster IPs, or the addresses of the pods behind a headless Service. */
function serviceAddresses(state: ClusterState, pod: Pod, host: string): readonly string[] {
  const service = serviceOf(state, pod, host);
  if (service === undefined) return [];
  if (!service.clusterIPs.includes('None')) return service.clusterIPs;
  const backends = service.ports.flatMap((port) => backendsOf(state, service, port).map(({ address }) => address));
  return [...new Set(backends)];
}

/** `svc`, `svc.ns`, `svc.ns.svc`, `svc.ns.svc.cluster.local`, and the names of single pods below the last two. */
function serviceOf(state: ClusterState, pod: Pod, host: string): Service | undefined {
  const full = /^(?:[^.]+\.)?([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?$/.exec(host);
  const short = /^([^.]+)(?:\.([^.]+))?$/.exec(host);
  const [, name, namespace = pod.meta.namespace ?? 'default'] = full ?? short ?? [];
  return name === undefined ? undefined : indexOf(state).serviceNamed(namespace, name);
}
