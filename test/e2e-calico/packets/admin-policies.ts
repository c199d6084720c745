/** Random policies of cluster administrators (Network Policy API, v1alpha1), which Calico enforces in tiers of its own around all others. */
import * as k8s from '@kubernetes/client-node';
import { type Lane, OWNER, SHOP } from '../../e2e/packets/lanes.ts';
import { elements, head, type Manifest } from '../../e2e/packets/policy-sets.ts';
import type { Random } from '../../e2e/packets/random.ts';
import type { TestCluster } from '../../e2e/support/cluster.ts';
import { plan } from '../../lab/plan.ts';

const GROUP = 'policy.networking.k8s.io';
const VERSION = 'v1alpha1';

interface Wish {
  readonly name: string;
  readonly mark: string;
  /** No two that select one pod may share it. */
  readonly priority: number;
}

export function adminPolicy(random: Random, lane: Lane, { name, mark, priority }: Wish): Manifest {
  const last = { action: 'Allow', to: [{ networks: [`${mark}/32`] }] };
  const egress = [...elements(random, 1, 3, () => rule(random, lane, ['Allow', 'Deny', 'Pass'])), last];
  const spec = { priority, subject: subject(random, lane), egress };
  return { ...head(`${GROUP}/${VERSION}`, 'AdminNetworkPolicy', `packets-${lane.letter}-${name}`), spec };
}

/** There is one in a cluster, so one lane alone may have it. */
export function baselinePolicy(random: Random, lane: Lane, mark: string): Manifest {
  const last = { action: 'Allow', to: [{ networks: [`${mark}/32`] }] };
  const egress = [...elements(random, 1, 2, () => rule(random, lane, ['Allow', 'Deny', 'Deny'])), last];
  const spec = { subject: subject(random, lane), egress };
  return { ...head(`${GROUP}/${VERSION}`, 'BaselineAdminNetworkPolicy', 'default'), spec };
}

function subject(random: Random, { namespace }: Lane): object {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const podSelector = random.pick<object>([
    { matchLabels: { app: 'caller' } },
    { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
  ]);
  return { pods: { namespaceSelector, podSelector } };
}

function rule(random: Random, lane: Lane, actions: readonly string[]): object {
  const to = random.some(peers(lane), 1, 2);
  // The kind's schema refuses a named port of networks.
  const usable = to.some((peer) => 'networks' in peer) ? PORTS.filter((port) => !('namedPort' in port)) : PORTS;
  const ports = random.chance(0.6) ? { ports: random.some(usable, 1, 2) } : {};
  return { action: random.pick(actions), to, ...ports };
}

function peers({ addresses }: Lane): readonly object[] {
  const named = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  return [
    { networks: [`${addresses.api}/32`] },
    { networks: ['203.0.113.0/24'] },
    { networks: ['0.0.0.0/0'] },
    { networks: [plan.podCidr, `${plan.publicDns}/32`] },
    { networks: [plan.serviceCidr] },
    { namespaces: {} },
    { namespaces: named(SHOP) },
    { namespaces: named('kube-system') },
    { namespaces: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
    // Also what has no namespace, such as the lane's set of resolvers.
    { namespaces: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['shop'] }] } },
    { namespaces: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
    { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'peer' } } } },
    { pods: { namespaceSelector: named('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } } },
  ];
}

const PORTS: readonly object[] = [
  { portNumber: { protocol: 'TCP', port: 443 } },
  { portNumber: { protocol: 'UDP', port: 53 } },
  { portNumber: { protocol: 'TCP', port: 8080 } },
  { portNumber: { protocol: 'TCP', port: 80 } },
  { portRange: { protocol: 'TCP', start: 400, end: 9000 } },
  { namedPort: 'web' },
];

/** What a run that was killed has left behind. */
export async function clearAdminPolicies(cluster: TestCluster): Promise<void> {
  const [[key, value] = ['', '']] = Object.entries(OWNER);
  const api = cluster.config.makeApiClient(k8s.CustomObjectsApi);
  for (const plural of ['adminnetworkpolicies', 'baselineadminnetworkpolicies'])
    await api.deleteCollectionClusterCustomObject({
      group: GROUP,
      version: VERSION,
      plural,
      labelSelector: `${key}=${value}`,
    });
}
