/** Decodes the objects of Istio and Linkerd that decide about egress. */
import { z } from 'zod';
import type {
  IstioEgressListener,
  IstioMeshConfig,
  IstioServiceEntry,
  IstioSidecar,
  IstioVirtualService,
  LinkerdConfig,
  LinkerdEgressNetwork,
  LinkerdRoute,
} from '../../core/model/policies/mesh.ts';
import { metaSchema } from './meta.ts';
import type { Schema } from './shapes.ts';
import { compact, listOf, maybe, orEmpty, stringMap, text } from './shapes.ts';

const outboundTrafficPolicy = z
  .object({ mode: maybe(text), egressProxy: maybe(z.unknown()) })
  .strict()
  .transform(({ mode, egressProxy }) => compact({ mode, hasEgressProxy: egressProxy !== undefined }));

const listener: z.ZodType<IstioEgressListener> = z
  .object({
    port: maybe(
      z
        .object({ number: maybe(z.number()), protocol: maybe(text) })
        .transform(({ number, protocol }) => compact({ number: number ?? 0, protocol })),
    ),
    bind: maybe(text),
    captureMode: maybe(text),
    hosts: listOf(text),
  })
  .strict()
  .transform(compact);

/** Strict where a field could narrow or widen what is read: the object is then reported instead of misread. */
export const sidecarSchema: z.ZodType<IstioSidecar> = z
  .object({
    metadata: metaSchema,
    spec: orEmpty(
      z
        .object({
          workloadSelector: maybe(z.object({ labels: stringMap }).strict()),
          egress: listOf(listener),
          outboundTrafficPolicy: maybe(outboundTrafficPolicy),
          ingress: z.unknown(),
          inboundConnectionPool: z.unknown(),
        })
        .partial()
        .strict(),
    ),
  })
  .transform(({ metadata, spec }) =>
    compact({
      meta: metadata,
      workloadSelector: spec.workloadSelector?.labels,
      egress: spec.egress ?? [],
      outboundTrafficPolicy: spec.outboundTrafficPolicy,
    }),
  );

const serviceEntrySpec = z
  .object({
    hosts: listOf(text),
    addresses: listOf(text),
    ports: listOf(z.object({ number: z.number(), protocol: maybe(text) }).transform(compact)),
    location: z.unknown(),
    resolution: maybe(text),
    endpoints: listOf(z.object({ address: maybe(text) })),
    workloadSelector: maybe(z.unknown()),
    exportTo: listOf(text),
    subjectAltNames: z.unknown(),
  })
  .partial()
  .strict();

const serviceEntryStatus = z.object({
  addresses: listOf(z.object({ host: maybe(text), value: text }).transform(compact)),
});

export const serviceEntrySchema: z.ZodType<IstioServiceEntry> = z
  .object({ metadata: metaSchema, spec: serviceEntrySpec, status: orEmpty(serviceEntryStatus) })
  .transform(({ metadata, spec, status }) => ({
    meta: metadata,
    hosts: spec.hosts ?? [],
    addresses: spec.addresses ?? [],
    assigned: status.addresses,
    ports: spec.ports ?? [],
    resolution: spec.resolution ?? 'NONE',
    endpoints: (spec.endpoints ?? []).flatMap(({ address }) => address ?? []),
    selectsWorkloads: spec.workloadSelector !== undefined,
    exportTo: spec.exportTo ?? [],
  }));

export const virtualServiceSchema: z.ZodType<IstioVirtualService> = z
  .object({
    metadata: metaSchema,
    spec: z.object({ hosts: listOf(text), gateways: listOf(text), exportTo: listOf(text), http: listOf(z.unknown()) }),
  })
  .transform(({ metadata, spec: { http, ...spec } }) => ({ meta: metadata, ...spec, hasHttp: http.length > 0 }));

/** The parsed `mesh` key of the control plane's ConfigMap. */
export const meshConfigSchema: Schema<Omit<IstioMeshConfig, 'source'>> = z
  .object({
    outboundTrafficPolicy: maybe(outboundTrafficPolicy),
    rootNamespace: maybe(text),
    defaultServiceExportTo: maybe(z.array(text)),
  })
  .transform(compact);

const network = z.object({ cidr: text, except: listOf(text) }).strict();

export const egressNetworkSchema: z.ZodType<LinkerdEgressNetwork> = z
  .object({
    metadata: metaSchema,
    spec: z.object({ networks: maybe(z.array(network)), trafficPolicy: text }).strict(),
  })
  .transform(({ metadata, spec }) => compact({ meta: metadata, ...spec }));

const parent = z
  .object({ group: maybe(text), kind: maybe(text), namespace: maybe(text), name: text, port: maybe(z.number()) })
  .transform(({ group, kind, ...rest }) =>
    compact({ ...rest, group: group ?? 'gateway.networking.k8s.io', kind: kind ?? 'Gateway' }),
  );

const routeSpec = z.object({ parentRefs: listOf(parent), hostnames: listOf(text), rules: listOf(z.unknown()) });

const routeStatus = z.object({
  parents: listOf(z.object({ conditions: listOf(z.object({ type: text, status: text })) })),
});

export const routeSchema = (kind: LinkerdRoute['kind'], group: string): z.ZodType<LinkerdRoute> =>
  z.object({ metadata: metaSchema, spec: routeSpec, status: orEmpty(routeStatus) }).transform((route) => ({
    kind,
    group,
    meta: route.metadata,
    parents: route.spec.parentRefs,
    hostnames: route.spec.hostnames,
    narrow: route.spec.rules.some(isNarrow),
    rejected: isRejected(route.status),
  }));

/** Manifests have no status yet; who wrote one says whether the route is in force. */
function isRejected({ parents }: z.output<typeof routeStatus>): boolean {
  const accepted = parents.flatMap(({ conditions }) => conditions.filter(({ type }) => type === 'Accepted'));
  return accepted.length > 0 && accepted.every(({ status }) => status === 'False');
}

const ruleSchema = z.object({
  matches: listOf(z.unknown()),
  filters: listOf(z.unknown()),
  backendRefs: listOf(z.object({ kind: maybe(text) })),
});
const ANY_PATH = z.object({ path: z.object({ type: z.literal('PathPrefix'), value: z.literal('/') }) }).strict();

/** Anything but a rule that forwards all it gets to where it was going. */
function isNarrow(rule: unknown): boolean {
  const { matches, filters, backendRefs } = ruleSchema.parse(rule);
  const open = matches.length === 0 || matches.some((match) => ANY_PATH.safeParse(match).success);
  return !open || filters.length > 0 || backendRefs.some(({ kind }) => kind !== 'EgressNetwork');
}

/** The parsed `values` key of linkerd-config. */
export const linkerdValuesSchema: Schema<Omit<LinkerdConfig, 'source'>> = z
  .object({
    clusterNetworks: maybe(text),
    egress: maybe(z.object({ globalEgressNetworkNamespace: maybe(text) })),
    proxy: maybe(z.object({ opaquePorts: maybe(text) })),
  })
  .transform(({ clusterNetworks, egress, proxy }) =>
    compact({
      globalEgressNamespace: egress?.globalEgressNetworkNamespace,
      opaquePorts: proxy?.opaquePorts,
      clusterNetworks: clusterNetworks?.split(',').map((one) => one.trim()),
    }),
  );
