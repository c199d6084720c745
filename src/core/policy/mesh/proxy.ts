/** Which mesh takes over the pod's connections, and which of them it leaves alone; asked by `stages/mesh.ts` and by `cluster/mesh.ts`. */
import type { Namespace, Pod } from '../../model/workload.ts';
import { cidrContains, parseNetwork } from '../../net/cidr.ts';
import { parseIp } from '../../net/ip.ts';

export type Mesh = 'istio' | 'ambient' | 'linkerd';

/**
 * The mesh whose proxy the pod's own connections pass. A pod of nothing but a proxy is a gateway or a waypoint, whose traffic nothing
 * redirects (Istio docs "Installing Gateways"). A native sidecar is an init container with the same name.
 */
export function meshOf(pod: Pod, namespace: Namespace | undefined): Mesh | undefined {
  if (pod.hostNetwork) return undefined;
  if (hasProxy(pod, 'istio-proxy') && hasApp(pod)) return 'istio';
  if (hasProxy(pod, 'linkerd-proxy') && hasApp(pod)) return 'linkerd';
  return isAmbient(pod, namespace) ? 'ambient' : undefined;
}

function hasProxy({ containers }: Pod, proxy: string): boolean {
  return containers.some(({ role, name }) => role !== 'ephemeral' && name === proxy);
}

function hasApp({ containers }: Pod): boolean {
  return containers.some(({ role, name }) => role === 'app' && !PROXIES.has(name));
}

const PROXIES: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy']);
const DATAPLANE_MODE = 'istio.io/dataplane-mode';

/** Istio docs "Add workloads to the mesh": the pod's label counts before its namespace's; the node agent notes what it redirected. */
function isAmbient(pod: Pod, namespace: Namespace | undefined): boolean {
  const noted = pod.meta.annotations['ambient.istio.io/redirection'];
  if (noted !== undefined) return noted === 'enabled';
  return (pod.meta.labels[DATAPLANE_MODE] ?? namespace?.meta.labels[DATAPLANE_MODE]) === 'ambient';
}

const SIDECAR = 'traffic.sidecar.istio.io';

/**
 * Why Istio's redirection leaves the connection alone; undefined where it goes through the proxy. In the order of the rules that
 * tools/istio-iptables/pkg/capture/run.go appends: excluded ports, loopback, excluded ranges, included ports, included ranges.
 */
export function istioBypass(pod: Pod, address: string | undefined, port: number): string | undefined {
  const { annotations } = pod.meta;
  const note = (key: string): string | undefined => annotations[`${SIDECAR}/${key}`];
  if (annotations['sidecar.istio.io/interceptionMode'] === 'NONE') return 'sidecar.istio.io/interceptionMode is NONE';
  if (listsPort(note('excludeOutboundPorts'), port)) return `${SIDECAR}/excludeOutboundPorts lists ${port}`;
  if (address !== undefined && isLoopback(address)) return 'it stays inside the pod';
  const range = rangeWith(note('excludeOutboundIPRanges'), address);
  if (range !== undefined) return `${SIDECAR}/excludeOutboundIPRanges lists ${range}`;
  return listsPort(note('includeOutboundPorts'), port)
    ? undefined
    : notIncluded(note('includeOutboundIPRanges'), address);
}

function notIncluded(included: string | undefined, address: string | undefined): string | undefined {
  const list = included?.trim();
  if (list === undefined || list === '*' || rangeWith(list, address) !== undefined) return undefined;
  // Without the address only an empty list says that nothing is redirected.
  if (address === undefined && list !== '') return undefined;
  return `${SIDECAR}/includeOutboundIPRanges does not list ${address ?? 'any range'}`;
}

/** Whether a redirection by address range stays open because the address is not known. */
export function istioRangesMatter(pod: Pod): boolean {
  const { annotations } = pod.meta;
  const included = annotations[`${SIDECAR}/includeOutboundIPRanges`]?.trim() ?? '*';
  const excluded = annotations[`${SIDECAR}/excludeOutboundIPRanges`]?.trim() ?? '';
  return (included !== '*' && included !== '') || excluded !== '';
}

/** The same for Linkerd, whose annotations a namespace may carry for its pods (linkerd.io "Proxy configuration"). */
export function linkerdBypass(
  pod: Pod,
  namespace: Namespace | undefined,
  to: { readonly address: string | undefined; readonly port: number },
): string | undefined {
  const note = (name: string): string | undefined => {
    const key = `config.linkerd.io/${name}`;
    return pod.meta.annotations[key] ?? namespace?.meta.annotations[key];
  };
  if (listsPort(note('skip-outbound-ports'), to.port)) return `config.linkerd.io/skip-outbound-ports lists ${to.port}`;
  if (to.address !== undefined && isLoopback(to.address)) return 'it stays inside the pod';
  const range = rangeWith(note('skip-subnets'), to.address);
  return range === undefined ? undefined : `config.linkerd.io/skip-subnets lists ${range}`;
}

/** `443,8000-8100`. */
export function listsPort(list: string | undefined, port: number): boolean {
  return (list ?? '').split(',').some((entry) => {
    const [from, to = from] = entry.trim().split('-');
    return entry.trim() !== '' && Number(from) <= port && port <= Number(to);
  });
}

function rangeWith(list: string | undefined, address: string | undefined): string | undefined {
  const ip = address === undefined ? undefined : parseIp(address);
  if (ip === undefined) return undefined;
  return (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .find((entry) => {
      const range = parseNetwork(entry);
      return range !== undefined && cidrContains(range, ip);
    });
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
