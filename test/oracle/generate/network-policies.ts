/** Kubernetes NetworkPolicies that an API server would store. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import { CIDRS, PORTS } from './destinations.ts';
import type { Random } from './random.ts';
import { plainSelector } from './selectors.ts';
import { PORT_NAMES } from './worlds.ts';

type Json = Record<string, unknown>;

export function networkPolicy(random: Random, name: string): RawObject {
  const namespace = random.weighted([
    [7, 'shop'],
    [2, 'pay'],
    [1, 'default'],
  ]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec: {
      podSelector: random.chance(0.4)
        ? {}
        : random.chance(0.6)
          ? { matchLabels: { app: random.pick(['cart', 'web', 'api']) } }
          : plainSelector(random, 'pods'),
      ...types(random),
      ...egress(random),
      ...(random.chance(0.1) && { ingress: [{}] }),
    },
  };
}

function types(random: Random): Json {
  const policyTypes = random.weighted<readonly string[] | undefined>([
    [8, ['Egress']],
    [2, ['Ingress', 'Egress']],
    [1, ['Ingress']],
    [2, undefined],
    [0.5, []],
  ]);
  return policyTypes === undefined ? {} : { policyTypes };
}

function egress(random: Random): Json {
  if (random.chance(0.08)) return random.pick([{}, { egress: [] }]);
  if (random.chance(0.05)) return { egress: [{}] };
  return { egress: Array.from({ length: random.int(1, 2) }, () => rule(random)) };
}

function rule(random: Random): Json {
  return {
    ...(random.chance(0.85) && {
      to: random.chance(0.05) ? [] : Array.from({ length: random.int(1, 2) }, () => peer(random)),
    }),
    ...(random.chance(0.7) && {
      ports: random.chance(0.05) ? [] : Array.from({ length: random.int(1, 2) }, () => port(random)),
    }),
  };
}

function peer(random: Random): Json {
  return random.weighted<() => Json>([
    [3, () => ({ podSelector: plainSelector(random, 'pods') })],
    [3, () => ({ namespaceSelector: plainSelector(random, 'namespaces') })],
    [3, () => ({ podSelector: plainSelector(random, 'pods'), namespaceSelector: plainSelector(random, 'namespaces') })],
    [5, () => ({ ipBlock: block(random) })],
  ])();
}

const BLOCKS: readonly (readonly [string, readonly string[]])[] = [
  ['0.0.0.0/0', ['10.0.0.0/8', '203.0.113.0/24', '128.0.0.0/1', '169.254.169.254/32']],
  ['10.0.0.0/8', ['10.9.0.0/16', '10.9.9.0/24']],
  ['203.0.113.0/24', ['203.0.113.0/28', '203.0.113.10/32']],
  ['::/0', ['2001:db8::/32', '2001:db8:1::/48']],
];

function block(random: Random): Json {
  if (random.chance(0.4)) return { cidr: random.pick(CIDRS) };
  const [cidr, inner] = random.pick(BLOCKS);
  return { cidr, except: random.some(inner, 0, 2) };
}

function port(random: Random): Json {
  const protocol = random.chance(0.6) && { protocol: random.pick(['TCP', 'TCP', 'UDP', 'SCTP']) };
  return random.weighted<() => Json>([
    [6, () => ({ port: random.pick(PORTS), ...protocol })],
    [2, () => ({ port: random.pick(PORT_NAMES), ...protocol })],
    [1, () => ({ ...protocol })],
    [2, () => range(random, protocol)],
  ])();
}

function range(random: Random, protocol: Json | false): Json {
  const from = random.pick([1, 53, 80, 440, 443, 8000]);
  return { port: from, endPort: random.pick([from, from + 1, from + 10, 65535]), ...protocol };
}
