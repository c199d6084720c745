/** Decodes what tells the policy engine: DaemonSets, the agent's ConfigMap, and policies that are reported without evaluation. */
import { z } from 'zod';
import type { UnsupportedPolicy } from '../../core/model/policy.ts';
import { metaSchema } from './meta.ts';
import { listOf, maybe, stringMap, text } from './shapes.ts';

export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly images: readonly string[];
}

const template = z.object({
  metadata: maybe(z.object({ labels: stringMap })),
  spec: maybe(z.object({ containers: listOf(z.object({ image: maybe(text) })) })),
});

export const daemonSetSchema: z.ZodType<DaemonSet> = z
  .object({ metadata: metaSchema, spec: maybe(z.object({ template: maybe(template) })) })
  .transform(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    labels: spec?.template?.metadata?.labels ?? {},
    images: (spec?.template?.spec?.containers ?? []).flatMap((container) => container.image ?? []),
  }));

export const configDataSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .object({ data: stringMap })
  .transform(({ data }) => data);

export const unsupportedSchema: z.ZodType<UnsupportedPolicy> = z
  .object({ kind: text, apiVersion: text, metadata: metaSchema })
  .transform(({ kind, apiVersion, metadata }) => ({ kind, apiVersion, meta: metadata }));
