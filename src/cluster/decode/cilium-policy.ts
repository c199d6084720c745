/** Decodes Cilium's policies (`spec` and `specs` alike, with the operator's conditions) and CIDR groups. */
import { z } from 'zod';
import type { CiliumCidrGroup, CiliumPolicy } from '../../core/model/policy.ts';
import { ciliumRuleSchema } from './cilium-rule.ts';
import { appliedMetaSchema, metaSchema } from './meta.ts';
import { listOf, maybe, statusConditions, text } from './shapes.ts';

export function ciliumPolicySchema(kind: CiliumPolicy['kind']): z.ZodType<CiliumPolicy> {
  return z
    .object({
      metadata: appliedMetaSchema,
      spec: maybe(ciliumRuleSchema),
      specs: listOf(ciliumRuleSchema),
      status: statusConditions,
    })
    .transform(({ metadata, spec, specs, status }) => ({
      kind,
      meta: metadata,
      rules: [
        ...(spec === undefined ? [] : [{ path: 'spec', rule: spec }]),
        ...specs.map((rule, index) => ({ path: `specs[${index}]`, rule })),
      ],
      conditions: status,
    }));
}

export const cidrGroupSchema: z.ZodType<CiliumCidrGroup> = z
  .object({ metadata: metaSchema, spec: maybe(z.object({ externalCIDRs: listOf(text) })) })
  .transform(({ metadata, spec }) => ({ meta: metadata, externalCIDRs: spec?.externalCIDRs ?? [] }));
