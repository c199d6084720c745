/** Decodes Antrea's policies, tiers and groups; strict on rules, since an unknown field could narrow one. */
import { z } from 'zod';
import type { AntreaGroup, AntreaPolicy, AntreaTier } from '../../core/model/policies/antrea.ts';
import { metaSchema } from './meta.ts';
import { selectorSchema } from './selector.ts';
import { compact, filled, listOf, maybe, text } from './shapes.ts';

const named = z.object({ name: text, namespace: filled }).strict().transform(compact);
const ipBlock = z.object({ cidr: text, except: listOf(text) }).strict();

const selectors = {
  podSelector: maybe(selectorSchema),
  namespaceSelector: maybe(selectorSchema),
  externalEntitySelector: maybe(selectorSchema),
  nodeSelector: maybe(selectorSchema),
};

const appliedTo = z
  .object({ ...selectors, serviceAccount: maybe(named), group: filled, service: maybe(named) })
  .strict()
  .transform(compact);

const namespaces = z
  .object({ match: filled, sameLabels: maybe(z.array(text)) })
  .strict()
  .transform(compact);

const peer = z
  .object({
    ...selectors,
    serviceAccount: maybe(named),
    group: filled,
    namespaces: maybe(namespaces),
    ipBlock: maybe(ipBlock),
    fqdn: filled,
    scope: filled,
  })
  .strict()
  .transform(compact);

const port = z
  .object({
    protocol: maybe(text),
    port: maybe(z.union([z.number(), text])),
    endPort: maybe(z.number()),
    sourcePort: maybe(z.number()),
    sourceEndPort: maybe(z.number()),
  })
  .strict()
  .transform(compact);

const icmp = z
  .object({ icmpType: maybe(z.number()), icmpCode: maybe(z.number()) })
  .strict()
  .transform(compact);
const protocol = z
  .object({ icmp: maybe(icmp), igmp: maybe(z.unknown()) })
  .strict()
  .transform(compact);

const service = z.object({ name: text, namespace: filled, scope: filled }).strict().transform(compact);

const rule = z
  .object({
    action: text,
    to: listOf(peer),
    toServices: maybe(z.array(service)),
    ports: listOf(port),
    protocols: listOf(protocol),
    l7Protocols: listOf(z.unknown()),
    appliedTo: listOf(appliedTo),
    name: filled,
    from: listOf(z.unknown()),
    enableLogging: maybe(z.boolean()),
    logLabel: maybe(text),
  })
  .strict()
  .transform(({ from: _from, enableLogging: _logs, logLabel: _label, ...kept }) => compact(kept));

export function antreaPolicySchema(kind: AntreaPolicy['kind']): z.ZodType<AntreaPolicy> {
  return z
    .object({
      metadata: metaSchema,
      spec: z.object({ tier: filled, priority: z.number(), appliedTo: listOf(appliedTo), egress: listOf(rule) }),
    })
    .transform(({ metadata, spec }) => compact({ kind, meta: metadata, ...spec }));
}

export const antreaTierSchema: z.ZodType<AntreaTier> = z
  .object({ metadata: metaSchema, spec: z.object({ priority: z.number() }) })
  .transform(({ metadata, spec }) => ({ meta: metadata, priority: spec.priority }));

/** `ipBlock` is the older spelling of one of `ipBlocks`. */
export const antreaGroupSchema: z.ZodType<AntreaGroup> = z
  .object({
    metadata: metaSchema,
    spec: z
      .object({
        ...selectors,
        ipBlock: maybe(ipBlock),
        ipBlocks: listOf(ipBlock),
        serviceReference: maybe(named),
        childGroups: listOf(text),
      })
      .strict(),
  })
  .transform(({ metadata, spec: { ipBlock: single, ...spec } }) =>
    compact({ meta: metadata, ...spec, ipBlocks: [...(single ? [single] : []), ...spec.ipBlocks] }),
  );
