/** Raises the cases: namespaces, repositories, Kustomizations that have applied once; the hands that then change something; and the reconciliation. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as k8s from '@kubernetes/client-node';
import { paths } from '../../lab/paths.ts';
import { pooled } from '../fix-loop/pooled.ts';
import { applyYaml, deleteNamespace, type TestCluster } from '../support/cluster.ts';
import {
  applyKustomization,
  applySource,
  deleteKustomization,
  isSuspended,
  patchFlux,
  type Ref,
  reconcile,
  requestReconcile,
  waitApplied,
  waitGone,
} from '../support/flux.ts';
import { createLabRepo, type LabRepo } from '../support/lab-git.ts';
import { type Case, type Edit, type Hands, metadataOf, type Place, type PolicyKind, VERSIONS } from './case.ts';
import { look } from './judge.ts';

const run = promisify(execFile);
/** An answer holds 40 policies at most. */
const NAMESPACES = ['flux-a', 'flux-b', 'flux-c', 'flux-d'] as const;
export const ASKER = 'asker';
/** As many as a controller works on at a time. */
export const LANES = 8;

export interface Staged {
  readonly one: Case;
  readonly place: Place;
  readonly repo: LabRepo;
  readonly firstCommit: string;
  /** What Git has made of the case's policies at first. */
  readonly applied: readonly unknown[];
}

const text = (...objects: readonly object[]): string => objects.map((one) => JSON.stringify(one)).join('\n---\n');

/** Waits for a node that there is none of: a question needs a pod, and none of its programs. */
function asker(namespace: string): object {
  const container = { name: 'app', image: 'lab/busybox:1', imagePullPolicy: 'Never' };
  const spec = { nodeSelector: { 'lab.invalid/nowhere': 'true' }, containers: [container] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: ASKER, namespace, labels: { app: ASKER } }, spec };
}

/** All of them were applied once, or have failed to be, and nothing has happened to them yet. */
export async function raise(cluster: TestCluster, cases: readonly Case[]): Promise<readonly Staged[]> {
  await clear(cluster);
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  await applyYaml(cluster, text(...namespaces, ...NAMESPACES.map(asker)));
  const places = cases.map((one, at) => ({ one, namespace: NAMESPACES[at % NAMESPACES.length] ?? NAMESPACES[0] }));
  return pooled(LANES, places, ({ one, namespace }) => raiseOne(cluster, one, { name: one.name, namespace }));
}

async function raiseOne(cluster: TestCluster, one: Case, place: Place): Promise<Staged> {
  const repo = createLabRepo(`flux-forecast-${one.name}`, one.files(place));
  const firstCommit = repo.head();
  const more = { path: './policies', ...one.spec?.(place) };
  await applySource(cluster, place, repo.clusterUrl);
  for (const [name, spec] of besides(one, place)) {
    const beside = { name, namespace: place.namespace };
    await applyKustomization(cluster, beside, { sourceRef: { kind: 'GitRepository', name: place.name }, ...spec });
    await waitApplied(cluster, beside, firstCommit);
  }
  await applyKustomization(cluster, place, more);
  if (one.failsAtFirst) await reconcile(cluster, 'Kustomization', place);
  else await waitApplied(cluster, place, firstCommit);
  const looks = await Promise.all(policiesOf({ one, place }).map((policy) => look(cluster, policy)));
  return { one, place, repo, firstCommit, applied: looks.map(({ spec }) => spec).filter((spec) => spec !== undefined) };
}

const besides = (one: Case, place: Place): readonly [string, object][] => Object.entries(one.beside?.(place) ?? {});

export function policiesOf({ one, place }: Pick<Staged, 'one' | 'place'>): readonly Ref[] {
  return one.expect.map(({ policy = one.name }) => ({ name: policy, namespace: place.namespace }));
}

export async function change(cluster: TestCluster, staged: Staged): Promise<void> {
  await staged.one.event(handsOf(cluster, staged), staged.place);
}

function handsOf(cluster: TestCluster, { place, repo }: Staged): Hands {
  const { name, namespace } = place;
  const objects = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  return {
    edit: async (edit) => {
      const manager = edit.manager ?? 'kubectl-edit';
      await objects.patch(patchOf(place, edit), undefined, undefined, manager, undefined, k8s.PatchStrategy.MergePatch);
    },
    kubectlApply: (manifest) => kubectlApply(cluster, manifest),
    create: async (manifest, manager = 'kubectl-create') => {
      await objects.create(JSON.parse(manifest), undefined, undefined, manager);
    },
    remove: async (policy = name, kind = 'CiliumNetworkPolicy') => {
      await objects.delete({ apiVersion: VERSIONS[kind], kind, metadata: { name: policy, namespace } });
    },
    commit: (files) => void repo.commit(files),
    kustomization: (change, other = name) => patchFlux(cluster, 'Kustomization', { namespace, name: other }, change),
    deleteKustomization: () => deleteKustomization(cluster, place),
    source: (change) => patchFlux(cluster, 'GitRepository', place, change),
    sync: async () => {
      await reconcile(cluster, 'GitRepository', place);
      await reconcile(cluster, 'Kustomization', place);
    },
  };
}

function patchOf({ name, namespace }: Place, edit: Edit): k8s.KubernetesObject {
  const kind: PolicyKind = edit.kind ?? 'CiliumNetworkPolicy';
  const metadata = { ...edit.metadata, ...metadataOf(kind, { name: edit.policy ?? name, namespace }) };
  return { apiVersion: VERSIONS[kind], kind, metadata, ...(edit.spec && { spec: edit.spec }) };
}

async function kubectlApply(cluster: TestCluster, manifest: string): Promise<void> {
  const done = run(paths.kubectl, ['--kubeconfig', cluster.kubeconfig, 'apply', '--filename', '-']);
  done.child.stdin?.end(manifest);
  await done;
}

/** Those that are suspended are asked as well; they do not hear. */
export async function reconcileAll(cluster: TestCluster, all: readonly Staged[]): Promise<void> {
  await pooled(LANES, all, (staged) => reconcileOne(cluster, staged));
}

async function reconcileOne(cluster: TestCluster, { one, place }: Staged): Promise<void> {
  await settle(cluster, 'GitRepository', place);
  for (const [name] of besides(one, place)) await settle(cluster, 'Kustomization', { ...place, name });
  if (one.isDeletedItself) await waitGone(cluster, place);
  else await settle(cluster, 'Kustomization', place);
}

async function settle(cluster: TestCluster, kind: 'GitRepository' | 'Kustomization', ref: Ref): Promise<void> {
  if (await isSuspended(cluster, kind, ref)) await requestReconcile(cluster, kind, ref);
  else await reconcile(cluster, kind, ref);
}

/** Once nothing of an earlier run is left. */
async function clear(cluster: TestCluster): Promise<void> {
  await leave(cluster);
  await Promise.all(NAMESPACES.map((name) => deleteNamespace(cluster, name)));
}

/** Deletes all without waiting for it. A policy may hold on to its namespace by a finalizer. */
export async function leave(cluster: TestCluster): Promise<void> {
  const objects = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  for (const namespace of NAMESPACES) {
    const policy = patchOf({ namespace, name: 'removed-finalizer' }, { metadata: { finalizers: null } });
    await objects
      .patch(policy, undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch)
      .catch(() => undefined);
    await core.deleteNamespace({ name: namespace }).catch(() => undefined);
  }
}
