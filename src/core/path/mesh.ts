/** Mesh proxies that take over a pod's connections: what "connected" means in such a pod; asked by `diagnose/steps` and `choose-container.ts`. */
import type { Namespace, Pod } from '../model/workload.ts';
import { istioBypass, linkerdBypass } from '../policy/mesh/proxy.ts';

/** Proxies that send their own traffic around the redirection of the others': what they can reach says little about the app. */
export const MESH_PROXIES: ReadonlySet<string> = new Set([
  'istio-proxy',
  'linkerd-proxy',
  'envoy',
  'envoy-sidecar',
  'consul-dataplane',
  'kuma-sidecar',
]);

/** Those that the mesh's own injection sets up with a redirection of the pod's outbound TCP; a plain Envoy may be anything. */
const REDIRECTING: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy', 'consul-dataplane', 'kuma-sidecar']);

/** Istio's ambient mode redirects without a container of the pod (istio.io, ambient data plane). */
const AMBIENT = 'ambient.istio.io/redirection';

/**
 * The proxy that accepts the pod's TCP connections itself, whatever becomes of them further on: a connection that opens then
 * proves nothing about the destination, a TLS handshake that the destination answers does. Undefined when none is known.
 */
export function interceptorOf(pod: Pod): string | undefined {
  // Nothing redirects the node's own connections, nor those of a gateway, which is a proxy and nothing else.
  const app = pod.containers.some(({ role, name }) => role === 'app' && !REDIRECTING.has(name));
  if (pod.hostNetwork || (!app && pod.containers.length > 0)) return undefined;
  if (pod.meta.annotations[AMBIENT] === 'enabled') return 'ztunnel';
  return pod.containers.find(({ name, role }) => role !== 'ephemeral' && REDIRECTING.has(name))?.name;
}

interface Connection {
  readonly namespace?: Namespace | undefined;
  /** None known: those that the port alone sends around the proxy. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The same for one connection: what the pod's annotations send around the proxy reaches the destination itself. */
export function interceptorOn(pod: Pod, { namespace, addresses, port }: Connection): string | undefined {
  const proxy = interceptorOf(pod);
  const goesAround = (address: string | undefined): boolean => {
    if (proxy === 'istio-proxy') return istioBypass(pod, address, port) !== undefined;
    return proxy === 'linkerd-proxy' && linkerdBypass(pod, namespace, { address, port }) !== undefined;
  };
  const around = addresses.length === 0 ? goesAround(undefined) : addresses.every(goesAround);
  return around ? undefined : proxy;
}
