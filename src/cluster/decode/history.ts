/** Decodes what is kept of a workload's revisions: ReplicaSets and ControllerRevisions, with images and environment of their templates. */
import { z } from 'zod';
import type { Revision, RevisionContainer } from '../../core/model/history.ts';
import type { ObjectMeta } from '../../core/model/object-meta.ts';
import { metaSchema } from './meta.ts';
import { compact, listOf, maybe, orEmpty, type Schema, stringMap, text } from './shapes.ts';

const named = maybe(z.object({ name: maybe(text), key: maybe(text) }));
const valueFrom = maybe(
  z.object({ secretKeyRef: named, configMapKeyRef: named, fieldRef: maybe(z.object({ fieldPath: maybe(text) })) }),
);

const env = listOf(z.object({ name: text, value: maybe(text), valueFrom })).transform((entries) =>
  entries.map(({ name, value, valueFrom: from }): [string, string] => [name, value ?? placeOf(from)]),
);
const envFrom = listOf(z.object({ prefix: maybe(text), secretRef: named, configMapRef: named })).transform((entries) =>
  entries.flatMap(({ prefix, secretRef, configMapRef }): [string, string][] => {
    const from = secretRef ? `Secret/${secretRef.name ?? ''}` : `ConfigMap/${configMapRef?.name ?? ''}`;
    return [[`${from}:${prefix ?? ''}*`, 'all']];
  }),
);

function placeOf(from: z.output<typeof valueFrom>): string {
  if (from?.secretKeyRef) return `from Secret ${from.secretKeyRef.name ?? ''}/${from.secretKeyRef.key ?? ''}`;
  if (from?.configMapKeyRef)
    return `from ConfigMap ${from.configMapKeyRef.name ?? ''}/${from.configMapKeyRef.key ?? ''}`;
  return from?.fieldRef ? `from field ${from.fieldRef.fieldPath ?? ''}` : '';
}

const container = z.object({ name: text, image: maybe(text), env, envFrom });
const template = orEmpty(
  z.object({
    metadata: maybe(z.object({ labels: stringMap })),
    spec: orEmpty(
      z.object({
        containers: listOf(container),
        initContainers: listOf(container),
        serviceAccountName: maybe(text),
        dnsPolicy: maybe(text),
        hostNetwork: maybe(z.boolean()),
        nodeSelector: stringMap,
      }),
    ),
  }),
);
type Template = z.output<typeof template>;

/** Written by the controller, another in each revision. */
const HASH = 'pod-template-hash';

function settingsOf({ metadata, spec }: Template): Readonly<Record<string, string>> {
  const labels = Object.entries(metadata?.labels ?? {}).filter(([key]) => key !== HASH);
  return compact({
    ...Object.fromEntries(labels.map(([key, value]) => [`label ${key}`, value])),
    ...Object.fromEntries(Object.entries(spec.nodeSelector).map(([key, value]) => [`nodeSelector ${key}`, value])),
    serviceAccountName: spec.serviceAccountName,
    dnsPolicy: spec.dnsPolicy,
    hostNetwork: spec.hostNetwork === true ? 'true' : undefined,
  }) as Readonly<Record<string, string>>;
}

function containersOf({ spec }: Template): RevisionContainer[] {
  const as = (role: RevisionContainer['role']) => (raw: z.output<typeof container>) => ({
    name: raw.name,
    role,
    image: raw.image ?? '',
    env: Object.fromEntries([...raw.env, ...raw.envFrom]),
  });
  return [...spec.containers.map(as('app')), ...spec.initContainers.map(as('init'))];
}

export interface KeptRevision {
  readonly meta: ObjectMeta;
  readonly revision: Omit<Revision, 'current'>;
}

/** Of a Deployment (deployment.kubernetes.io/revision), or of an Argo Rollout, which keeps ReplicaSets too. */
const NUMBERS = ['deployment.kubernetes.io/revision', 'rollout.argoproj.io/revision'];

export const replicaSetSchema: Schema<KeptRevision> = z
  .object({ metadata: metaSchema, spec: orEmpty(z.object({ template })) })
  .transform(({ metadata, spec }) => {
    const number = NUMBERS.map((key) => metadata.annotations[key]).find((value) => value !== undefined);
    return kept('ReplicaSet', metadata, Number(number ?? 0), spec.template);
  });

/** `data` is the patch that makes the template again (kubernetes pkg/controller/history; statefulset and daemon `getPatch`). */
export const controllerRevisionSchema: Schema<KeptRevision> = z
  .object({
    metadata: metaSchema,
    revision: maybe(z.number()),
    data: orEmpty(z.object({ spec: orEmpty(z.object({ template })) })),
  })
  .transform(({ metadata, revision, data }) => kept('ControllerRevision', metadata, revision ?? 0, data.spec.template));

// oxlint-disable-next-line max-params -- the four parts of one value
function kept(kind: string, meta: ObjectMeta, revision: number, of: Template): KeptRevision {
  const object = compact({ kind, namespace: meta.namespace, name: meta.name });
  const settings = settingsOf(of);
  return {
    meta,
    revision: compact({
      object,
      revision,
      created: meta.creationTimestamp,
      containers: containersOf(of),
      settings: Object.keys(settings).length === 0 ? undefined : settings,
    }),
  };
}
