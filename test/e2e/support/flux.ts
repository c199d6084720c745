/** Flux in the lab, as tests use it: a source and a Kustomization for a repository, a reconciliation now, and what came of it. */
import * as k8s from '@kubernetes/client-node';
import { eventually, type TestCluster } from './cluster.ts';

export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

type Spec = Readonly<Record<string, unknown>>;

const VERSIONS = {
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
} as const;
type Kind = keyof typeof VERSIONS;

interface FluxStatus {
  readonly lastHandledReconcileAt?: string;
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly artifact?: { readonly revision: string };
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly inventory?: { readonly entries: readonly { readonly id: string }[] };
}

interface FluxObject extends k8s.KubernetesObject {
  readonly spec?: { readonly suspend?: boolean };
  readonly status?: FluxStatus;
}

/** Nothing comes by itself within a test: it says when. */
const SELDOM = '1h';
/** A reconciliation takes a second, and much longer where many are asked for at once on a busy machine. */
const PATIENCE_MS = 180_000;

async function applyFlux(cluster: TestCluster, kind: Kind, ref: Ref, spec: Spec): Promise<void> {
  const object = { apiVersion: VERSIONS[kind], kind, metadata: { ...ref }, spec };
  await api(cluster).patch(object, undefined, undefined, 'egress-e2e', true, k8s.PatchStrategy.ServerSideApply);
}

/** A GitRepository of branch `main`. */
export async function applySource(cluster: TestCluster, ref: Ref, url: string): Promise<void> {
  await applyFlux(cluster, 'GitRepository', ref, { interval: SELDOM, timeout: '20s', url, ref: { branch: 'main' } });
}

/** A Kustomization of the GitRepository of its own name; it prunes, and applies the whole repository, unless `more` says otherwise. */
export async function applyKustomization(cluster: TestCluster, ref: Ref, more: Spec = {}): Promise<void> {
  const sourceRef = { kind: 'GitRepository', name: ref.name };
  await applyFlux(cluster, 'Kustomization', ref, { interval: SELDOM, prune: true, sourceRef, path: './', ...more });
}

/** Merges fields into the object, e.g. `{ spec: { suspend: true } }`. */
export async function patchFlux(cluster: TestCluster, kind: Kind, ref: Ref, change: object): Promise<void> {
  const object = { apiVersion: VERSIONS[kind], kind, metadata: { ...ref }, ...change };
  await api(cluster).patch(object, undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch);
}

export async function fluxStatus(cluster: TestCluster, kind: Kind, ref: Ref): Promise<FluxStatus> {
  const wanted = { apiVersion: VERSIONS[kind], kind, metadata: { ...ref } };
  return (await api(cluster).read<FluxObject>(wanted)).status ?? {};
}

export async function isSuspended(cluster: TestCluster, kind: Kind, ref: Ref): Promise<boolean> {
  const wanted = { apiVersion: VERSIONS[kind], kind, metadata: { ...ref } };
  return (await api(cluster).read<FluxObject>(wanted)).spec?.suspend === true;
}

let asked = 0;

/** Asks for a reconciliation without waiting for it; a suspended object does not hear. */
export async function requestReconcile(cluster: TestCluster, kind: Kind, ref: Ref): Promise<string> {
  asked += 1;
  const token = `${Date.now()}-${asked}`;
  await patchFlux(cluster, kind, ref, {
    metadata: { ...ref, annotations: { 'reconcile.fluxcd.io/requestedAt': token } },
  });
  return token;
}

/** One reconciliation from now to its end, good or bad. */
export async function reconcile(cluster: TestCluster, kind: Kind, ref: Ref): Promise<FluxStatus> {
  const token = await requestReconcile(cluster, kind, ref);
  return eventually(`${kind} ${ref.namespace}/${ref.name} is reconciled`, PATIENCE_MS, async () => {
    const status = await fluxStatus(cluster, kind, ref);
    return status.lastHandledReconcileAt === token && !isUnderWay(status) ? status : undefined;
  });
}

function isUnderWay({ conditions = [] }: FluxStatus): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'Unknown');
}

/** Once the Kustomization has applied that commit. */
export async function waitApplied(cluster: TestCluster, ref: Ref, commit: string): Promise<FluxStatus> {
  return eventually(`Kustomization ${ref.namespace}/${ref.name} has applied ${commit}`, PATIENCE_MS, async () => {
    const status = await fluxStatus(cluster, 'Kustomization', ref);
    return status.lastAppliedRevision?.endsWith(commit) === true && !isUnderWay(status) ? status : undefined;
  });
}

export async function deleteKustomization(cluster: TestCluster, ref: Ref): Promise<void> {
  await api(cluster).delete({ apiVersion: VERSIONS.Kustomization, kind: 'Kustomization', metadata: { ...ref } });
}

/** Asks for the reconciliation that finalizes it, and waits until it is gone. */
export async function waitGone(cluster: TestCluster, ref: Ref): Promise<void> {
  await requestReconcile(cluster, 'Kustomization', ref).catch(isGone);
  await eventually(`Kustomization ${ref.namespace}/${ref.name} is gone`, PATIENCE_MS, async () =>
    fluxStatus(cluster, 'Kustomization', ref).then(() => undefined, isGone),
  );
}

function isGone(error: unknown): true {
  if (error instanceof k8s.ApiException && error.code === 404) return true;
  throw error;
}

const api = (cluster: TestCluster): k8s.KubernetesObjectApi => k8s.KubernetesObjectApi.makeApiClient(cluster.config);
