/** Addresses of the destination, with in-cluster Service names resolved from the state when nobody looked them up. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Pod } from '../model/workload.ts';

export function addressesOf(state: ClusterState, pod: Pod, destination: Destination): readonly string[] {
  if (destination.addresses.length > 0 || destination.host === undefined) return destination.addresses;
  const alias = pod.hostAliases.filter((one) => one.hostnames.includes(destination.host ?? '')).map((one) => one.ip);
  return alias.length > 0 ? alias : serviceAddresses(state, pod, destination.host);
}

/** `svc`, `svc.ns`, `svc.ns.svc` and `svc.ns.svc.cluster.local` of a Service in the state. */
function serviceAddresses(state: ClusterState, pod: Pod, host: string): readonly string[] {
  const [name, namespace = pod.meta.namespace ?? 'default', ...rest] = host.split('.');
  if (rest.length > 0 && !['svc', 'svc.cluster.local'].includes(rest.join('.'))) return [];
  const service = state.services.find(
    (one) => one.meta.name === name && (one.meta.namespace ?? 'default') === namespace,
  );
  return service?.clusterIPs.filter((ip) => ip !== 'None') ?? [];
}
