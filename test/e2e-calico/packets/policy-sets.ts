/** Random sets of Calico's and Kubernetes' policies that govern one pod together, made by seed and number; used by the packet test. */

import { type Lane, lanes, SHOP } from '../../e2e/packets/lanes.ts';
import { elements, head, type Manifest, networkPolicy, type PolicySet } from '../../e2e/packets/policy-sets.ts';
import { type Random, randomOf } from '../../e2e/packets/random.ts';
import { plan } from '../../lab/plan.ts';
import { adminPolicy, baselinePolicy } from './admin-policies.ts';
import { STORED, tiersOf } from './stage.ts';

type Fields = Readonly<Record<string, unknown>>;
type Maker = (random: Random, lane: Lane) => Fields;

export interface MarkedSet extends PolicySet {
  /** An address that the last rule of a policy allows: once it is in the node's rules, so is the policy. By the policy's name. */
  readonly marks: ReadonlyMap<string, string>;
}

/** Every fifth set holds no rule that is there for DNS. */
export function calicoSet(seed: number, index: number, lane: Lane): MarkedSet {
  const random = randomOf(seed, index);
  const withDns = index % 5 !== 4;
  const count = random.weighted([
    [3, 1],
    [4, 2],
    [3, 3],
    [2, 4],
  ]);
  const made = Array.from({ length: count }, (_, at) => {
    const mark = `198.19.${(index * 8 + at) >> 8}.${(index * 8 + at) & 255}`;
    const dns = withDns && random.chance(at === 0 ? 1 : 0.2);
    const wish = { name: `set-${index}-${at}`, dns, mark, last: at > 0, priority: 10 * at + 1 };
    return { manifest: anyPolicy(random, lane, wish), mark };
  });
  const invalid = random.chance(0.12) ? [invalidPolicy(random, lane, `default.set-${index}-invalid`)] : [];
  const marked = made.filter(({ manifest, mark }) => JSON.stringify(manifest).includes(mark));
  return {
    index,
    // The invalid one first: when a later one of its kind is in force, it has been looked at.
    manifests: [...invalid, ...made.map(({ manifest }) => manifest)],
    invalid: invalid.map(({ metadata }) => metadata.name),
    marks: new Map(marked.map(({ manifest, mark }) => [manifest.metadata.name, mark])),
  };
}

function anyPolicy(random: Random, lane: Lane, wish: Wish & { readonly priority: number }): Manifest {
  // The first lane alone, and at one place of a set alone, since a cluster has one.
  if (wish.priority === 11 && lane === lanes[0] && random.chance(0.3)) return baselinePolicy(random, lane, wish.mark);
  if (wish.last && random.chance(0.2)) return adminPolicy(random, lane, wish);
  if (random.chance(0.25)) return withMark(networkPolicy(random, lane, wish.name), wish.mark);
  return calicoPolicy(random, lane, wish);
}

/** Where egress is governed and rules are there; otherwise a rule more would change what the policy is about. */
function withMark(policy: Manifest, mark: string): Manifest {
  const spec = policy['spec'] as { policyTypes?: readonly string[]; egress?: readonly object[] };
  if (spec.policyTypes?.includes('Egress') === false || spec.egress === undefined) return policy;
  const rule = { to: [{ ipBlock: { cidr: `${mark}/32` } }] };
  return { ...policy, spec: { ...spec, egress: [...spec.egress, rule] } };
}

/** As `pick`, but what is picked may be undefined: a field that is left out. */
function oneOf<T>(random: Random, list: readonly T[]): T {
  return random.pick(list.map((value) => ({ value }))).value;
}

interface Wish {
  readonly name: string;
  readonly dns: boolean;
  readonly mark: string;
  /** A policy beside others may also be one that has no say in egress, or that selects other pods. */
  readonly last: boolean;
}

function calicoPolicy(random: Random, lane: Lane, wish: Wish): Manifest {
  const global = random.chance(0.4);
  const tier = random.chance(0.5) ? 'default' : random.pick(tiersOf(lane)).name;
  const order = oneOf(random, [undefined, undefined, 10, 50, 50.5, 1000, 2000]);
  const name = `${tier}.${global ? `packets-${lane.letter}-` : ''}${wish.name}`;
  const rules = elements(random, wish.dns ? 0 : 1, 4, () => rule(random, lane));
  const silent = wish.last && random.chance(0.06);
  const types = silent ? ['Ingress'] : oneOf(random, [['Egress'], ['Egress'], ['Ingress', 'Egress'], undefined]);
  const last = { action: 'Allow', destination: { nets: [`${wish.mark}/32`] } };
  const spec = {
    tier,
    ...(order !== undefined && { order }),
    ...subject(random, lane, { ...wish, global }),
    ...(types && { types }),
    egress: [...(wish.dns ? [dnsRule(random)] : []), ...rules, last],
  };
  const kind = global ? 'GlobalNetworkPolicy' : 'NetworkPolicy';
  return { ...head(STORED, kind, name, global ? undefined : lane.namespace), spec };
}

/** All of them stay within the lane's namespace, and leave the peer alone: its door must stay open. */
function subject(random: Random, { namespace }: Lane, { last, global }: Wish & { readonly global: boolean }): Fields {
  if (last && random.chance(0.08)) return { selector: "app == 'nobody'", ...scope(random, namespace, global) };
  const selector = random.pick([
    "app == 'caller'",
    "app in { 'caller', 'nobody' }",
    '!has(tier)',
    "app starts with 'call'",
    "!(app == 'peer') && has(app)",
  ]);
  if (!global || random.chance(0.5)) return { selector, ...scope(random, namespace, global) };
  return { selector: `(${selector}) && projectcalico.org/namespace == '${namespace}'` };
}

function scope(random: Random, namespace: string, global: boolean): Fields {
  if (!global) return random.chance(0.1) ? { serviceAccountSelector: "projectcalico.org/name == 'default'" } : {};
  return { namespaceSelector: `${random.pick(NAMESPACE_NAMES)} == '${namespace}'` };
}

const NAMESPACE_NAMES = ['kubernetes.io/metadata.name', 'projectcalico.org/name'];

function rule(random: Random, lane: Lane): Fields {
  const action = random.weighted([
    [6, 'Allow'],
    [3, 'Deny'],
    [2, 'Pass'],
    [0.4, 'Log'],
  ]);
  const destination = random.weighted<Maker>([
    [4, nets],
    [2, notNets],
    [4, selected],
    [1.5, spared],
    [1, services],
    [0.7, () => ({})],
  ])(random, lane);
  const source = random.chance(0.12) ? { source: random.pick(SOURCES(lane)) } : {};
  const { ports, ...protocol } = portFields(random, 'services' in destination);
  return { action, ...protocol, ...source, destination: { ...destination, ...ports } };
}

const SOURCES = ({ namespace }: Lane): readonly Fields[] => [
  { selector: "app == 'caller'" },
  { selector: "app == 'peer'" },
  { notSelector: "app == 'caller'" },
  { nets: [plan.podCidr] },
  { notNets: [plan.podCidr] },
  { namespaceSelector: `projectcalico.org/name == '${namespace}'` },
  { serviceAccounts: { names: ['default'] } },
];

function nets(random: Random, lane: Lane): Fields {
  return { nets: random.some(ranges(lane), 1, 2) };
}

function notNets(random: Random, lane: Lane): Fields {
  const avoided = random.some(ranges(lane).slice(0, -1), 1, 2);
  return random.chance(0.5) ? { notNets: avoided } : { nets: ['0.0.0.0/0'], notNets: avoided };
}

function ranges({ addresses }: Lane): readonly string[] {
  return [
    `${addresses.api}/32`,
    `${addresses.store}/31`,
    '203.0.113.0/24',
    '203.0.113.96/27',
    `${plan.publicDns}/32`,
    // Unlike Cilium, Calico looks at a packet's address, whoever is behind it; but at the one behind a Service.
    plan.podCidr,
    '10.0.0.0/8',
    plan.serviceCidr,
    `${plan.nodeAddress}/32`,
    '0.0.0.0/0',
  ];
}

const SELECTORS = [
  "app == 'peer'",
  "app == 'store'",
  'has(tier)',
  '!has(tier)',
  "tier in { 'front', 'middle' }",
  "tier not in { 'front' }",
  "role == 'vendors'",
  "role == 'resolvers'",
  "has(role) && role != 'vendors'",
  "projectcalico.org/namespace == 'packets-shop'",
  "k8s-app == 'kube-dns'",
  'all()',
  "app == 'peer' || k8s-app == 'kube-dns'",
  "app starts with 'p'",
  "app ends with 'ore'",
  "app contains 'ee'",
  "app != 'peer'",
  "pcns.team == 'shop'",
  "projectcalico.org/serviceaccount == 'default'",
];
const NAMESPACES = [
  "team == 'shop'",
  "kubernetes.io/metadata.name == 'kube-system'",
  'all()',
  'has(team)',
  `projectcalico.org/name == '${SHOP}'`,
  "team == 'packets'",
  "team != 'shop'",
];

function selected(random: Random): Fields {
  const selector = random.pick(SELECTORS);
  const namespaceSelector = random.pick([...NAMESPACES, 'global()']);
  return random.weighted<Fields>([
    [3, { selector }],
    [2, { namespaceSelector }],
    [2, { selector, namespaceSelector }],
    [0.5, { serviceAccounts: { names: ['default'] } }],
    [0.5, { selector, serviceAccounts: { selector: 'all()' } }],
  ]);
}

function spared(random: Random): Fields {
  const notSelector = random.pick(SELECTORS);
  return random.chance(0.5)
    ? { notSelector }
    : {
        notSelector,
        ...random.pick<Fields>([{ namespaceSelector: random.pick(NAMESPACES) }, { nets: ['0.0.0.0/0'] }]),
      };
}

function services(random: Random): Fields {
  return {
    services: random.pick([
      { name: 'store', namespace: SHOP },
      { name: 'kubernetes', namespace: 'default' },
      { name: 'kube-dns', namespace: 'kube-system' },
      { name: 'no-such-service', namespace: SHOP },
    ]),
  };
}

/** With the protocol that ports need. A rule with `services` must not have any. */
function portFields(random: Random, none: boolean): Fields & { readonly ports: Fields } {
  if (none || random.chance(0.3)) {
    const protocol = oneOf(random, [undefined, undefined, 'TCP', 'UDP', 6]);
    if (random.chance(0.08)) return { notProtocol: random.pick(['UDP', 'TCP']), ports: {} };
    return { ...(protocol !== undefined && { protocol }), ports: {} };
  }
  const ports = random.some(PORTS, 1, 3);
  const which = random.chance(0.15) ? { notPorts: ports } : { ports };
  return {
    protocol: random.weighted<string | number>([
      [5, 'TCP'],
      [1, 'UDP'],
      [0.5, 17],
      [0.5, 6],
    ]),
    ports: which,
  };
}

const PORTS: readonly (number | string)[] = [
  443,
  8443,
  53,
  80,
  8080,
  plan.apiPort,
  10250,
  '400:9000',
  '1:1024',
  'web',
  '443',
];

/** Something that is meant to let the pod look names up. */
function dnsRule(random: Random): Fields {
  const destination = random.weighted<Fields>([
    [5, { selector: "k8s-app == 'kube-dns'", namespaceSelector: "projectcalico.org/name == 'kube-system'" }],
    [2, { namespaceSelector: "kubernetes.io/metadata.name == 'kube-system'" }],
    [1, { services: { name: 'kube-dns', namespace: 'kube-system' } }],
    [1, { nets: [plan.podCidr] }],
    // In a namespaced policy, its own namespace.
    [0.6, { selector: "k8s-app == 'kube-dns'" }],
    // The Service's address, which is replaced before the rules are asked.
    [0.6, { nets: [`${plan.dnsService}/32`] }],
  ]);
  if ('services' in destination) return { action: 'Allow', destination };
  return { action: 'Allow', protocol: random.pick(['UDP', 17]), destination: { ...destination, ports: [53] } };
}

/** Stored by the API server (which asks no more than the kinds' schemas) and refused by Felix, which then enforces nothing of it. */
function invalidPolicy(random: Random, { namespace }: Lane, name: string): Manifest {
  const egress = random.pick<readonly Fields[]>([
    [{ action: 'Deny', destination: { ports: [443] } }],
    [{ action: 'Deny', destination: { selector: 'app = peer' } }],
    [{ action: 'Deny', destination: { ports: ['web'] } }],
    [{ action: 'Deny', protocol: 'ICMP', destination: { ports: [443] } }],
  ]);
  const spec = { tier: 'default', order: 1, selector: "app == 'caller'", types: ['Egress'], egress };
  return { ...head(STORED, 'NetworkPolicy', name, namespace), spec };
}
