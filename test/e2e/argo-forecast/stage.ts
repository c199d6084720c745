/** Raises the cases: namespaces, projects, Applications that have synced once, and the hands that then change something. */
import * as k8s from '@kubernetes/client-node';
import { ARGO, mergePatch, patchApplication, refresh } from '../support/argocd.ts';
import { applyYaml, deleteNamespace, eventually, type TestCluster } from '../support/cluster.ts';
import {
  type Case,
  EVERYWHERE,
  egress,
  type Hands,
  heldName,
  type Kind,
  named,
  type Place,
  policyText,
} from './case.ts';
import { CLUSTER_URL, commit, type Files } from './repository.ts';

const API = 'argoproj.io/v1alpha1';
/** An answer holds 40 policies at most. */
const NAMESPACES = ['argo-a', 'argo-b', 'argo-c'] as const;
export const ASKER = 'asker';
/** What an Application of this project would do by itself waits until the questions are answered. */
const HELD = 'argo-held';
const PROJECTS = [HELD, 'argo-deny', 'argo-allow', 'argo-narrow', 'argo-narrower'] as const;

const always = { schedule: '* * * * *', duration: '1h', applications: ['*'] };
const atNewYear = { schedule: '0 0 1 1 *', duration: '1s', applications: ['*'] };
const WINDOWS: Readonly<Record<string, { readonly shut: object; readonly open: readonly object[] }>> = {
  [HELD]: { shut: { kind: 'deny', ...always }, open: [] },
  'argo-deny': { shut: { kind: 'deny', ...always }, open: [] },
  'argo-allow': { shut: { kind: 'allow', ...atNewYear }, open: [{ kind: 'allow', ...always }] },
};

export interface Staged {
  readonly one: Case;
  readonly place: Place;
  /** What its branch holds now. */
  readonly files: () => Files;
}

const yaml = (...objects: readonly object[]): string => objects.map((one) => JSON.stringify(one)).join('\n---\n');

/** Waits for a node that there is none of: a question needs a pod, and none of its programs. */
function asker(namespace: string): object {
  const container = { name: 'app', image: 'lab/busybox:1', imagePullPolicy: 'Never' };
  const spec = { nodeSelector: { 'lab.invalid/nowhere': 'true' }, containers: [container] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: ASKER, namespace, labels: { app: ASKER } }, spec };
}

function project(name: string): object {
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  };
  return { apiVersion: API, kind: 'AppProject', metadata: { name, namespace: ARGO }, spec };
}

/** The next attempt comes when the suite is over. */
const LATE = { limit: 5, backoff: { duration: '30m', maxDuration: '30m' } };

interface Wanted
  extends Pick<
    Case,
    'automated' | 'syncOptions' | 'ignoreDifferences' | 'directory' | 'project' | 'annotations' | 'retries'
  > {
  readonly place: Place;
}

function application({ place, automated = { prune: true, selfHeal: true }, ...rest }: Wanted): object {
  const { name, namespace } = place;
  return {
    apiVersion: API,
    kind: 'Application',
    metadata: { name, namespace: ARGO, ...(rest.annotations && { annotations: rest.annotations }) },
    spec: {
      project: rest.project ?? HELD,
      source: {
        repoURL: CLUSTER_URL,
        targetRevision: name,
        path: 'policies',
        ...(rest.directory && { directory: rest.directory }),
      },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: {
        ...(automated === 'off' ? {} : { automated }),
        // Validation by a client downloads all of the cluster's schemas for each sync.
        syncOptions: ['Validate=false', ...(rest.syncOptions ?? [])],
        retry: rest.retries ? LATE : { limit: 0 },
      },
      ...(rest.ignoreDifferences && { ignoreDifferences: rest.ignoreDifferences }),
    },
  };
}

const startsByHand = ({ automated }: Case): boolean => automated === 'off' || automated?.['enabled'] === false;

/** All of them have synced once, and nothing has happened to them yet. */
export async function raise(cluster: TestCluster, cases: readonly Case[]): Promise<readonly Staged[]> {
  await clear(cluster);
  const staged = cases.map((one, at) => stagedCase(one, NAMESPACES[at % NAMESPACES.length] ?? NAMESPACES[0]));
  commit(new Map(staged.map(({ one, files }) => [one.name, files()])));
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  await applyYaml(cluster, yaml(...namespaces, ...NAMESPACES.map(asker), ...PROJECTS.map(project)));
  await applyYaml(cluster, yaml(...staged.map(({ one, place }) => application({ ...one, place }))));
  const byHand = cases.filter(startsByHand).map(({ name }) => name);
  await Promise.all(byHand.map((name) => patchApplication(cluster, name, { operation: { sync: {} } })));
  await firstSync(cluster, cases);
  await setWindows(cluster, 'shut');
  return staged;
}

async function firstSync(cluster: TestCluster, cases: readonly Case[]): Promise<void> {
  const all = await refresh(
    cluster,
    cases.map(({ name }) => name),
  );
  const failed = cases.flatMap(({ name }) => {
    const { sync, operationState, conditions } = all.get(name)?.status ?? {};
    const isGood = sync?.status === 'Synced' && operationState?.phase === 'Succeeded';
    return isGood ? [] : [`${name}: ${sync?.status} ${JSON.stringify(operationState)} ${JSON.stringify(conditions)}`];
  });
  if (failed.length > 0) throw new Error(`Applications that did not sync at first: ${failed.join('; ')}`);
}

function stagedCase(one: Case, namespace: string): Staged {
  const place = { name: one.name, namespace };
  return { one, place, files: () => current.get(one.name) ?? one.files(place) };
}

/** Branches that were committed to since. */
const current = new Map<string, Files>();

export function commitTo(branch: string, files: Files): void {
  current.set(branch, files);
  commit(new Map([[branch, files]]));
}

export async function setWindows(cluster: TestCluster, which: 'shut' | 'open'): Promise<void> {
  for (const [name, { shut, open }] of Object.entries(WINDOWS))
    await patchProject(cluster, name, { syncWindows: which === 'shut' ? [shut] : open });
}

/** Lets go of what was only held for the questions. */
export async function release(cluster: TestCluster): Promise<void> {
  await patchProject(cluster, HELD, { syncWindows: [] });
}

async function patchProject(cluster: TestCluster, name: string, spec: object): Promise<void> {
  await mergePatch(cluster, { apiVersion: API, kind: 'AppProject', metadata: { name, namespace: ARGO }, spec }, 'e2e');
}

export async function change(cluster: TestCluster, { one, place }: Staged): Promise<void> {
  await one.event(handsOf(cluster, one, place), place);
  if (one.frozen)
    await patchApplication(cluster, one.name, {
      metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } },
    });
}

function handsOf(cluster: TestCluster, { kind = 'CiliumNetworkPolicy' }: Case, place: Place): Hands {
  const { name } = place;
  const write = (spec: object, policy = name): Promise<void> =>
    mergePatch(cluster, { ...named(kind, { ...place, name: policy }), spec });
  return {
    write,
    edit: (names, policy) => write({ egress: egress(names) }, policy),
    create: (policy) => applyYaml(cluster, policyText(policy)),
    remove: () => removePolicy(cluster, kind, place),
    commit: (files) => commitTo(name, files),
    commitTo,
    project: (project, spec) => patchProject(cluster, project, spec),
    deleteItself: async (finalizer) => {
      await patchApplication(cluster, name, { metadata: { finalizers: [finalizer] } });
      const core = cluster.config.makeApiClient(k8s.CoreV1Api);
      await core.deleteNamespacedConfigMap({ name: heldName(place), namespace: place.namespace });
      // It does not wait for what it does not know to be deleted yet.
      await refresh(cluster, [name]);
      await deleteApplication(cluster, name);
    },
    application: (other, at) => applyYaml(cluster, yaml(application({ place: { ...at, name: other } }))),
  };
}

/** What waited for a held object goes on, to its end. */
export async function letGo(cluster: TestCluster, { place }: Staged): Promise<void> {
  const { namespace } = place;
  const held = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: heldName(place), namespace, finalizers: null },
  };
  await mergePatch(cluster, held);
  await eventually(`Application ${place.name} is gone`, 60_000, async () => {
    // Any change has it looked at again.
    const metadata = { annotations: { 'lab.invalid/look': String(Date.now()) } };
    return patchApplication(cluster, place.name, { metadata }).then(() => undefined, isGone);
  });
}

function isGone(error: unknown): true {
  if (error instanceof k8s.ApiException && error.code === 404) return true;
  throw error;
}

/** Of an earlier run that did not come to its end. */
async function letGoOf(cluster: TestCluster, namespace: string): Promise<void> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const { items } = await core.listNamespacedConfigMap({ namespace });
  const held = items.filter(({ metadata }) => (metadata?.finalizers ?? []).length > 0);
  for (const { metadata } of held) {
    const { name } = metadata ?? {};
    await mergePatch(cluster, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, finalizers: null } });
  }
}

async function deleteApplication(cluster: TestCluster, name: string): Promise<void> {
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  const kind = { group: 'argoproj.io', version: 'v1alpha1', namespace: ARGO, plural: 'applications' };
  await api.deleteNamespacedCustomObject({ ...kind, name });
}

async function removePolicy(cluster: TestCluster, kind: Kind, place: Place): Promise<void> {
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  await api.delete(named(kind, place));
}

export async function clear(cluster: TestCluster): Promise<void> {
  current.clear();
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  const kind = { group: 'argoproj.io', version: 'v1alpha1', namespace: ARGO };
  await api.deleteCollectionNamespacedCustomObject({ ...kind, plural: 'applications' });
  await Promise.all(NAMESPACES.map((namespace) => letGoOf(cluster, namespace)));
  await Promise.all(NAMESPACES.map((name) => deleteNamespace(cluster, name)));
  const everywhere = { name: EVERYWHERE, namespace: '' };
  await removePolicy(cluster, 'CiliumClusterwideNetworkPolicy', everywhere).catch(() => undefined);
  for (const name of PROJECTS)
    await api.deleteNamespacedCustomObject({ ...kind, plural: 'appprojects', name }).catch(() => undefined);
  await eventually('no Application is left', 20_000, async () => {
    const left = (await api.listNamespacedCustomObject({ ...kind, plural: 'applications' })) as { items: unknown[] };
    return left.items.length === 0 ? true : undefined;
  });
}
