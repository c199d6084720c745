/** Reads what a service mesh decides about the pod's egress, for pods in a mesh only; a step of `read-state.ts`. */
import type { ClusterState, NotRead, Read } from '../core/model/cluster-state.ts';
import type { ObjectMeta } from '../core/model/object-meta.ts';
import type { IstioFacts, LinkerdConfig, LinkerdFacts } from '../core/model/policies/mesh.ts';
import type { Namespace, Pod } from '../core/model/workload.ts';
import { meshOf } from '../core/policy/mesh/proxy.ts';
import { configMapSchema } from './decode/engine-objects.ts';
import * as schemas from './decode/mesh.ts';
import type { Schema } from './decode/shapes.ts';
import { type Gatherer, inNameOrder } from './gather.ts';
import { parseMeshConfig } from './mesh-config.ts';
import * as kinds from './resources.ts';

export interface MeshRead {
  readonly facts: Pick<ClusterState, 'istio' | 'linkerd'>;
  readonly notRead: readonly NotRead[];
}

const NONE: MeshRead = { facts: {}, notRead: [] };

export async function readMesh(
  gather: Gatherer,
  pod: Pod | undefined,
  namespaces: readonly Namespace[],
): Promise<MeshRead> {
  if (pod === undefined) return NONE;
  const namespace = pod.meta.namespace ?? 'default';
  const mesh = meshOf(
    pod,
    namespaces.find(({ meta }) => meta.name === namespace),
  );
  if (mesh === 'istio') return readIstio(gather, pod, namespace);
  return mesh === 'linkerd' ? readLinkerd(gather, namespace) : NONE;
}

async function readIstio(gather: Gatherer, pod: Pod, namespace: string): Promise<MeshRead> {
  const plane = controlPlaneOf(pod);
  const config = await readConfig(gather, plane, { key: 'mesh', schema: schemas.meshConfigSchema });
  const root = (config.ok ? config.value.rootNamespace : undefined) ?? plane.namespace;
  const fallback = [...new Set([namespace, root])];
  const [sidecars, entries, services] = await Promise.all([
    gather.everywhere(kinds.ISTIO_SIDECARS, schemas.sidecarSchema, fallback),
    gather.everywhere(kinds.ISTIO_SERVICE_ENTRIES, schemas.serviceEntrySchema, fallback),
    gather.everywhere(kinds.ISTIO_VIRTUAL_SERVICES, schemas.virtualServiceSchema, fallback),
  ]);
  const istio: IstioFacts = {
    controlPlane: plane.namespace,
    meshConfig: config,
    sidecars: inNameOrder(sidecars.values),
    serviceEntries: inNameOrder(entries.values),
    virtualServices: inNameOrder(services.values),
  };
  const gaps = [sidecars, entries, services].flatMap(({ notRead }) => notRead);
  return { facts: { istio }, notRead: present(config, gaps) };
}

/** Where the control plane of the pod's proxy keeps its configuration. */
interface ConfigPlace {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The injector notes the revision in `sidecar.istio.io/status`, and the proxy's environment names istiod (manifests/charts of Istio,
 * injection-template). The ConfigMap of the revision `default` has no suffix.
 */
function controlPlaneOf(pod: Pod): ConfigPlace {
  const proxy = pod.containers.find(({ name }) => name === 'istio-proxy');
  const [, fromAddress, namespace = 'istio-system'] =
    /^istiod(?:-([^.]+))?\.([^.]+)\.svc/.exec(proxy?.env['CA_ADDR'] ?? '') ?? [];
  const revision = notedRevision(pod) ?? fromAddress ?? pod.meta.labels['istio.io/rev'] ?? 'default';
  return { namespace, name: revision === 'default' ? 'istio' : `istio-${revision}` };
}

function notedRevision(pod: Pod): string | undefined {
  const [, revision] =
    /"revision"\s*:\s*"([a-z0-9-]+)"/.exec(pod.meta.annotations['sidecar.istio.io/status'] ?? '') ?? [];
  return revision;
}

const ROUTES = kinds.MESH_ROUTES.map((resource) => ({
  resource,
  schema: schemas.routeSchema(resource.kind as 'HTTPRoute', resource.group),
}));

async function readLinkerd(gather: Gatherer, namespace: string): Promise<MeshRead> {
  const config: Read<LinkerdConfig> = await readConfig(
    gather,
    { namespace: 'linkerd', name: 'linkerd-config' },
    { key: 'values', schema: schemas.linkerdValuesSchema },
  );
  const global = (config.ok ? config.value.globalEgressNamespace : undefined) ?? 'linkerd-egress';
  const fallback = [...new Set([namespace, global])];
  const [networks, ...routes] = await Promise.all([
    gather.everywhere(kinds.LINKERD_EGRESS_NETWORKS, schemas.egressNetworkSchema, fallback),
    ...ROUTES.map(({ resource, schema }) => gather.everywhere(resource, schema, fallback)),
  ]);
  const linkerd: LinkerdFacts = {
    config,
    egressNetworks: inNameOrder(networks.values),
    routes: inNameOrder(routes.flatMap(({ values }) => values)),
  };
  const gaps = [networks, ...routes].flatMap(({ notRead }) => notRead);
  return { facts: { linkerd }, notRead: present(config, gaps) };
}

function present(config: Read<unknown>, gaps: readonly NotRead[]): readonly NotRead[] {
  return [...(config.ok ? [] : [config.notRead]), ...gaps.filter(({ code }) => code !== 'kind_absent')];
}

/** One key of a ConfigMap, which holds YAML. */
async function readConfig<T>(
  gather: Gatherer,
  place: ConfigPlace,
  { key, schema }: { readonly key: string; readonly schema: Schema<T> },
): Promise<Read<T & { readonly source: string; readonly written?: ObjectMeta }>> {
  const { values, notRead } = await gather.one(kinds.CONFIG_MAPS, configMapSchema, place);
  const source = `${place.namespace}/${place.name}`;
  const what = `configmaps ${place.namespace}/${place.name}`;
  const [gap] = notRead;
  const [found] = values;
  if (gap !== undefined) return { ok: false, notRead: gap };
  const parsed = schema.safeParse(parseMeshConfig(found?.data[key]));
  if (parsed.success) return { ok: true, value: { ...parsed.data, source, ...(found && { written: found.meta }) } };
  const reason = `its key "${key}" is missing or holds something that is not understood`;
  return { ok: false, notRead: { what, code: 'invalid', reason } };
}
