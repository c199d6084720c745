/** Puts the lanes' namespaces, pods and objects into the cluster, and takes all of it out again. */
import * as k8s from '@kubernetes/client-node';
import { deleteNamespace, type TestCluster, waitReady } from '../support/cluster.ts';
import { type Lane, lanes, OWNER, type Places, SHOP } from './lanes.ts';
import type { Manifest } from './policy-sets.ts';

/** What an engine has beside pods: kinds whose objects belong to no namespace, and each lane's objects that policies refer to. */
export interface EngineObjects {
  readonly group: string;
  readonly version: string;
  /** Plurals of the clusterwide kinds: policies, and what they refer to. */
  readonly policies: string;
  readonly referred: readonly string[];
  of(lane: Lane): readonly object[];
}

const CILIUM: EngineObjects = {
  group: 'cilium.io',
  version: 'v2',
  policies: 'ciliumclusterwidenetworkpolicies',
  referred: ['ciliumcidrgroups'],
  of: ({ letter, addresses }) => [
    {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumCIDRGroup',
      metadata: { name: `packets-${letter}`, labels: OWNER },
      spec: { externalCIDRs: [`${addresses.api}/30`, '203.0.113.48/29'] },
    },
  ],
};

/** Everything but policies: a caller and a peer in each lane, and a shop with a Service that all lanes share. */
export async function raise(cluster: TestCluster, engine = CILIUM): Promise<ReadonlyMap<Lane, Places>> {
  await clear(cluster, engine);
  await create(cluster, [namespace(SHOP, 'shop'), pod(SHOP, 'store', { tier: 'back' }, SERVE), storeService()]);
  await Promise.all(lanes.map((lane) => create(cluster, [...laneObjects(lane), ...engine.of(lane)])));
  await waitReady(cluster, SHOP, 'app=store');
  const places = await Promise.all(
    lanes.map(async (lane): Promise<[Lane, Places]> => [lane, await placesOf(cluster, lane)]),
  );
  return new Map(places);
}

/** Also clears what a run that was killed has left behind. */
export async function clear(cluster: TestCluster, engine = CILIUM): Promise<void> {
  await removeClusterwide(cluster, engine, engine.policies);
  await Promise.all([SHOP, ...lanes.map((lane) => lane.namespace)].map((name) => deleteNamespace(cluster, name)));
  for (const plural of engine.referred) await removeClusterwide(cluster, engine, plural);
}

async function removeClusterwide(
  cluster: TestCluster,
  { group, version }: EngineObjects,
  plural: string,
): Promise<void> {
  const labelSelector = Object.entries(OWNER)
    .map(([key, value]) => `${key}=${value}`)
    .join();
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  await api.deleteCollectionClusterCustomObject({ group, version, plural, labelSelector });
}

/** Returns the objects' names by UID: by that the agent's copies are recognised. */
export async function create(cluster: TestCluster, objects: readonly object[]): Promise<Map<string, string>> {
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  const made = new Map<string, string>();
  for (const object of objects) {
    const { metadata } = await api.create(object as k8s.KubernetesObject).catch((error: unknown) => {
      throw new Error(`the API server refuses ${JSON.stringify(object)}`, { cause: error });
    });
    made.set(metadata?.uid ?? '', metadata?.name ?? '');
  }
  return made;
}

export async function remove(cluster: TestCluster, manifests: readonly Manifest[]): Promise<void> {
  const api = k8s.KubernetesObjectApi.makeApiClient(cluster.config);
  for (const manifest of manifests) await api.delete(manifest);
}

const SERVE = ['python3', '-m', 'http.server', '8080'];

function laneObjects({ namespace: name }: Lane): object[] {
  return [
    namespace(name, 'packets'),
    pod(name, 'caller', {}, ['sleep', 'infinity']),
    pod(name, 'peer', { tier: 'front' }, SERVE),
  ];
}

function namespace(name: string, team: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...OWNER, team } } };
}

function pod(
  inNamespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  command: readonly string[],
): object {
  const serves = command === SERVE;
  const ports = serves ? [{ name: 'web', containerPort: 8080 }] : [];
  const readinessProbe = serves ? { tcpSocket: { port: 8080 }, periodSeconds: 1 } : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: inNamespace, labels: { app: name, ...labels } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: 'lab/python:1', imagePullPolicy: 'Never', command, ports, readinessProbe }],
    },
  };
}

function storeService(): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'store', namespace: SHOP, labels: { sells: 'goods' } },
    spec: { selector: { app: 'store' }, ports: [{ port: 80, targetPort: 'web' }] },
  };
}

async function placesOf(cluster: TestCluster, lane: Lane): Promise<Places> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await Promise.all(['caller', 'peer'].map((name) => waitReady(cluster, lane.namespace, `app=${name}`)));
  const peer = await core.readNamespacedPod({ namespace: lane.namespace, name: 'peer' });
  const store = await core.readNamespacedService({ namespace: SHOP, name: 'store' });
  const api = await core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
  return {
    peer: known(peer.status?.podIP, "the peer's address"),
    node: known(peer.status?.hostIP, "the node's address"),
    storeService: known(store.spec?.clusterIP, "the Service's address"),
    apiService: known(api.spec?.clusterIP, "the API server's address"),
  };
}

function known(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is not known`);
  return value;
}
