/**
 * Decodes Flux's controllers and sources (api/v1/kustomization_types.go of kustomize-controller, api/v2/helmrelease_types.go of helm-controller,
 * api/v1 of source-controller). The source that a controller refers to is joined in `read-sync.ts`.
 */
import { z } from 'zod';
import { goSeconds } from '../../core/drift/go-duration.ts';
import type { ObjectRef } from '../../core/model/object-meta.ts';
import type { FluxHelmRelease, FluxKustomization, SyncSource } from '../../core/model/sync.ts';
import { clean } from '../../core/text/clean.ts';
import { buildFields, commonControls, overlayOf, transformsOf, variableFields } from './flux-build.ts';
import { chartFolder, fluxHelmFields, fluxInputs } from './helm-inputs.ts';
import { appliedMetaSchema, metaSchema } from './meta.ts';
import { compact, filled, listOf, maybe, orEmpty, statusConditions, text } from './shapes.ts';
import { safeUrl } from './source-url.ts';

/** A controller, and the source it refers to where it names one. */
export interface Referring<T> {
  readonly controller: Omit<T, 'source'>;
  readonly sourceRef?: ObjectRef;
}

/** Absent means no. */
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const reference = z.object({ kind: text, name: text, namespace: filled });

const interval = maybe(text).transform((value) => (value === undefined ? undefined : goSeconds(value)));

const MAX_MESSAGE = 300;
type Conditions = z.output<typeof statusConditions>;

/** Ready=False; Unknown is a reconciliation that is under way. */
function failingOf(conditions: Conditions): string | undefined {
  const ready = conditions.find(({ type, status }) => type === 'Ready' && status === 'False');
  if (ready === undefined) return undefined;
  return clean(`${ready.reason ?? 'Failed'}: ${ready.message ?? 'no message'}`, MAX_MESSAGE);
}

function refOf(kind: string, { namespace, name }: { readonly namespace?: string; readonly name: string }): ObjectRef {
  return { kind, namespace: namespace ?? 'default', name };
}

function sourceOf(from: z.output<typeof reference> | undefined, own: string | undefined): ObjectRef | undefined {
  return from === undefined
    ? undefined
    : { kind: from.kind, namespace: from.namespace ?? own ?? 'default', name: from.name };
}

const present = z
  .unknown()
  .optional()
  .transform((value) => value !== undefined && value !== null);
const inventory = maybe(z.object({ entries: listOf(z.object({ id: text })) })).transform((value) =>
  value?.entries.map(({ id }) => id),
);

const kustomizationSpec = z.object({
  interval,
  path: maybe(text),
  prune: flag,
  deletionPolicy: filled,
  serviceAccountName: filled,
  force: flag,
  suspend: flag,
  targetNamespace: filled,
  kubeConfig: present,
  sourceRef: maybe(reference),
  ...buildFields,
});

const fluxStatus = z.object({
  conditions: maybe(z.unknown()),
  lastAppliedRevision: filled,
  lastAttemptedRevision: filled,
  inventory,
});

export const kustomizationSchema: z.ZodType<Referring<FluxKustomization>> = z
  .object({ metadata: appliedMetaSchema, spec: orEmpty(kustomizationSpec), status: orEmpty(fluxStatus) })
  .transform(({ metadata, spec, status }) =>
    compact({
      controller: compact({
        tool: 'flux-kustomization' as const,
        object: refOf('Kustomization', metadata),
        suspended: spec.suspend,
        deleting: metadata.deletionTimestamp !== undefined,
        finalizers: metadata.finalizers,
        intervalSeconds: spec.interval,
        path: folder(spec.path),
        appliedRevision: status.lastAppliedRevision,
        attemptedRevision: status.lastAttemptedRevision,
        failing: failingOf(statusConditions.parse(status)),
        remoteCluster: spec.kubeConfig,
        prune: spec.prune,
        deletionPolicy: spec.deletionPolicy,
        serviceAccount: spec.serviceAccountName,
        force: spec.force,
        targetNamespace: spec.targetNamespace,
        inventory: status.inventory,
        ignore: spec.ignore.length > 0 ? spec.ignore : undefined,
        transforms: transformsOf(spec),
        controls: commonControls(spec),
        overlay: overlayOf(spec),
        ...variableFields(spec),
      }),
      sourceRef: sourceOf(spec.sourceRef, metadata.namespace),
    }),
  );

/** `./clusters/prod/` as a path in a repository is written. */
function folder(path: string | undefined): string {
  return (path ?? '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

const helmReleaseSpec = z.object({
  interval,
  suspend: flag,
  releaseName: filled,
  targetNamespace: filled,
  kubeConfig: present,
  ...fluxHelmFields,
  chartRef: maybe(reference),
  driftDetection: maybe(z.object({ mode: filled })),
});

/** What a chart is rendered with that is a folder of a Git repository. */
function ofFolder(spec: z.output<typeof helmReleaseSpec>, about: Parameters<typeof fluxInputs>[1]) {
  const path = chartFolder(spec);
  if (path === undefined) return {};
  const valuesFrom = spec.valuesFrom.length > 0 ? spec.valuesFrom : undefined;
  return { path, helm: fluxInputs(spec, about), valuesFrom };
}

const MODES = ['enabled', 'warn'] as const;

/** Names and namespaces as GetReleaseName and GetReleaseNamespace of helmrelease_types.go make them. */
export const helmReleaseSchema: z.ZodType<Referring<FluxHelmRelease>> = z
  .object({ metadata: metaSchema, spec: orEmpty(helmReleaseSpec), status: orEmpty(fluxStatus) })
  .transform(({ metadata, spec, status }) => {
    const composed = spec.targetNamespace === undefined ? metadata.name : `${spec.targetNamespace}-${metadata.name}`;
    const release = spec.releaseName ?? composed;
    const namespace = spec.targetNamespace ?? metadata.namespace ?? 'default';
    return compact({
      controller: compact({
        tool: 'flux-helmrelease' as const,
        object: refOf('HelmRelease', metadata),
        suspended: spec.suspend,
        deleting: metadata.deletionTimestamp !== undefined,
        intervalSeconds: spec.interval,
        appliedRevision: status.lastAttemptedRevision,
        failing: failingOf(statusConditions.parse(status)),
        remoteCluster: spec.kubeConfig,
        release,
        releaseNamespace: namespace,
        ...(spec.chartRef === undefined && ofFolder(spec, { release, namespace })),
        targetNamespace: spec.targetNamespace,
        inventory: status.inventory,
        driftDetection: MODES.find((mode) => mode === spec.driftDetection?.mode) ?? ('disabled' as const),
      }),
      sourceRef: sourceOf(spec.chartRef ?? spec.chart?.spec?.sourceRef, metadata.namespace),
    });
  });

const gitRef = maybe(
  z.object({ branch: filled, tag: filled, semver: filled, name: filled, commit: filled, digest: filled }),
);

const sourceSpec = z.object({
  url: filled,
  suspend: flag,
  ref: gitRef,
  endpoint: filled,
  bucketName: filled,
});

const KINDS = { GitRepository: 'git', OCIRepository: 'oci', Bucket: 'bucket', HelmRepository: 'helm' } as const;

function urlOf({ url, endpoint, bucketName }: z.output<typeof sourceSpec>): string | undefined {
  const shown = url ?? (endpoint === undefined ? undefined : `${endpoint}/${bucketName ?? ''}`);
  return shown === undefined ? undefined : safeUrl(shown);
}

const REF_FIELDS = ['commit', 'digest', 'name', 'semver', 'tag', 'branch'] as const;
const BY_DEFAULT: Readonly<Partial<Record<string, string>>> = { GitRepository: 'master' };

/** Of a reference's fields, the most exact wins: commit, name, semver, tag, branch (GitRepositoryRef in gitrepository_types.go). */
export function sourceSchema(kind: keyof typeof KINDS): z.ZodType<SyncSource> {
  return z
    .object({
      metadata: metaSchema,
      spec: orEmpty(sourceSpec),
      status: orEmpty(z.object({ artifact: maybe(z.object({ revision: filled })), conditions: maybe(z.unknown()) })),
    })
    .transform(({ metadata, spec, status }) => {
      return compact({
        object: refOf(kind, metadata),
        kind: KINDS[kind],
        url: urlOf(spec),
        ref: REF_FIELDS.map((field) => spec.ref?.[field]).find((value) => value !== undefined) ?? BY_DEFAULT[kind],
        suspended: spec.suspend,
        revision: status.artifact?.revision,
        failing: failingOf(statusConditions.parse(status)),
      });
    });
}
