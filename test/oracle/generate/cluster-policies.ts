/** ClusterNetworkPolicies of the Network Policy API (v1alpha2), for worlds whose Cilium (1.20) takes them into account. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import type { World } from '../case.ts';
import { CIDRS, HOSTS, PORTS } from './destinations.ts';
import type { Random } from './random.ts';
import { plainSelector } from './selectors.ts';
import { PORT_NAMES } from './worlds.ts';

type Json = Record<string, unknown>;

/** Few priorities, so that policies meet on one. */
const PRIORITIES = [0, 1, 1, 1, 2, 1000];

export function clusterPolicies(random: Random, world: World): RawObject[] {
  if (world.config['enable-k8s-cluster-network-policy'] !== 'true') return [];
  const count = random.weighted([
    [1, 0],
    [4, 1],
    [3, 2],
    [1, 3],
  ]);
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: `c${index}` },
    spec: {
      tier: random.weighted([
        [3, 'Admin'],
        [2, 'Baseline'],
      ]),
      priority: random.pick(PRIORITIES),
      subject: random.chance(0.6) ? { namespaces: namespaces(random) } : { pods: pods(random) },
      egress: many(random, () => rule(random)),
    },
  }));
}

function many<T>(random: Random, make: () => T): T[] {
  const length = random.weighted([
    [4, 1],
    [3, 2],
    [1, 4],
  ]);
  return Array.from({ length }, make);
}

function rule(random: Random): Json {
  const action = random.pick(['Accept', 'Accept', 'Deny', 'Deny', 'Pass']);
  return {
    action,
    to: many(random, () => peer(random, action === 'Accept')),
    ...(random.chance(0.5) && { protocols: many(random, () => protocol(random)) }),
  };
}

function peer(random: Random, accepts: boolean): Json {
  return random.weighted<() => Json>([
    [4, () => ({ namespaces: namespaces(random) })],
    [3, () => ({ pods: pods(random) })],
    [5, () => ({ networks: random.some(CIDRS, 1, 3) })],
    [0.4, () => ({ nodes: { matchLabels: { zone: random.pick(['a', 'b']) } } })],
    // Elsewhere the agent refuses the whole object.
    [accepts ? 3 : 0.1, () => ({ domainNames: random.some([...HOSTS, '*.vendor.example', '*.store.example'], 1, 2) })],
    // A field that this version's API does not know is no longer there.
    [0.3, () => ({})],
  ])();
}

function namespaces(random: Random): Json {
  return random.weighted<Json>([
    [3, {}],
    [2, { matchLabels: { 'kubernetes.io/metadata.name': random.pick(['shop', 'pay', 'kube-system']) } }],
    [2, { matchLabels: { env: random.pick(['prod', 'system']) } }],
    [1, { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['system'] }] }],
    [1, { matchExpressions: [{ key: 'team', operator: random.pick(['Exists', 'DoesNotExist']) }] }],
  ]);
}

function pods(random: Random): Json {
  return { namespaceSelector: namespaces(random), podSelector: plainSelector(random, 'pods') };
}

function protocol(random: Random): Json {
  const kind = random.pick(['tcp', 'tcp', 'udp', 'sctp']);
  const port = random.pick(PORTS);
  return random.weighted<() => Json>([
    [5, () => ({ [kind]: { destinationPort: { number: port } } })],
    [
      2,
      () => ({ [kind]: { destinationPort: { range: { start: port, end: random.pick([port, port + 10, 65535]) } } } }),
    ],
    [1, () => ({ [kind]: {} })],
    [2, () => ({ destinationNamedPort: random.pick(PORT_NAMES) })],
  ])();
}
