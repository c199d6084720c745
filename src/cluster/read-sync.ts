/**
 * The GitOps controllers of the cluster and their sources: one list a kind, side by side; the `readSync` of `cluster-source.ts`. A kind that the
 * cluster does not have is no gap. Nothing that a source names is contacted: who may write the object may have written any URL.
 */
import { type AppProject, windowNow } from '../core/drift/sync-window.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { ArgoApplication, SyncController, SyncSource, SyncState } from '../core/model/sync.ts';
import { ARGO_CONFIG } from './argo-config.ts';
import { applicationSchema, type DecodedApplication, projectSchema } from './decode/argo.ts';
import { configDataSchema } from './decode/engine-objects.ts';
import { helmReleaseSchema, kustomizationSchema, type Referring, sourceSchema } from './decode/flux.ts';
import type { Decoded } from './decode/shapes.ts';
import { createGatherer, type Gatherer } from './gather.ts';
import type { ObjectReader } from './object-reader.ts';
import { withNamedValues } from './read-values.ts';
import * as kinds from './resources.ts';

export async function readSync(reader: ObjectReader, now: Date, signal: AbortSignal): Promise<SyncState> {
  const gather = createGatherer(reader, signal);
  const [flux, argo] = await Promise.all([readFlux(gather), readArgo(gather, now)]);
  return {
    controllers: [...flux.controllers, ...argo.controllers].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    notRead: together([...flux.notRead, ...argo.notRead]),
  };
}

/** A plain directory of manifests lacks most of these kinds: one sentence says so. */
function together(gaps: readonly NotRead[]): readonly NotRead[] {
  const absent = gaps.filter(({ code }) => code === 'not_in_archive');
  if (absent.length < 2) return gaps;
  const summary: NotRead = {
    what: absent.map(({ what }) => what).join(', '),
    code: 'not_in_archive',
    reason: 'the archive does not show whether there are any',
    nextStep: 'Capture the cluster, or add those objects if it has such kinds.',
  };
  return [...gaps.filter((gap) => !absent.includes(gap)), summary];
}

const keyOf = ({ tool, object }: SyncController): string => `${tool} ${object.namespace ?? ''}/${object.name}`;

interface Read {
  readonly controllers: readonly SyncController[];
  readonly notRead: readonly NotRead[];
}

const SOURCES = [
  ['GitRepository', kinds.GIT_REPOSITORIES],
  ['OCIRepository', kinds.OCI_REPOSITORIES],
  ['Bucket', kinds.BUCKETS],
  ['HelmRepository', kinds.HELM_REPOSITORIES],
] as const;

async function readFlux(gather: Gatherer): Promise<Read> {
  const [kustomizations, releases, ...sources] = await Promise.all([
    gather.inScope(kinds.FLUX_KUSTOMIZATIONS, kustomizationSchema, {}),
    gather.inScope(kinds.FLUX_HELM_RELEASES, helmReleaseSchema, {}),
    ...SOURCES.map(([kind, resource]) => gather.inScope(resource, sourceSchema(kind), {})),
  ]);
  const known = sources.flatMap(({ values }) => values);
  const referring = [...kustomizations.values, ...releases.values];
  const wanted = new Set(referring.flatMap(({ sourceRef }) => sourceRef?.kind ?? []));
  const unread = SOURCES.flatMap(([kind], at) => (wanted.has(kind) ? gapsOf(sources[at]) : []));
  const controllers = referring.map((one: Referring<object>) => withSource(one, known) as SyncController);
  return {
    controllers: await withNamedValues(gather, controllers),
    notRead: [...gapsOf(kustomizations), ...gapsOf(releases), ...unread],
  };
}

function gapsOf(read: Decoded<unknown> | undefined): readonly NotRead[] {
  return (read?.notRead ?? []).filter(({ code }) => code !== 'kind_absent' && code !== 'not_found');
}

/** A source that could not be read is still named. */
function withSource<T>({ controller, sourceRef }: Referring<T>, known: readonly SyncSource[]): object {
  if (sourceRef === undefined) return controller;
  const source = known.find(({ object }) => sameObject(object, sourceRef));
  return { ...controller, source: source ?? { object: sourceRef, kind: kindOf(sourceRef), suspended: false } };
}

function sameObject(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}

function kindOf({ kind }: ObjectRef): SyncSource['kind'] {
  if (kind === 'GitRepository') return 'git';
  return kind === 'Bucket' ? 'bucket' : kind === 'HelmRepository' ? 'helm' : 'oci';
}

async function readArgo(gather: Gatherer, now: Date): Promise<Read> {
  const [applications, projects] = await Promise.all([
    gather.inScope(kinds.ARGO_APPLICATIONS, applicationSchema, {}),
    gather.inScope(kinds.ARGO_PROJECTS, projectSchema, {}),
  ]);
  const notRead = gapsOf(applications);
  const home = homeOf(projects.values, applications.values);
  if (home === undefined) return { controllers: [], notRead };
  const config = await gather.one(kinds.CONFIG_MAPS, configDataSchema, { namespace: home, name: ARGO_CONFIG.name });
  const settings = settingsOf(config);
  return {
    controllers: applications.values.map((one) => ({
      ...one.application,
      instance: instanceOf(one, home),
      ...windowOf(one, projects.values, now),
      ...settings,
    })),
    notRead: [...notRead, ...gapsOf(projects), ...config.notRead.filter(({ code }) => code !== 'kind_absent')],
  };
}

/** Where Argo CD runs: AppProjects are in its own namespace only, Applications may be in others as well. */
function homeOf(projects: readonly AppProject[], applications: readonly DecodedApplication[]): string | undefined {
  const [project] = projects;
  if (project !== undefined) return project.namespace;
  const counted = Map.groupBy(applications, ({ application }) => application.object.namespace ?? 'default');
  return [...counted].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** InstanceName in pkg/apis/application/v1alpha1/types.go. */
function instanceOf({ application: { object } }: DecodedApplication, home: string): string {
  return object.namespace === home ? object.name : `${object.namespace}_${object.name}`;
}

const METHODS = ['label', 'annotation', 'annotation+label'] as const;

/** What is not set is the default of Argo CD 3; before it the default was the label (docs/operator-manual/upgrading/2.14-3.0.md), so absence decides nothing. */
function settingsOf({ values: [data] }: Decoded<Readonly<Record<string, string>>>): Partial<ArgoApplication> {
  if (data === undefined) return {};
  const [method = '', label = '', id = ''] = ARGO_CONFIG.keys.map((key) => data[key] ?? '');
  const tracking = METHODS.find((one) => one === method);
  return {
    trackingLabel: label === '' ? 'app.kubernetes.io/instance' : label,
    ...(tracking === undefined ? {} : { tracking }),
    ...(id === '' ? {} : { installationId: id }),
  };
}

function windowOf(
  { application, destination }: DecodedApplication,
  projects: readonly AppProject[],
  now: Date,
): Pick<ArgoApplication, 'syncWindow'> {
  const project = projects.find(({ name }) => name === application.project);
  if (project === undefined) return {};
  const { destinationNamespace: namespace } = application;
  const target = { ...destination, ...(namespace === undefined ? {} : { namespace }) };
  const syncWindow = windowNow(project, { name: application.object.name, destination: target }, now);
  return syncWindow === undefined ? {} : { syncWindow };
}
