/** CiliumNetworkPolicies, clusterwide ones and CIDR groups, biased to what is easily misread. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import { dnsElement, nameEntry, toPorts } from './cilium-ports.ts';
import { CIDRS, ODD_CIDRS } from './destinations.ts';
import type { Random } from './random.ts';
import { ciliumSelector, subjectSelector } from './selectors.ts';

type Json = Record<string, unknown>;

const ENTITIES = [
  'all',
  'world',
  'world',
  'world-ipv4',
  'world-ipv6',
  'cluster',
  'cluster',
  'host',
  'remote-node',
  'kube-apiserver',
  'init',
  'ingress',
  'health',
  'unmanaged',
  'none',
  'cluster-mesh',
  'internet',
  'World',
];

export function ciliumPolicy(random: Random, name: string): RawObject {
  const wide = random.chance(0.25);
  const namespace = random.weighted([
    [7, 'shop'],
    [2, 'pay'],
    [1, 'default'],
  ]);
  const specs = random.weighted<Json>([
    [12, { spec: rule(random, wide) }],
    [2, { specs: [rule(random, wide), rule(random, wide)] }],
    [1, { spec: rule(random, wide), specs: [rule(random, wide)] }],
    [0.1, {}],
    [0.1, { specs: [] }],
  ]);
  return {
    apiVersion: 'cilium.io/v2',
    kind: wide ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: { ...(!wide && { namespace }), name },
    ...specs,
  };
}

function rule(random: Random, wide: boolean): Json {
  return {
    ...subject(random, wide),
    ...direction(random),
    ...(random.chance(0.12) && { enableDefaultDeny: defaultDeny(random) }),
    ...(random.chance(0.05) && { description: 'made up', labels: [{ key: 'owner', value: 'shop' }] }),
  };
}

function subject(random: Random, wide: boolean): Json {
  if (random.chance(wide ? 0.06 : 0.01)) return { nodeSelector: { matchLabels: { zone: 'a' } } };
  if (random.chance(0.005)) return {};
  if (random.chance(0.005)) return { endpointSelector: {}, nodeSelector: {} };
  return { endpointSelector: subjectSelector(random) };
}

function defaultDeny(random: Random): Json {
  return random.pick([
    { egress: false },
    { egress: false },
    { egress: true },
    { ingress: false },
    {},
    { egress: false, ingress: true },
  ]);
}

function direction(random: Random): Json {
  const allows = (): Json => ({ egress: many(random, () => element(random, false)) });
  const denies = (): Json => ({ egressDeny: many(random, () => element(random, true)) });
  return random.weighted<() => Json>([
    [10, allows],
    [3, denies],
    [7, () => ({ ...allows(), ...denies() })],
    [0.3, () => ({ egress: [] })],
    [0.7, () => ({ egress: [], ingress: [{}] })],
    [0.7, () => ({ ingress: [{ fromEndpoints: [{}] }] })],
    [0.7, () => ({ egress: [{}] })],
    [0.4, () => ({ egressDeny: [{}] })],
    [0.4, () => ({ egressDeny: [], ...allows() })],
    [0.1, () => ({})],
  ])();
}

function many<T>(random: Random, make: () => T): T[] {
  const count = random.weighted([
    [5, 1],
    [3, 2],
    [1, 3],
  ]);
  return Array.from({ length: count }, make);
}

/** One element of egress or egressDeny: peers, then ports. */
function element(random: Random, deny: boolean): Json {
  if (!deny && random.chance(0.22)) return dnsElement(random);
  const peers = random.chance(0.01) ? { ...peer(random, deny), ...peer(random, deny) } : peer(random, deny);
  if (random.chance(0.05))
    return { ...peers, icmps: icmps(random), ...(random.chance(0.1) && { toPorts: toPorts(random, deny) }) };
  const authentication = !deny &&
    random.chance(0.02) && { authentication: { mode: random.pick(['required', 'disabled']) } };
  return { ...peers, ...(random.chance(0.7) && { toPorts: toPorts(random, deny) }), ...authentication };
}

function peer(random: Random, deny: boolean): Json {
  return random.weighted<() => Json>([
    [2, () => ({})],
    [7, () => ({ toEndpoints: list(random, () => ciliumSelector(random)) })],
    [6, () => ({ toEntities: list(random, () => entity(random)) })],
    [5, () => ({ toCIDR: list(random, () => cidr(random)) })],
    [6, () => ({ toCIDRSet: list(random, () => cidrSet(random)) })],
    [deny ? 0.3 : 9, () => ({ toFQDNs: list(random, () => nameEntry(random)) })],
    [1.5, () => ({ toServices: list(random, () => serviceRef(random)) })],
    [0.4, () => ({ toNodes: list(random, () => nodeSelector(random)) })],
    [0.1, () => ({ toRequires: [{ matchLabels: { app: 'db' } }], toEndpoints: [{}] })],
  ])();
}

function list<T>(random: Random, make: () => T): T[] {
  if (random.chance(0.03)) return [];
  return Array.from(
    {
      length: random.weighted([
        [6, 1],
        [2, 2],
        [1, 3],
      ]),
    },
    make,
  );
}

function entity(random: Random): string {
  // The last ones are refused.
  return random.chance(0.99) ? random.pick(ENTITIES.slice(0, -3)) : random.pick(ENTITIES);
}

function cidr(random: Random): string {
  return random.chance(0.99) ? random.pick(CIDRS) : random.pick(ODD_CIDRS);
}

function cidrSet(random: Random): Json {
  const except = random.chance(0.5) && { except: list(random, () => cidr(random)) };
  // The exceptions of a group are never checked: a malformed one ends the agent.
  const groupExcept = random.chance(0.35) && { except: random.some(CIDRS, 0, 3) };
  const ref = random.pick(['partners', 'partners', 'offices', 'missing']);
  return random.weighted<() => Json>([
    [2, () => ({ cidr: cidr(random), ...except })],
    [6, () => nested(random)],
    [3, () => ({ cidrGroupRef: ref, ...groupExcept })],
    [2, () => ({ cidrGroupSelector: groupSelector(random), ...groupExcept })],
    [0.1, () => ({ cidr: cidr(random), cidrGroupRef: 'partners' })],
    [0.05, () => ({})],
  ])();
}

const NESTED: readonly (readonly [string, readonly string[]])[] = [
  ['0.0.0.0/0', ['10.0.0.0/8', '203.0.113.0/24', '128.0.0.0/1', '0.0.0.0/0', '192.0.2.128/25']],
  ['10.0.0.0/8', ['10.9.0.0/16', '10.9.9.0/24', '10.0.0.0/8', '10.1.0.0/16']],
  ['203.0.113.0/24', ['203.0.113.0/28', '203.0.113.10/32', '203.0.113.8/29', '203.0.113.7/24']],
  ['::/0', ['2001:db8::/32', '2001:db8:1::/48', '::/0']],
  ['2001:db8::/32', ['2001:db8:1::/48', '2001:db8::10/128']],
];

/** A prefix with exceptions inside it, which overlap. */
function nested(random: Random): Json {
  const [outer, inner] = random.pick(NESTED);
  return { cidr: outer, except: random.some(inner, 1, 3) };
}

function groupSelector(random: Random): Json {
  const key = random.pick(['kind', 'kind', 'kind', 'k8s:kind', 'cidrgroup:kind', 'any:kind']);
  return random.weighted<Json>([
    [3, { matchLabels: { [key]: random.pick(['partner', 'office']) } }],
    [1, { matchExpressions: [{ key, operator: 'In', values: ['partner', 'office'] }] }],
    [1, { matchExpressions: [{ key, operator: random.pick(['Exists', 'DoesNotExist']) }] }],
    [1, { matchExpressions: [{ key, operator: 'NotIn', values: ['office'] }] }],
    [0.5, {}],
  ]);
}

function serviceRef(random: Random): Json {
  const namespace = random.weighted<Json>([
    [3, { namespace: 'pay' }],
    [1, { namespace: 'shop' }],
    [2, {}],
  ]);
  return random.weighted<() => Json>([
    [6, () => ({ k8sService: { serviceName: random.pick(['db', 'db', 'outside', 'missing']), ...namespace } })],
    [3, () => ({ k8sServiceSelector: { selector: serviceSelector(random), ...namespace } })],
    [0.3, () => ({})],
  ])();
}

function serviceSelector(random: Random): Json {
  const key = random.pick(['', 'k8s:', 'any:']) + random.pick(['vendor.example/service', 'app']);
  return random.weighted<Json>([
    [4, { matchLabels: { [key]: random.pick(['db', 'outside']) } }],
    [1, { matchExpressions: [{ key, operator: random.pick(['Exists', 'DoesNotExist']) }] }],
    [1, { matchExpressions: [{ key, operator: 'NotIn', values: ['db'] }] }],
    [0.5, {}],
  ]);
}

function nodeSelector(random: Random): Json {
  const key = random.pick(['', 'node:', 'any:', 'k8s:']) + random.pick(['zone', 'kubernetes.io/hostname']);
  return random.weighted<Json>([
    [4, { matchLabels: { [key]: random.pick(['a', 'b', 'node-a', 'node-b']) } }],
    [
      1,
      {
        matchExpressions: [
          { key: 'node-role.kubernetes.io/control-plane', operator: random.pick(['Exists', 'DoesNotExist']) },
        ],
      },
    ],
    [1, {}],
  ]);
}

function icmps(random: Random): unknown[] {
  const field = (): Json => ({
    ...(random.chance(0.7) && { family: random.pick(['IPv4', 'IPv6']) }),
    type: random.pick([8, 128, 'EchoRequest', 0]),
  });
  return random.chance(0.1) ? [] : [{ fields: random.chance(0.1) ? [] : [field()] }];
}

/** The groups that policies may refer to, or fewer. */
export function cidrGroups(random: Random): RawObject[] {
  return random.some(['partners', 'offices', 'others'], 0, 3).map((name) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name, labels: groupLabels(random) },
    spec: { externalCIDRs: random.some(CIDRS, 0, 3) },
  }));
}

function groupLabels(random: Random): Json {
  return {
    ...(random.chance(0.8) && { kind: random.pick(['partner', 'office']) }),
    ...(random.chance(0.3) && { team: 'pay' }),
  };
}
