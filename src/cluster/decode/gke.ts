/** Decodes GKE FQDNNetworkPolicies, field for field; strict, since an unknown field could narrow a rule. */
import { z } from 'zod';
import type { FqdnNetworkPolicy } from '../../core/model/policies/gke.ts';
import { metaSchema } from './meta.ts';
import { selectorSchema } from './selector.ts';
import { compact, listOf, maybe, orEmpty, text } from './shapes.ts';

const match = z
  .object({ name: maybe(text), pattern: maybe(text) })
  .strict()
  .transform(compact);
const port = z
  .object({ protocol: maybe(text), port: maybe(z.number()) })
  .strict()
  .transform(compact);
const rule = z.object({ matches: listOf(match), ports: listOf(port) }).strict();

export const fqdnNetworkPolicySchema: z.ZodType<FqdnNetworkPolicy> = z
  .object({ metadata: metaSchema, spec: z.object({ podSelector: orEmpty(selectorSchema), egress: listOf(rule) }) })
  .transform(({ metadata, spec }) => ({ kind: 'FQDNNetworkPolicy' as const, meta: metadata, ...spec }));
