/** Service addresses translated to backend addresses and ports, as the datapath does before policy (policy-semantics §4). */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Pod, Service, ServicePort } from '../../model/workload.ts';
import type { Endpoint } from '../identity/identity.ts';
import { canonicalIp, indexOf } from './state-index.ts';

/** Undefined when the endpoint is no Service port; empty when the Service has no backend that is known. */
export function findBackends(state: ClusterState, to: Endpoint): readonly Endpoint[] | undefined {
  const service = indexOf(state).servicesByIp.get(canonicalIp(to.address) ?? to.address);
  const port = service?.ports.find((one) => one.port === to.port && one.protocol === to.protocol);
  return service && port && backendsOf(state, service, port);
}

/** From EndpointSlices where they are in the state, else the running pods that the Service selects. */
export function backendsOf(state: ClusterState, service: Service, port: ServicePort): readonly Endpoint[] {
  const slices = indexOf(state).backendsOf(service);
  const usable = slices.some((one) => one.ready) ? slices.filter((one) => one.ready) : slices;
  const fromSlices = usable.flatMap((backend) => {
    const named = backend.ports.find((one) => (one.name ?? '') === (port.name ?? '') && one.protocol === port.protocol);
    const number = named?.port ?? numericTarget(port);
    return backend.addresses.map((address) => ({ address, port: number, protocol: port.protocol }));
  });
  return fromSlices.length > 0 ? fromSlices : selectedPods(state, service).flatMap((pod) => podEndpoints(pod, port));
}

function selectedPods(state: ClusterState, service: Service): readonly Pod[] {
  const selector = Object.entries(service.selector);
  if (selector.length === 0) return [];
  return state.pods.filter(
    (pod) =>
      (pod.meta.namespace ?? 'default') === (service.meta.namespace ?? 'default') &&
      selector.every(([key, value]) => pod.meta.labels[key] === value),
  );
}

function podEndpoints(pod: Pod, port: ServicePort): Endpoint[] {
  const number = typeof port.targetPort === 'string' ? namedPort(pod, port) : numericTarget(port);
  return number === undefined ? [] : pod.podIPs.map((address) => ({ address, port: number, protocol: port.protocol }));
}

function namedPort(pod: Pod, port: ServicePort): number | undefined {
  const ports = pod.containers.flatMap((container) => container.ports);
  return ports.find((one) => one.name === port.targetPort && one.protocol === port.protocol)?.port;
}

function numericTarget(port: ServicePort): number {
  return typeof port.targetPort === 'number' && port.targetPort > 0 ? port.targetPort : port.port;
}
