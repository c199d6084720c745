/** Random clusters with Calico's policies and network sets, biased towards what is easily got wrong; used by `main.ts`. */
import type { Random } from '../kinds/random.ts';
import type { AskedWorld } from '../kinds/vectors.ts';
import { object, type Raw, type World } from '../kinds/world.ts';
import {
  KEYS,
  randomPolicies as kubernetesPolicies,
  NAMESPACES,
  PORT_NAMES,
  PORTS,
  randomLabels,
  randomPod,
} from '../kubernetes/generate.ts';
import { randomSelector, wordsOf } from './selector.ts';

const PROJECT = 'projectcalico.org/v3';
const OUTSIDE = ['203.0.113.10', '203.0.113.200', '198.51.100.7', '198.51.100.200', '192.0.2.1', '2001:db8::10'];
/** None covers a pod: the analyzer does not know pods' addresses. */
const NETS = ['203.0.113.0/24', '203.0.113.8/29', '198.51.100.0/24', '198.51.100.7/32', '192.0.2.0/24'];
const NETS6 = ['2001:db8::/32', '2001:db8::10/128', '2001:db8:1::/48'];
/** Apart from each other, since to the analyzer a set is its addresses. */
const SET_NETS = {
  GlobalNetworkSet: ['203.0.113.0/25', '2001:db8::/48'],
  shop: ['198.51.100.0/25'],
  data: ['192.0.2.0/28', '203.0.113.192/26'],
} as const;

/** The cluster without policies; network sets are part of it. */
export interface CalicoWorld extends AskedWorld {
  readonly objects: readonly Raw[];
}

export function randomWorld(random: Random): CalicoWorld {
  const world: World = {
    namespaces: Object.fromEntries(
      NAMESPACES.map((name) => [name, { 'kubernetes.io/metadata.name': name, ...randomLabels(random) }]),
    ),
    pods: Array.from({ length: 6 }, (_, index) => ({
      ...randomPod(index, random),
      ips: [`10.1.0.${index + 1}`],
      serviceAccount: random.pick(['default', 'runner', 'reader']),
    })),
  };
  const others = world.pods.slice(1).flatMap((pod) => pod.ips);
  const all = PORTS.flatMap((port) => ['TCP', 'UDP', 'SCTP'].map((protocol) => `${port}/${protocol}`));
  return {
    world,
    grid: {
      from: [0],
      to: [...random.some(others, 4, 4), ...random.some(OUTSIDE, 5, 5)],
      ports: [
        '80/TCP',
        ...random.some(
          all.filter((text) => text !== '80/TCP'),
          4,
          4,
        ),
      ],
    },
    objects: randomSets(random),
  };
}

function randomSets(random: Random): Raw[] {
  const set = (kind: string, nets: readonly string[], metadata: Raw): Raw => ({
    ...object(PROJECT, kind, { ...metadata, labels: { [random.pick(KEYS)]: 'a', ...randomLabels(random) } }),
    spec: { nets },
  });
  if (random.chance(0.3)) return [];
  return [
    ...(random.chance(0.5) ? [set('GlobalNetworkSet', SET_NETS.GlobalNetworkSet, { name: 'partners' })] : []),
    ...(random.chance(0.7) ? [set('NetworkSet', SET_NETS.shop, { namespace: 'shop', name: 'vendors' })] : []),
    ...(random.chance(0.5) ? [set('NetworkSet', SET_NETS.data, { namespace: 'data', name: 'mirrors' })] : []),
  ];
}

export function randomPolicies({ objects }: CalicoWorld, random: Random): Raw[] {
  const global = objects.some((one) => one['kind'] === 'GlobalNetworkSet');
  const orders = random.some([1, 2.5, 10, 100, 500, 999, 1001, 2000], 4, 4);
  const count = random.pick([1, 2, 2, 3, 3, 4]);
  const policies = orders.slice(0, count).map((order, index) => {
    const last = index === count - 1 && random.chance(0.3);
    return randomPolicy({ name: `p${index}`, order: last ? undefined : order, global }, random);
  });
  // To the analyzer a pod selector takes network sets too; they are no pods (conversion.go, k8sSelectorToCalico).
  const plain = objects.length === 0 && random.chance(0.4) ? kubernetesPolicies(random).filter(simple) : [];
  return [...policies, ...plain].toSorted(() => (random.chance(0.5) ? 1 : -1));
}

/**
 * The analyzer does not know pods' addresses, takes a label that is not there for an empty one, and looks for labels that exist, or do
 * not, in the policy's own namespace only (K8sPolicyYamlParser). Such policies have Cyclonus as their oracle.
 */
function simple(policy: Raw): boolean {
  const text = JSON.stringify(policy);
  return !/ipBlock|""|Exist/.test(text);
}

interface Plan {
  readonly name: string;
  readonly order: number | undefined;
  /** There are global network sets. */
  readonly global: boolean;
}

function randomPolicy({ name, order, global }: Plan, random: Random): Raw {
  const namespaced = random.chance(0.6);
  const types = random.pick([
    undefined,
    ['Egress'],
    ['Egress'],
    ['Egress'],
    ['Egress'],
    ['Ingress', 'Egress'],
    ['Ingress'],
  ]);
  const egress = random.chance(0.95) ? random.times(1, 5, () => randomRule(global, random)) : undefined;
  const selector = random.chance(0.65) ? random.pick(['', 'all()', undefined]) : randomSelector(random, wordsOf.pods);
  const spaces = !namespaced && random.chance(0.3) ? randomSelector(random, wordsOf.namespaces) : undefined;
  const namespace = namespaced ? { namespace: random.pick(['shop', 'shop', 'shop', 'data']) } : {};
  return {
    ...object(PROJECT, namespaced ? 'NetworkPolicy' : 'GlobalNetworkPolicy', { ...namespace, name }),
    spec: {
      ...(order !== undefined && { order }),
      ...(selector !== undefined && { selector }),
      ...(spaces !== undefined && { namespaceSelector: spaces }),
      ...(types && { types }),
      ...(egress && { egress }),
    },
  };
}

function randomRule(global: boolean, random: Random): Raw {
  const action = random.pick(['Allow', 'Allow', 'Allow', 'Deny', 'Deny', 'Pass', 'Log']);
  const protocol = random.chance(0.6)
    ? random.pick(['TCP', 'TCP', 'UDP', 'SCTP', 6, 17, 'ICMP', 'UDPLite'])
    : undefined;
  const notProtocol = protocol === undefined && random.chance(0.2) ? random.pick(['TCP', 'UDP', 17]) : undefined;
  const ported = typeof protocol === 'number' || ['TCP', 'UDP', 'SCTP'].includes(protocol ?? '');
  const destination = {
    ...(random.chance(0.9) && randomPeers(global, random)),
    ...(ported && random.chance(0.6) && { ports: random.times(1, 3, () => randomPort(random)) }),
    ...(ported && random.chance(0.3) && { notPorts: random.times(1, 2, () => randomPort(random)) }),
  };
  return {
    action,
    ...(protocol !== undefined && { protocol }),
    ...(notProtocol !== undefined && { notProtocol }),
    ...(Object.keys(destination).length > 0 && { destination }),
  };
}

function randomPeers(global: boolean, random: Random): Raw {
  if (random.chance(0.35)) {
    // Calico refuses a rule with networks of both families.
    const family = random.chance(0.8) ? NETS : NETS6;
    const notNets = random.chance(0.3) ? { notNets: random.some(family, 1, 2) } : {};
    return { nets: random.some(family, 1, 3), ...notNets };
  }
  const fields: Record<string, unknown> = {};
  if (random.chance(0.6)) fields['selector'] = randomSelector(random, wordsOf.pods);
  if (random.chance(0.3)) fields['notSelector'] = randomSelector(random, wordsOf.pods);
  if (random.chance(0.4)) fields['namespaceSelector'] = randomNamespaces(global, random);
  if (random.chance(0.15)) fields['serviceAccounts'] = { names: random.some(['default', 'runner', 'reader'], 1, 2) };
  return fields;
}

/**
 * Calico's negated namespace selectors match global network sets as well, which have no namespace
 * (updateprocessors/rules.go getEndpointSelector); the analyzer's do not, so the two are not put together.
 */
function randomNamespaces(global: boolean, random: Random): string {
  if (random.chance(0.1)) return 'global()';
  return randomSelector(random, { ...wordsOf.namespaces, negations: !global });
}

function randomPort(random: Random): number | string {
  const kind = random.below(10);
  if (kind < 4) return random.pick(PORT_NAMES);
  const port = random.pick([...PORTS, 1]);
  if (kind < 8) return port;
  return `${port}:${random.pick([port, port + 1, port + 400, 65535])}`;
}
