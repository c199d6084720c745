/** Elements of Cilium policies, made at random for one lane: peers, ports and DNS rules, biased towards what is easily got wrong. */
import { plan } from '../../lab/plan.ts';
import { type Lane, namesOf, OWNER, SHOP } from './lanes.ts';
import type { Random } from './random.ts';

/** One element of `egress` or `egressDeny`, as written in YAML. */
export type Element = Readonly<Record<string, unknown>>;

const NAMESPACE = 'k8s:io.kubernetes.pod.namespace';
const kubeDns = { [NAMESPACE]: 'kube-system', 'k8s:k8s-app': 'kube-dns' };

type Maker = (random: Random, lane: Lane) => Element;

/** A peer and ports that may fit any of the lane's targets. */
export function allowElement(random: Random, lane: Lane): Element {
  const peer = random.weighted<Maker>([
    [6, fqdns],
    [2, cidrs],
    [2, cidrSets],
    [2, entities],
    [3, endpoints],
    [1, services],
    [0.7, () => ({})],
    [0.3, () => ({ toEndpoints: [] })],
  ])(random, lane);
  // Of all packets only pings.
  if (random.chance(0.04)) return { ...peer, icmps: [{ fields: [{ type: 8, family: 'IPv4' }] }] };
  return { ...peer, ...ports(random, Object.keys(peer).length === 0 ? 0.1 : 0.35) };
}

/** Without names, which `egressDeny` does not know. */
export function denyElement(random: Random, lane: Lane): Element {
  const peer = random.weighted<Maker>([
    [3, cidrs],
    [3, cidrSets],
    [2, entities],
    [2, endpoints],
    [0.5, services],
    [0.5, () => ({})],
  ])(random, lane);
  return { ...peer, ...ports(random, 0.3) };
}

function fqdns(random: Random, lane: Lane): Element {
  return { toFQDNs: random.some([1, 2, 3], 1, 2).map(() => selector(random, lane)) };
}

function selector(random: Random, lane: Lane): Element {
  if (random.chance(0.6)) return { matchName: spelled(random, random.pick(namesOf(lane))) };
  return { matchPattern: random.pick(patterns(lane)) };
}

/** As people write names: mostly plainly, now and then with capitals or a final dot. */
function spelled(random: Random, name: string): string {
  if (random.chance(0.1)) return `${name}.`;
  return random.chance(0.1) ? name.replace(/^./, (first) => first.toUpperCase()) : name;
}

function patterns({ letter, names }: Lane): readonly string[] {
  const { api } = names;
  return [
    '*',
    '*.vendor.example',
    '**.vendor.example',
    '**.example',
    '*.example',
    '*.*.example',
    `*-${letter}.vendor.example`,
    'api*.vendor.example',
    'files-*.*.example',
    `*.${api}`,
    `**.${api}`,
    `*${api}`,
    'blob-*.store.example',
    `other-${letter}*`,
    '*.VENDOR.example.',
    '*',
  ];
}

function cidrs(random: Random, lane: Lane): Element {
  return { toCIDR: random.some(ranges(lane), 1, 2) };
}

function ranges({ addresses }: Lane): readonly string[] {
  return [
    `${addresses.api}/32`,
    `${addresses.store}/32`,
    '203.0.113.0/24',
    '203.0.113.32/27',
    '203.0.113.96/27',
    '0.0.0.0/0',
    `${plan.publicDns}/32`,
    // Pods, nodes and Services are no outside addresses: these never match them.
    plan.podCidr,
    '10.0.0.0/8',
    plan.serviceCidr,
    `${plan.apiAddress}/32`,
    '198.18.0.0/15',
  ];
}

function cidrSets(random: Random, lane: Lane): Element {
  const { addresses, letter } = lane;
  return {
    toCIDRSet: [
      random.weighted<Element>([
        [2, { cidr: '203.0.113.0/24', except: random.some(Object.values(addresses), 1, 2).map((one) => `${one}/32`) }],
        [1, { cidr: '0.0.0.0/0', except: [random.pick(['203.0.113.0/24', '203.0.113.128/25', '203.0.113.0/25'])] }],
        [1, { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '198.18.0.0/15'] }],
        [1, { cidr: `${addresses.store}/31` }],
        [1, { cidrGroupRef: `packets-${letter}` }],
        [0.5, { cidrGroupSelector: { matchLabels: OWNER } }],
        [1, { cidrGroupRef: `packets-${letter}`, except: [`${addresses.store}/32`] }],
      ]),
      ...(random.chance(0.2) ? [{ cidr: `${addresses.other}/32` }] : []),
    ],
  };
}

const ENTITIES = ['world', 'cluster', 'host', 'remote-node', 'kube-apiserver', 'all', 'unmanaged', 'none', 'init'];

function entities(random: Random): Element {
  return { toEntities: random.some(ENTITIES, 1, 2) };
}

function endpoints(random: Random, { namespace }: Lane): Element {
  return {
    toEndpoints: [
      random.pick<Element>([
        {},
        { matchLabels: { app: 'peer' } },
        { matchLabels: { app: 'store' } },
        { matchLabels: { app: 'store', [NAMESPACE]: SHOP } },
        { matchLabels: { [NAMESPACE]: SHOP } },
        { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'shop' } },
        { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'packets', app: 'peer' } },
        { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'middle'] }] },
        { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] },
        { matchExpressions: [{ key: NAMESPACE, operator: 'In', values: [SHOP, namespace, 'kube-system'] }] },
        { matchExpressions: [{ key: NAMESPACE, operator: 'Exists' }] },
        { matchLabels: { 'reserved:host': '' } },
        { matchLabels: { 'any:app': 'peer' } },
        { matchLabels: { 'k8s:io.cilium.k8s.policy.serviceaccount': 'default' } },
        { matchLabels: { 'k8s:io.cilium.k8s.policy.cluster': 'another', [NAMESPACE]: SHOP } },
      ]),
    ],
  };
}

function services(random: Random): Element {
  const service = random.pick<Element>([
    { k8sService: { serviceName: 'store', namespace: SHOP } },
    { k8sService: { serviceName: 'kubernetes', namespace: 'default' } },
    { k8sService: { serviceName: 'no-such-service', namespace: SHOP } },
    { k8sServiceSelector: { selector: { matchLabels: { sells: 'goods' } }, namespace: SHOP } },
    { k8sServiceSelector: { selector: { matchLabels: { sells: 'goods' } } } },
  ]);
  return { toServices: [service] };
}

/** No ports at all with the given probability. */
function ports(random: Random, none: number): Element {
  if (random.chance(none)) return {};
  // A list that lists nothing matches nothing.
  if (random.chance(0.02)) return { toPorts: [{}] };
  const list = () => (random.chance(0.5) ? [tcp('443')] : random.some(PORTS, 1, 3));
  return { toPorts: [{ ports: list() }, ...(random.chance(0.1) ? [{ ports: list() }] : [])] };
}

const tcp = (port: string): Element => ({ port, protocol: 'TCP' });

const PORTS: readonly Element[] = [
  tcp('443'),
  tcp('8443'),
  { port: '443' },
  { port: '443', protocol: 'ANY' },
  { port: '443', protocol: 'UDP' },
  { port: '53', protocol: 'UDP' },
  { port: '53' },
  // A Service's own port is not what the policy sees.
  tcp('80'),
  tcp('8080'),
  tcp(String(plan.apiPort)),
  tcp('10250'),
  { port: '400', endPort: 9000, protocol: 'TCP' },
  { port: '1', endPort: 1024 },
  { port: '8000', endPort: 65_535, protocol: 'TCP' },
  { port: '0', protocol: 'TCP' },
  { port: 'web', protocol: 'TCP' },
  { port: 'WEB' },
  { port: 'no-such-port', protocol: 'TCP' },
];

/** Something that is meant to let the pod look names up, with or without the proxy. */
export function dnsElement(random: Random, lane: Lane): Element {
  const peer = random.weighted<Element>([
    [6, { toEndpoints: [{ matchLabels: kubeDns }] }],
    [1, { toEndpoints: [{ matchLabels: { [NAMESPACE]: 'kube-system' } }] }],
    [1, { toEntities: ['cluster'] }],
    [1, {}],
    // Means the policy's own namespace in a namespaced policy.
    [0.7, { toEndpoints: [{ matchLabels: { 'k8s-app': 'kube-dns' } }] }],
    // Pods are no outside addresses.
    [0.3, { toCIDR: ['0.0.0.0/0'] }],
  ]);
  if (random.chance(0.08)) return peer;
  return { ...peer, toPorts: [dnsPorts(random, lane)] };
}

function dnsPorts(random: Random, lane: Lane): Element {
  const list = random.weighted<readonly Element[]>([
    [4, [{ port: '53', protocol: 'ANY' }]],
    [2, [{ port: '53', protocol: 'UDP' }]],
    [1, [{ port: '53', protocol: 'UDP' }, tcp('53')]],
    [1, [{ port: '53' }]],
    [0.5, [tcp('53')]],
  ]);
  if (random.chance(0.22)) return { ports: random.chance(0.3) ? [{ port: '1', endPort: 1024 }] : list };
  return { ports: list, rules: { dns: admitted(random, lane) } };
}

function admitted(random: Random, lane: Lane): readonly Element[] {
  if (random.chance(0.4)) return [{ matchPattern: '*' }];
  const inside = random.chance(0.5) ? [{ matchPattern: '*.*.svc.cluster.local' }] : [];
  return [...random.some([1, 2, 3], 1, 3).map(() => selector(random, lane)), ...inside];
}
