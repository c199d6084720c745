/** Decodes Argo CD's Applications and the sync windows of AppProjects (argo-cd pkg/apis/application/v1alpha1/types.go). */
import { z } from 'zod';
import type { AppProject } from '../../core/drift/sync-window.ts';
import type { ArgoApplication, HelmInputs, SyncSource } from '../../core/model/sync.ts';
import { clean } from '../../core/text/clean.ts';
import { argoKustomize, kustomizeOptions } from './argo-kustomize.ts';
import { argoHelm, argoInputs } from './helm-inputs.ts';
import { appliedMetaSchema, metaSchema } from './meta.ts';
import { compact, filled, listOf, maybe, orEmpty, text } from './shapes.ts';
import { safeUrl } from './source-url.ts';

/** What of it is decided only beside its project and Argo CD's own settings. */
export interface DecodedApplication {
  readonly application: Omit<ArgoApplication, 'instance'>;
  readonly destination: { readonly server?: string; readonly name?: string };
}

const source = z.object({
  repoURL: filled,
  path: maybe(text),
  targetRevision: filled,
  chart: filled,
  ref: filled,
  directory: maybe(z.object({ recurse: maybe(z.boolean()), include: filled, exclude: filled })),
  kustomize: argoKustomize,
  helm: argoHelm,
  plugin: maybe(z.unknown()),
});
type Source = z.output<typeof source>;

const automated = maybe(
  z.object({
    prune: maybe(z.boolean()),
    selfHeal: maybe(z.boolean()),
    enabled: maybe(z.boolean()),
    allowEmpty: maybe(z.boolean()),
  }),
);

const ignored = z
  .object({
    group: maybe(text),
    kind: text,
    name: filled,
    namespace: filled,
    jsonPointers: listOf(text),
    jqPathExpressions: listOf(text),
    managedFieldsManagers: listOf(text),
  })
  .transform(({ group, managedFieldsManagers, ...rest }) =>
    compact({ ...rest, group: group ?? '', managers: managedFieldsManagers }),
  );

const spec = z.object({
  project: maybe(text),
  destination: orEmpty(z.object({ server: filled, name: filled, namespace: filled })),
  source: maybe(source),
  sources: listOf(source),
  sourceHydrator: maybe(z.unknown()),
  syncPolicy: orEmpty(z.object({ automated, syncOptions: listOf(text) })),
  ignoreDifferences: listOf(ignored),
});

const resource = z
  .object({
    group: maybe(text),
    kind: text,
    namespace: filled,
    name: text,
    status: filled,
    requiresPruning: maybe(z.boolean()),
    requiresDeletionConfirmation: maybe(z.boolean()),
  })
  .transform(({ group, requiresPruning, requiresDeletionConfirmation, ...rest }) =>
    compact({
      ...rest,
      group: group ?? '',
      requiresPruning: requiresPruning ?? false,
      requiresDeletionConfirmation: requiresDeletionConfirmation ? (true as const) : undefined,
    }),
  );

const status = z.object({
  resources: maybe(z.array(resource)),
  sourceType: filled,
  reconciledAt: filled,
  sync: orEmpty(z.object({ status: filled, revision: filled })),
  conditions: listOf(z.object({ type: text, message: maybe(text) })),
  operationState: orEmpty(
    z.object({ phase: filled, message: maybe(text), syncResult: orEmpty(z.object({ revision: filled })) }),
  ),
});

/** As Go reads it (strconv.ParseBool). */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'True', 'TRUE']);

/** The API server that Argo CD runs in, as its types.go names it. */
const IN_CLUSTER = 'https://kubernetes.default.svc';

export const applicationSchema: z.ZodType<DecodedApplication> = z
  .object({ metadata: appliedMetaSchema, spec: orEmpty(spec), status: orEmpty(status) })
  .transform((object) => {
    const { metadata, spec, status } = object;
    const auto = spec.syncPolicy.automated;
    const { server, name, namespace } = spec.destination;
    return {
      destination: compact({ server, name }),
      application: compact({
        tool: 'argo-application' as const,
        ...ofMetadata(metadata),
        remoteCluster: name === undefined ? server !== IN_CLUSTER : name !== 'in-cluster',
        ...sourcesOf(object),
        path: folder(spec),
        appliedRevision: status.operationState.syncResult.revision,
        failing: failingOf(status),
        retrying: isRetrying(status),
        project: spec.project || 'default',
        destinationNamespace: namespace,
        automated: auto !== undefined && auto.enabled !== false,
        prune: auto?.prune ?? false,
        selfHeal: auto?.selfHeal ?? false,
        allowEmpty: auto?.allowEmpty ?? false,
        comparedAt: status.reconciledAt,
        syncOptions: spec.syncPolicy.syncOptions,
        ignoreDifferences: spec.ignoreDifferences,
        directory: directoryOf(spec.source),
        rendering: renderingOf(spec.source, status.sourceType),
        helm: helmOf(object),
        kustomize: kustomizeOptions(spec.source?.kustomize),
        resources: status.resources,
      }),
    };
  });

function ofMetadata({ namespace, name, annotations, deletionTimestamp, finalizers }: Named['metadata']) {
  return {
    object: { kind: 'Application', namespace: namespace ?? 'default', name },
    suspended: TRUE.has(annotations['argocd.argoproj.io/skip-reconcile'] ?? ''),
    namesPaths: Boolean(annotations['argocd.argoproj.io/manifest-generate-paths']),
    deleting: deletionTimestamp !== undefined,
    finalizers,
  };
}

type Named = { readonly metadata: z.output<typeof metaSchema> };
type Decoded = { readonly spec: z.output<typeof spec>; readonly status: z.output<typeof status> };

/** One source is compared; of several, which object comes from which is not known. */
function sourcesOf(object: Decoded & Named): Pick<ArgoApplication, 'source' | 'noSource' | 'sources'> {
  const { sources, sourceHydrator } = object.spec;
  if (sourceHydrator !== undefined) return { noSource: 'its source is written by a hydrator (spec.sourceHydrator)' };
  if (sources.length === 0) return compact({ source: sourceOf(object) });
  const git = sources.flatMap(({ repoURL, path, targetRevision, chart }) => {
    const isGit = repoURL !== undefined && !repoURL.startsWith('oci://') && chart === undefined;
    return isGit && path !== undefined
      ? [compact({ url: safeUrl(repoURL), ref: targetRevision, path: folderOf(path) })]
      : [];
  });
  const noSource = `it has ${sources.length} sources (spec.sources), and which of them makes it is not in the cluster`;
  return { noSource, ...(git.length > 0 && { sources: git.slice(0, MAX_SOURCES) }) };
}

const MAX_SOURCES = 5;

function sourceOf({ spec, status, ...rest }: Decoded & Named): SyncSource | undefined {
  const { source } = spec;
  if (source === undefined) return undefined;
  const { name, namespace } = rest.metadata;
  const oci = source.repoURL?.startsWith('oci://');
  return compact({
    object: { kind: 'Application', namespace: namespace ?? 'default', name },
    kind: source.chart !== undefined ? ('helm' as const) : oci ? ('oci' as const) : ('git' as const),
    url: source.repoURL === undefined ? undefined : safeUrl(source.repoURL),
    ref: source.targetRevision ?? 'HEAD',
    suspended: false,
    revision: status.sync.revision,
  });
}

function helmOf({ spec, status, metadata }: Decoded & Named): HelmInputs | undefined {
  const { source, destination } = spec;
  if (source === undefined || source.chart !== undefined) return undefined;
  if (renderingOf(source, status.sourceType) !== 'helm') return undefined;
  const about = { name: metadata.name, namespace: destination.namespace ?? 'default', folder: folder(spec) ?? '' };
  return argoInputs(source.helm, about);
}

function folder({ source }: Decoded['spec']): string | undefined {
  return source?.path === undefined ? undefined : folderOf(source.path);
}

const folderOf = (path: string): string =>
  path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');

const MAX_MESSAGE = 300;

/**
 * A sync that failed is not tried again for the same revision (alreadyAttemptedSync in controller/appcontroller.go); a comparison that failed
 * decides nothing.
 */
function failingOf({ conditions, operationState, sync }: Decoded['status']): string | undefined {
  const { phase, message, syncResult } = operationState;
  const broken = conditions.find(({ type }) => type === 'ComparisonError' || type === 'InvalidSpecError');
  if (broken !== undefined) return clean(`${broken.type}: ${broken.message ?? ''}`, MAX_MESSAGE);
  if (phase !== 'Failed' && phase !== 'Error') return undefined;
  if (sync.revision !== undefined && syncResult.revision !== undefined && sync.revision !== syncResult.revision)
    return undefined;
  return clean(`Sync${phase}: ${message ?? ''}`, MAX_MESSAGE);
}

/** Between two attempts the operation runs on (processRequestedAppOperation in controller/appcontroller.go). */
function isRetrying({ operationState: { phase, message } }: Decoded['status']): boolean {
  return phase === 'Running' && (message?.includes('Retrying attempt') ?? false);
}

function directoryOf(from: Source | undefined): ArgoApplication['directory'] {
  const directory = from?.directory;
  if (directory === undefined) return undefined;
  return compact({ recurse: directory.recurse ?? false, include: directory.include, exclude: directory.exclude });
}

const TYPES: Readonly<Record<string, ArgoApplication['rendering']>> = {
  Directory: 'directory',
  Kustomize: 'kustomize',
  Helm: 'helm',
  Plugin: 'plugin',
};

/** What the controller found is decisive; what the spec asks for comes next. */
function renderingOf(from: Source | undefined, found: string | undefined): ArgoApplication['rendering'] {
  const known = TYPES[found ?? ''];
  if (known !== undefined) return known;
  if (from === undefined) return 'unknown';
  if (from.chart !== undefined || from.helm !== undefined) return 'helm';
  if (from.kustomize !== undefined) return 'kustomize';
  if (from.plugin !== undefined) return 'plugin';
  return from.directory === undefined ? 'unknown' : 'directory';
}

const window = z
  .object({
    kind: maybe(text),
    schedule: maybe(text),
    duration: maybe(text),
    timeZone: filled,
    andOperator: maybe(z.boolean()),
    applications: listOf(text),
    namespaces: listOf(text),
    clusters: listOf(text),
  })
  .transform(({ kind, schedule, duration, andOperator, ...rest }) =>
    compact({
      ...rest,
      kind: kind ?? '',
      schedule: schedule ?? '',
      duration: duration ?? '',
      all: andOperator ?? false,
    }),
  );

export const projectSchema: z.ZodType<AppProject> = z
  .object({ metadata: metaSchema, spec: orEmpty(z.object({ syncWindows: listOf(window) })) })
  .transform(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    windows: spec.syncWindows,
  }));
