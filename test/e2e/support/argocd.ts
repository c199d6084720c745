/** Argo CD of the lab as a suite uses it: its programs are started for the suite alone, and Applications are looked at and waited for. */
import * as k8s from '@kubernetes/client-node';
import { eventually, type TestCluster } from './cluster.ts';

export const ARGO = 'argocd';
const PROGRAMS = [
  { kind: 'Deployment', name: 'argocd-redis' },
  { kind: 'Deployment', name: 'argocd-repo-server' },
  { kind: 'StatefulSet', name: 'argocd-application-controller' },
] as const;

const REFRESH = 'argocd.argoproj.io/refresh';

export interface Application {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly operation?: unknown;
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string; readonly finishedAt?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly resources?: readonly {
      readonly name: string;
      readonly status?: string;
      readonly requiresPruning?: boolean;
    }[];
    readonly reconciledAt?: string;
  };
}

function objects(cluster: TestCluster): k8s.KubernetesObjectApi {
  return k8s.KubernetesObjectApi.makeApiClient(cluster.config);
}

/** A merge patch, written in the name of a manager. */
export async function mergePatch(cluster: TestCluster, object: object, manager = 'kubectl-edit'): Promise<void> {
  const api = objects(cluster);
  await api.patch(object, undefined, undefined, manager, undefined, k8s.PatchStrategy.MergePatch);
}

export async function startArgo(cluster: TestCluster): Promise<void> {
  await scale(cluster, 1);
  const apps = cluster.config.makeApiClient(k8s.AppsV1Api);
  await eventually('Argo CD is ready', 120_000, async () => {
    const ready = await Promise.all(
      PROGRAMS.map(async ({ kind, name }) => {
        const read = { name, namespace: ARGO };
        const { status } = await (kind === 'Deployment'
          ? apps.readNamespacedDeployment(read)
          : apps.readNamespacedStatefulSet(read));
        return status?.readyReplicas === 1;
      }),
    );
    return ready.every(Boolean) ? true : undefined;
  });
}

export async function stopArgo(cluster: TestCluster): Promise<void> {
  await scale(cluster, 0);
}

async function scale(cluster: TestCluster, replicas: number): Promise<void> {
  for (const { kind, name } of PROGRAMS)
    await mergePatch(
      cluster,
      { apiVersion: 'apps/v1', kind, metadata: { name, namespace: ARGO }, spec: { replicas } },
      'e2e',
    );
}

export async function applications(cluster: TestCluster): Promise<ReadonlyMap<string, Application>> {
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  const list = (await api.listNamespacedCustomObject({
    group: 'argoproj.io',
    version: 'v1alpha1',
    namespace: ARGO,
    plural: 'applications',
  })) as { items: Application[] };
  return new Map(list.items.map((one) => [one.metadata.name, one]));
}

function ofApplication(name: string, more: object): object {
  const { metadata, ...rest } = more as { metadata?: object };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: ARGO, ...metadata },
    ...rest,
  };
}

export async function patchApplication(cluster: TestCluster, name: string, more: object): Promise<void> {
  await mergePatch(cluster, ofApplication(name, more), 'e2e');
}

/** Asks Argo CD to look at Git and at the cluster again, and waits until it has, and has ended what it then began. */
export async function refresh(
  cluster: TestCluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, Application>> {
  await Promise.all(
    names.map((name) => patchApplication(cluster, name, { metadata: { annotations: { [REFRESH]: 'normal' } } })),
  );
  return idle(cluster, names);
}

/** Idle for so long that a sync which the last look sets off has been asked for. */
const CALM_MS = 2500;
const PATIENCE_MS = 300_000;

async function idle(cluster: TestCluster, names: readonly string[]): Promise<ReadonlyMap<string, Application>> {
  const deadline = Date.now() + PATIENCE_MS;
  let since = Date.now();
  for (;;) {
    const all = await applications(cluster);
    const busy = names.filter((name) => isBusy(all.get(name)));
    if (busy.length > 0) since = Date.now();
    if (Date.now() - since >= CALM_MS) return all;
    if (Date.now() > deadline)
      throw new Error(`not idle: ${JSON.stringify(busy.map((name) => all.get(name) ?? name))}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function isBusy(one: Application | undefined): boolean {
  if (one?.status?.sync === undefined || one.metadata.annotations?.[REFRESH] !== undefined) return true;
  const { phase, message = '' } = one.status.operationState ?? {};
  // A sync that asks somebody to confirm a deletion waits for as long as nobody does.
  if (phase === 'Running' && message.includes('confirmation')) return false;
  // One that failed waits longer and longer before the next attempt.
  if (phase === 'Running' && message.includes('Retrying attempt')) return false;
  return one.operation !== undefined || phase === 'Running';
}
