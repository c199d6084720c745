/** Decodes what tells the policy engine: DaemonSets, the agent's ConfigMap, and policies that are reported without evaluation. */
import { z } from 'zod';
import type { ObjectMeta } from '../../core/model/object-meta.ts';
import type { UnsupportedPolicy } from '../../core/model/policy.ts';
import { metaSchema } from './meta.ts';
import { compact, listOf, maybe, stringMap, text } from './shapes.ts';

export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  readonly containers?: readonly AgentContainer[];
  readonly meta: ObjectMeta;
}

interface AgentContainer {
  readonly name: string;
  /** Absent in captures that hold images only. */
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const variable = z.object({ name: text, value: maybe(text) });

const container = z
  .object({ name: maybe(text), image: maybe(text), args: maybe(z.array(text)), env: listOf(variable) })
  .transform(({ name, image, args, env }) => ({
    image,
    agent: compact({
      name: name ?? '',
      args,
      env: Object.fromEntries(env.flatMap((one) => (one.value === undefined ? [] : [[one.name, one.value]]))),
    }),
  }));

const template = z.object({
  metadata: maybe(z.object({ labels: stringMap })),
  spec: maybe(z.object({ containers: listOf(container) })),
});

export const daemonSetSchema: z.ZodType<DaemonSet> = z
  .object({ metadata: metaSchema, spec: maybe(z.object({ template: maybe(template) })) })
  .transform(({ metadata, spec }) => {
    const containers = spec?.template?.spec?.containers ?? [];
    return {
      namespace: metadata.namespace ?? 'default',
      name: metadata.name,
      labels: spec?.template?.metadata?.labels ?? {},
      images: containers.flatMap(({ image }) => image ?? []),
      containers: containers.map(({ agent }) => agent),
      meta: metadata,
    };
  });

export const configDataSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .object({ data: stringMap })
  .transform(({ data }) => data);

/** With who wrote it and when. */
export const configMapSchema: z.ZodType<{
  readonly meta: ObjectMeta;
  readonly data: Readonly<Record<string, string>>;
}> = z.object({ metadata: metaSchema, data: stringMap }).transform(({ metadata, data }) => ({ meta: metadata, data }));

export const unsupportedSchema: z.ZodType<UnsupportedPolicy> = z
  .object({ kind: text, apiVersion: text, metadata: metaSchema })
  .transform(({ kind, apiVersion, metadata }) => ({ kind, apiVersion, meta: metadata }));
