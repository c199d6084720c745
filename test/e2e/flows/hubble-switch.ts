/** Switches Hubble off and on in every agent of the cluster, as an administrator would: by Cilium's ConfigMap and a restart. */
import * as k8s from '@kubernetes/client-node';
import { eventually, type TestCluster } from '../support/cluster.ts';

const SYSTEM = { namespace: 'kube-system' };
const AGENTS = { ...SYSTEM, labelSelector: 'k8s-app=cilium' };

/** Returns once every agent runs with it. */
export async function setHubble(cluster: TestCluster, enabled: boolean): Promise<void> {
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  const value = String(enabled);
  const config = { ...SYSTEM, name: 'cilium-config' };
  const now = await core.readNamespacedConfigMap(config);
  if (now.data?.['enable-hubble'] === value) return;
  await core.replaceNamespacedConfigMap({ ...config, body: { ...now, data: { ...now.data, 'enable-hubble': value } } });
  const old = (await core.listNamespacedPod(AGENTS)).items;
  await Promise.all(old.map((pod) => core.deleteNamespacedPod({ ...SYSTEM, name: pod.metadata?.name ?? '' })));
  const uids = new Set(old.map(({ metadata }) => metadata?.uid));
  await eventually(`the agents run with enable-hubble: ${value}`, 120_000, async () => {
    const { items } = await core.listNamespacedPod(AGENTS);
    const anew = items.filter((pod) => !uids.has(pod.metadata?.uid) && isReady(pod));
    return anew.length === old.length && items.length === old.length ? true : undefined;
  });
}

const isReady = ({ status }: k8s.V1Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
