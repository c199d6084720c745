/** Test support: a pod in a mesh, and the mesh's objects as people write them, through the real decoders. */
import { load } from 'js-yaml';
import * as schemas from '../../../../src/cluster/decode/mesh.ts';
import type { ClusterState, NotRead } from '../../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../../src/core/model/destination.ts';
import type { IstioFacts, LinkerdFacts } from '../../../../src/core/model/policies/mesh.ts';
import type { Container, Pod } from '../../../../src/core/model/workload.ts';
import { meta, pod, world } from '../world.ts';

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'x',
  role: 'app',
  ports: [],
  env: {},
  state: 'running',
  restarts: 0,
  ...more,
});

interface PodParts {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Record<string, string>;
  readonly containers?: readonly Container[];
  readonly hostNetwork?: boolean;
}

export function meshPod(
  proxy: string,
  { annotations = {}, labels = { app: 'checkout' }, ...more }: PodParts = {},
): Pod {
  const plain = pod('checkout', 'shop', '10.0.0.5', {
    labels,
    containers: [container('app'), container(proxy)],
    ...more,
  });
  return { ...plain, meta: { ...plain.meta, annotations } };
}

export const to = (host: string, port: number, more: Partial<Destination> = {}): Destination => ({
  host,
  cnames: [],
  addresses: ['203.0.113.10'],
  port,
  protocol: 'TCP',
  ...more,
});

interface Place {
  readonly namespace?: string;
  readonly name?: string;
  readonly created?: string;
}

/** One object of Istio's API as YAML. */
export function object(
  kind: string,
  spec: string,
  { namespace = 'shop', name = 'x', created = '2026-01-01' }: Place,
): string {
  return `
---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}"}
spec: ${spec}
`;
}

export const entry = (spec: string, place: Place = {}) => object('ServiceEntry', spec, { name: 'vendor', ...place });
export const sidecar = (spec: string, place: Place = {}) => object('Sidecar', spec, { name: 'default', ...place });

export const ports = (number: number, protocol: string) =>
  `ports: [{number: ${number}, name: p, protocol: ${protocol}}]`;
/** The objects of one YAML text, each decoded by its kind. */
function objects(yaml: string): readonly { readonly kind: string; readonly raw: unknown }[] {
  return yaml
    .split(/^---$/m)
    .filter((text) => text.trim() !== '')
    .map((text) => ({ raw: load(text), kind: (load(text) as { kind: string }).kind }));
}

export const MESH_CONFIG_UNREAD: NotRead = {
  what: 'configmaps istio-system/istio',
  code: 'forbidden',
  reason: 'get of configmaps is forbidden',
};

export function istio(
  mode: 'REGISTRY_ONLY' | 'ALLOW_ANY' | undefined,
  yaml = '',
  more: Partial<IstioFacts> = {},
): IstioFacts {
  const found = objects(yaml);
  const of = (kind: string) => found.filter((one) => one.kind === kind).map(({ raw }) => raw);
  return {
    controlPlane: 'istio-system',
    meshConfig: {
      ok: true,
      value: {
        source: 'istio-system/istio',
        ...(mode !== undefined && { outboundTrafficPolicy: { mode, hasEgressProxy: false } }),
      },
    },
    sidecars: of('Sidecar').map((raw) => schemas.sidecarSchema.parse(raw)),
    serviceEntries: of('ServiceEntry').map((raw) => schemas.serviceEntrySchema.parse(raw)),
    virtualServices: of('VirtualService').map((raw) => schemas.virtualServiceSchema.parse(raw)),
    ...more,
  };
}

export function linkerd(yaml: string, more: Partial<LinkerdFacts> = {}): LinkerdFacts {
  const found = objects(yaml);
  const routes = found.filter(({ kind }) => kind.endsWith('Route')) as {
    kind: 'TLSRoute';
    raw: { apiVersion: string };
  }[];
  return {
    config: { ok: true, value: { source: 'linkerd/linkerd-config' } },
    egressNetworks: found
      .filter(({ kind }) => kind === 'EgressNetwork')
      .map(({ raw }) => schemas.egressNetworkSchema.parse(raw)),
    routes: routes.map(({ kind, raw }) => schemas.routeSchema(kind, raw.apiVersion.split('/')[0] ?? '').parse(raw)),
    ...more,
  };
}

export function meshWorld(more: Partial<ClusterState>): ClusterState {
  const base = world([]);
  return { ...base, namespaces: [...base.namespaces, { meta: meta('shop') }], ...more };
}
