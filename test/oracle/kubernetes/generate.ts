/** Random clusters and NetworkPolicies, biased towards what is easily got wrong; used by `main.ts`. */
import type { Random } from '../kinds/random.ts';
import type { AskedWorld } from '../kinds/vectors.ts';
import type { Raw, World, WorldPod } from '../kinds/world.ts';
import type { Selector } from './for-cyclonus.ts';

export const NAMESPACES = ['shop', 'data', 'edge'];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  app: ['web', 'api', 'db'],
  tier: ['front', 'back'],
  'example.com/team': ['a', 'b', ''],
};
export const KEYS = Object.keys(VALUES);
export const PORT_NAMES = ['http', 'dns', 'metrics'];
export const PORTS = [53, 80, 443, 8080, 8443];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const OUTSIDE = [
  '203.0.113.10',
  '203.0.113.200',
  '198.51.100.7',
  '192.0.2.1',
  '2001:db8::10',
  '2001:db8:1::7',
  '10.77.0.5',
];
const RANGES = [
  { cidr: '0.0.0.0/0', inner: ['203.0.113.0/24', '10.0.0.0/8', '203.0.113.10/32', '10.1.0.0/29'] },
  { cidr: '203.0.113.0/24', inner: ['203.0.113.0/25', '203.0.113.200/32', '203.0.113.8/30'] },
  { cidr: '10.0.0.0/8', inner: ['10.1.0.0/16', '10.1.0.1/32', '10.64.0.0/10'] },
  { cidr: '10.1.0.0/16', inner: ['10.1.0.0/30', '10.1.0.4/31'] },
  { cidr: '198.51.100.7/32', inner: [] },
  { cidr: '::/0', inner: ['2001:db8::/32', 'fd00::/8'] },
  { cidr: '2001:db8::/32', inner: ['2001:db8:1::/48', '2001:db8::10/128'] },
  { cidr: 'fd00::/16', inner: ['fd00::1/128', 'fd00::/125'] },
] as const;

export function randomWorld(random: Random): AskedWorld {
  const world: World = {
    namespaces: Object.fromEntries(NAMESPACES.map((name) => [name, namespaceLabels(name, random)])),
    pods: Array.from({ length: 6 }, (_, index) => randomPod(index, random)),
  };
  const addresses = world.pods.flatMap((pod) => pod.ips);
  return {
    world,
    grid: {
      // In the first namespace, where most policies are.
      from: [0],
      to: [...random.some(addresses, 4, 4), ...random.some(OUTSIDE, 3, 3)],
      ports: gridPorts(random),
    },
  };
}

function gridPorts(random: Random): string[] {
  const all = PORTS.flatMap((port) => PROTOCOLS.map((protocol) => `${port}/${protocol}`));
  return [
    '80/TCP',
    ...random.some(
      all.filter((text) => text !== '80/TCP'),
      3,
      3,
    ),
  ];
}

function namespaceLabels(name: string, random: Random): Record<string, string> {
  return { 'kubernetes.io/metadata.name': name, ...randomLabels(random) };
}

export function randomLabels(random: Random): Record<string, string> {
  return Object.fromEntries(random.some(KEYS, 0, 3).map((key) => [key, random.pick(VALUES[key] ?? [])]));
}

export function randomPod(index: number, random: Random): WorldPod {
  const ports = random.some(PORT_NAMES, 0, 3).map((name) => ({
    name,
    port: random.pick(PORTS),
    protocol: random.chance(0.6) ? 'TCP' : random.pick(PROTOCOLS),
  }));
  // Two names for one port would leave it open which of them a packet bears: Cyclonus knows one.
  const distinct = new Map(ports.map((port) => [`${port.port}/${port.protocol}`, port]));
  return {
    namespace: NAMESPACES[index % NAMESPACES.length] ?? 'shop',
    name: `pod-${index}`,
    labels: randomLabels(random),
    ips: [`10.1.0.${index + 1}`, `fd00::${index + 1}`],
    ports: [...distinct.values()],
  };
}

export function randomPolicies(random: Random): Raw[] {
  return random.times(1, 3, () => 0).map((_, index) => randomPolicy(`p${index}`, random));
}

function randomPolicy(name: string, random: Random): Raw {
  const policyTypes = random.pick([
    undefined,
    [],
    ['Egress'],
    ['Egress'],
    ['Egress'],
    ['Egress'],
    ['Ingress'],
    ['Ingress', 'Egress'],
  ]);
  const egress = random.chance(0.93) ? random.times(random.pick([0, 1, 1]), 3, () => randomRule(random)) : undefined;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: random.pick(['shop', 'shop', 'shop', 'data']), name },
    spec: {
      podSelector: random.chance(0.6) ? {} : randomSelector(random),
      ...(policyTypes && { policyTypes }),
      ...(egress && { egress }),
    },
  };
}

function randomRule(random: Random): Raw {
  const to = random.chance(0.88) ? random.times(random.chance(0.95) ? 1 : 0, 3, () => randomPeer(random)) : undefined;
  const ports = random.chance(0.75)
    ? random.times(random.chance(0.95) ? 1 : 0, 3, () => randomPort(random))
    : undefined;
  return { ...(to && { to }), ...(ports && { ports }) };
}

function randomPeer(random: Random): Raw {
  const kind = random.below(10);
  if (kind < 4) return { ipBlock: randomBlock(random) };
  const podSelector = kind < 9 ? randomSelector(random) : undefined;
  const namespaceSelector = kind >= 6 ? randomSelector(random, true) : undefined;
  return { ...(podSelector && { podSelector }), ...(namespaceSelector && { namespaceSelector }) };
}

function randomBlock(random: Random): Raw {
  const { cidr, inner } = random.pick(RANGES);
  const except = random.some<string>(inner, 0, 2);
  return { cidr, ...(except.length > 0 && { except }) };
}

function randomSelector(random: Random, ofNamespaces = false): Selector {
  if (random.chance(0.15)) return {};
  if (ofNamespaces && random.chance(0.3))
    return { matchLabels: { 'kubernetes.io/metadata.name': random.pick(NAMESPACES) } };
  // Few requirements, or hardly anything would match.
  const key = random.pick(KEYS);
  const matchLabels = random.chance(0.4) ? { [key]: random.pick(VALUES[key] ?? []) } : {};
  const most = random.pick([1, 1, 1, 2]);
  const matchExpressions = random.chance(0.6) ? random.times(1, most, () => randomExpression(random)) : [];
  return {
    ...(Object.keys(matchLabels).length > 0 && { matchLabels }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
  };
}

function randomExpression(random: Random) {
  const key = random.pick(KEYS);
  const operator = random.pick(['In', 'NotIn', 'NotIn', 'Exists', 'DoesNotExist']);
  if (!operator.endsWith('In')) return { key, operator };
  return { key, operator, values: random.some(VALUES[key] ?? [], 1, 2) };
}

function randomPort(random: Random): Raw {
  const protocol = random.chance(0.7) ? { protocol: random.pick(PROTOCOLS) } : {};
  const kind = random.below(10);
  if (kind < 1) return protocol;
  if (kind < 4) return { ...protocol, port: random.pick(PORT_NAMES) };
  const port = random.pick([...PORTS, 1, 79]);
  if (kind < 7) return { ...protocol, port };
  return { ...protocol, port, endPort: random.pick([port, port + 1, port + 400, 65535]) };
}
