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

export const routeSchema = (kind: LinkerdRoute['kind'], group: string): z.ZodType<LinkerdRoute> =>
  z.object({ metadata: metaSchema, spec: routeSpec }).transform(({ metadata, spec }) => ({
    kind,
    group,
    meta: metadata,
    parents: spec.parentRefs,
    hostnames: spec.hostnames,
    narrow: spec.rules.some(isNarrow),
  }));

/** A rule that only forwards what it gets: no match but a prefix of everything, no filter. */
function isNarrow(rule: unknown): boolean {
  const { matches, filters } = z.object({ matches: listOf(z.unknown()), filters: listOf(z.unknown()) }).parse(rule);
  const everything = z.object({ path: z.object({ type: z.literal('PathPrefix'), value: z.literal('/') }) }).strict();
  const open = matches.length === 0 || matches.some((match) => everything.safeParse(match).success);
  return !open || filters.length > 0;
}

/** The parsed `values` key of linkerd-config. */
export const linkerdValuesSchema: Schema<Omit<LinkerdConfig, 'source'>> = z
  .object({
    clusterNetworks: maybe(text),
    egress: maybe(z.object({ globalEgressNetworkNamespace: maybe(text) })),
  })
  .transform(({ clusterNetworks, egress }) =>
    compact({
      globalEgressNamespace: egress?.globalEgressNetworkNamespace,
      clusterNetworks: clusterNetworks?.split(',').map((one) => one.trim()),
    }),
  );
