/** Decodes Calico's policies, tiers and sets, in the form of either of its API groups. */
import { z } from 'zod';
import type { ObjectMeta } from '../../core/model/object-meta.ts';
import type {
  CalicoEntity,
  CalicoPolicy,
  CalicoRule,
  CalicoSet,
  CalicoTier,
} from '../../core/model/policies/calico.ts';
import { metaSchema } from './meta.ts';
import { compact, listOf, maybe, orEmpty, stringMap, text } from './shapes.ts';

type Group = 'projectcalico.org' | 'crd.projectcalico.org';

const port = z.union([z.number(), text]);
const icmp = z
  .object({ type: maybe(z.number()), code: maybe(z.number()) })
  .strict()
  .transform(compact);

const entity: z.ZodType<CalicoEntity> = z
  .object({
    nets: listOf(text),
    notNets: listOf(text),
    selector: maybe(text),
    notSelector: maybe(text),
    namespaceSelector: maybe(text),
    ports: listOf(port),
    notPorts: listOf(port),
    serviceAccounts: maybe(
      z
        .object({ names: listOf(text), selector: maybe(text) })
        .strict()
        .transform(compact),
    ),
    services: maybe(
      z
        .object({ name: maybe(text), namespace: maybe(text) })
        .strict()
        .transform(compact),
    ),
    domains: listOf(text),
  })
  .strict()
  .transform(compact);

/** Rules are strict: a field that is not known here could narrow the rule, so the policy is reported instead of misread. */
const rule: z.ZodType<CalicoRule> = z
  .object({
    action: text,
    ipVersion: maybe(z.number()),
    protocol: maybe(port),
    notProtocol: maybe(port),
    icmp: maybe(icmp),
    notICMP: maybe(icmp),
    source: orEmpty(entity),
    destination: orEmpty(entity),
    http: maybe(z.unknown()),
    metadata: maybe(z.unknown()),
  })
  .strict()
  .transform(({ http, metadata: _comments, ...fields }) => compact({ ...fields, http: http !== undefined }));

const spec = z
  .object({
    tier: maybe(text),
    order: maybe(z.number()),
    selector: maybe(text),
    namespaceSelector: maybe(text),
    serviceAccountSelector: maybe(text),
    types: maybe(z.array(text)),
    egress: listOf(rule),
    doNotTrack: maybe(z.boolean()),
    preDNAT: maybe(z.boolean()),
  })
  .transform(({ tier, doNotTrack, preDNAT, ...fields }) => ({
    ...fields,
    tier: tier || 'default',
    doNotTrack: doNotTrack ?? false,
    preDNAT: preDNAT ?? false,
  }));

export function calicoPolicySchema(kind: CalicoPolicy['kind'], group: Group): z.ZodType<CalicoPolicy> {
  return z.object({ metadata: metaSchema, spec: orEmpty(spec) }).transform(({ metadata, spec: fields }) => {
    const meta = group === 'projectcalico.org' ? metadata : policyMeta(metadata, fields.tier);
    // Felix takes a stored policy without types for one of both (felix/calc/policy_sorter.go ExtractPolicyMetadata).
    const types = fields.types ?? (group === 'projectcalico.org' ? undefined : ['Ingress', 'Egress']);
    return compact({ kind, meta, ...fields, types });
  });
}

export const tierSchema: z.ZodType<CalicoTier> = z
  .object({ metadata: metaSchema, spec: orEmpty(z.object({ order: maybe(z.number()), defaultAction: maybe(text) })) })
  .transform(({ metadata, spec: { order, defaultAction } }) => compact({ meta: metadata, order, defaultAction }));

export function setSchema(kind: Exclude<CalicoSet['kind'], 'HostEndpoint'>): z.ZodType<CalicoSet> {
  return z
    .object({
      metadata: metaSchema,
      spec: orEmpty(z.object({ nets: listOf(text), allowedEgressDomains: listOf(text) })),
    })
    .transform(({ metadata, spec: fields }) => ({ kind, meta: stored(metadata), ...fields }));
}

/** To a selector, a host endpoint is its expected addresses. */
export const hostEndpointSchema: z.ZodType<CalicoSet> = z
  .object({ metadata: metaSchema, spec: orEmpty(z.object({ expectedIPs: listOf(text) })) })
  .transform(({ metadata, spec: { expectedIPs } }) => ({
    kind: 'HostEndpoint' as const,
    meta: stored(metadata),
    nets: expectedIPs,
    allowedEgressDomains: [],
  }));

export const serviceAccountSchema: z.ZodType<ObjectMeta> = z
  .object({ metadata: metaSchema })
  .transform(({ metadata }) => metadata);

const ANNOTATION = 'projectcalico.org/metadata';
const storedMeta = z.object({ name: maybe(text), labels: stringMap });

/** The stored form keeps name and labels of the object in an annotation (libcalico-go/lib/backend/k8s/resources/resources.go). */
function stored(meta: ObjectMeta): ObjectMeta {
  return { ...meta, labels: { ...meta.labels, ...original(meta)?.labels } };
}

function policyMeta(meta: ObjectMeta, tier: string): ObjectMeta {
  const name = original(meta)?.name ?? (tier === 'default' ? meta.name.replace(/^default\./, '') : meta.name);
  return { ...stored(meta), name };
}

function original({ annotations }: ObjectMeta): z.output<typeof storedMeta> | undefined {
  const written = annotations[ANNOTATION];
  if (written === undefined) return undefined;
  try {
    return storedMeta.safeParse(JSON.parse(written)).data;
  } catch {
    return undefined;
  }
}
