/** What a mesh decides by about one host for one pod; for `beside.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { ObjectMeta } from '../model/object-meta.ts';
import type { IstioFacts, LinkerdFacts } from '../model/policies/mesh.ts';
import type { Pod } from '../model/workload.ts';

interface MeshObject {
  readonly kind: string;
  readonly meta: ObjectMeta;
}

/** Empty for a pod outside a mesh: nothing of one was read. */
export function meshObjects({ istio, linkerd }: ClusterState, pod: Pod, host: string): readonly MeshObject[] {
  const namespace = pod.meta.namespace ?? 'default';
  return [
    ...(istio === undefined ? [] : ofIstio(istio, namespace, host)),
    ...(linkerd === undefined ? [] : ofLinkerd(linkerd, namespace, host)),
  ];
}

/** A Sidecar counts in the pod's namespace and in the root one; entries and services that name the host count wherever they are exported from. */
function ofIstio(istio: IstioFacts, namespace: string, host: string): MeshObject[] {
  const root = (istio.meshConfig.ok ? istio.meshConfig.value.rootNamespace : undefined) ?? istio.controlPlane;
  const sidecars = istio.sidecars.filter(({ meta }) => meta.namespace === namespace || meta.namespace === root);
  const naming = <T extends { readonly hosts: readonly string[] }>(all: readonly T[]): readonly T[] =>
    all.filter(({ hosts }) => hosts.some((one) => covers(one, host)));
  return [
    ...configOf(istio.meshConfig),
    ...sidecars.map(({ meta }) => ({ kind: 'Sidecar', meta })),
    ...naming(istio.serviceEntries).map(({ meta }) => ({ kind: 'ServiceEntry', meta })),
    ...naming(istio.virtualServices).map(({ meta }) => ({ kind: 'VirtualService', meta })),
  ];
}

function ofLinkerd({ config, egressNetworks, routes }: LinkerdFacts, namespace: string, host: string): MeshObject[] {
  const global = (config.ok ? config.value.globalEgressNamespace : undefined) ?? 'linkerd-egress';
  const near = ({ meta }: MeshObject): boolean => meta.namespace === namespace || meta.namespace === global;
  const naming = routes.filter(({ hostnames }) => hostnames.length === 0 || hostnames.some((one) => covers(one, host)));
  return [
    ...configOf(config),
    ...egressNetworks.map(({ meta }) => ({ kind: 'EgressNetwork', meta })).filter(near),
    ...naming.map(({ kind, meta }) => ({ kind, meta })).filter(near),
  ];
}

function configOf(config: IstioFacts['meshConfig'] | LinkerdFacts['config']): MeshObject[] {
  const meta = config.ok ? config.value.written : undefined;
  return meta === undefined ? [] : [{ kind: 'ConfigMap', meta }];
}

function covers(pattern: string, host: string): boolean {
  const name = pattern.toLowerCase();
  return name === '*' || name === host || (name.startsWith('*.') && host.endsWith(name.slice(1)));
}
