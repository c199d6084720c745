/** Random policy sets: several policies of all kinds that govern one pod together. Made by seed and number, used by the packet test. */
import { allowElement, denyElement, dnsElement, type Element } from './elements.ts';
import { type Lane, namesOf, OWNER, SHOP } from './lanes.ts';
import { type Random, randomOf } from './random.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [part: string]: unknown;
}

export interface PolicySet {
  readonly index: number;
  readonly manifests: readonly Manifest[];
  /** Names of those among them that are invalid on purpose: stored, but enforced by nobody. */
  readonly invalid: readonly string[];
}

/** Every fifth set holds no rule that is there for DNS. */
export function policySet(seed: number, index: number, lane: Lane): PolicySet {
  const random = randomOf(seed, index);
  const withDns = index % 5 !== 4;
  const count = random.weighted([
    [3, 1],
    [4, 2],
    [2, 3],
    [1, 4],
  ]);
  const manifests = Array.from({ length: count }, (_, at) =>
    policy(random, lane, {
      name: `set-${index}-${at}`,
      dns: withDns && random.chance(at === 0 ? 1 : 0.2),
      last: at > 0,
    }),
  );
  const invalid = random.chance(0.1) ? [invalidPolicy(random, lane, `set-${index}-invalid`)] : [];
  return { index, manifests: [...manifests, ...invalid], invalid: invalid.map(({ metadata }) => metadata.name) };
}

interface Wish {
  readonly name: string;
  /** Whether it is to hold a DNS rule. */
  readonly dns: boolean;
  /** A policy beside others may also be one that restricts nothing, or that selects other pods. */
  readonly last: boolean;
}

function policy(random: Random, lane: Lane, wish: Wish): Manifest {
  if (!wish.dns && random.chance(0.4)) return networkPolicy(random, lane, wish.name);
  return ciliumPolicy(random, lane, wish);
}

function ciliumPolicy(random: Random, lane: Lane, wish: Wish): Manifest {
  const clusterwide = random.chance(0.3);
  const rules = random.chance(0.12)
    ? {
        specs: [
          ciliumRule(random, lane, { ...wish, clusterwide }),
          ciliumRule(random, lane, { ...wish, dns: false, clusterwide }),
        ],
      }
    : { spec: ciliumRule(random, lane, { ...wish, clusterwide }) };
  if (!clusterwide) return { ...head('cilium.io/v2', 'CiliumNetworkPolicy', wish.name, lane.namespace), ...rules };
  return { ...head('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', `packets-${lane.letter}-${wish.name}`), ...rules };
}

function ciliumRule(random: Random, lane: Lane, wish: Wish & { readonly clusterwide: boolean }): object {
  const endpointSelector = ciliumSelector(random, lane, wish);
  if (wish.last && !wish.dns && random.chance(0.05)) return { endpointSelector, ingress: [{ fromEndpoints: [{}] }] };
  const denying = random.chance(0.22);
  const only = denying && !wish.dns && random.chance(0.3);
  const allows = only ? [] : elements(random, 1, 3, () => allowElement(random, lane));
  const egress = [...(wish.dns ? [dnsElement(random, lane)] : []), ...allows];
  const egressDeny = denying ? elements(random, 1, 2, () => denyElement(random, lane)) : [];
  return {
    endpointSelector,
    ...(random.chance(0.14) && { enableDefaultDeny: { egress: random.chance(0.3) } }),
    ...(egress.length > 0 && { egress }),
    ...(egressDeny.length > 0 && { egressDeny }),
  };
}

export const elements = <T>(random: Random, min: number, max: number, make: () => T): T[] =>
  Array.from({ length: min + random.int(max - min + 1) }, make);

/** All of them stay within the lane's namespace: no other pod of the cluster is touched. */
function ciliumSelector(random: Random, { namespace }: Lane, wish: Wish & { readonly clusterwide: boolean }): Element {
  const scope = wish.clusterwide ? { 'k8s:io.kubernetes.pod.namespace': namespace } : {};
  if (wish.last && random.chance(0.08)) return { matchLabels: { ...scope, app: 'nobody' } };
  return random.weighted<Element>([
    [3, { matchLabels: { ...scope, app: 'caller' } }],
    // Only the caller: a policy with an ingress part must not close the peer's door.
    [1, { matchLabels: scope, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }],
    [0.5, { matchLabels: { ...scope, 'any:app': 'caller' } }],
    [1, { matchLabels: scope, matchExpressions: [{ key: 'k8s:app', operator: 'In', values: ['caller', 'nobody'] }] }],
  ]);
}

/** Stored by the API server and refused by the agent, which then enforces nothing of it. */
function invalidPolicy(random: Random, lane: Lane, name: string): Manifest {
  const [matchName] = namesOf(lane);
  const dns = [{ matchPattern: '*' }];
  const egress = random.pick<readonly Element[]>([
    [{ toFQDNs: [{ matchName }], toCIDR: ['0.0.0.0/0'] }],
    [{ toEndpoints: [{}], toEntities: ['world'] }],
    [{ toEntities: ['all'] }, { toPorts: [{ ports: [{ port: '50', endPort: 60, protocol: 'UDP' }], rules: { dns } }] }],
    [{ toEntities: ['all'] }, { toCIDRSet: [{ cidr: '203.0.113.0/24', except: ['198.18.0.0/15'] }] }],
    // Only with enable-node-selector-labels.
    [{ toNodes: [{}] }, { toEntities: ['all'] }],
    [],
  ]);
  const spec = { endpointSelector: { matchLabels: { app: 'caller' } }, egress };
  return { ...head('cilium.io/v2', 'CiliumNetworkPolicy', name, lane.namespace), spec };
}

/** Kubernetes' own kind, which every engine enforces. */
export function networkPolicy(random: Random, lane: Lane, name: string): Manifest {
  const egress = elements(random, 0, 3, () => networkRule(random, lane));
  const policyTypes = random.weighted<readonly string[] | undefined>([
    [5, ['Egress']],
    [1, ['Ingress', 'Egress']],
    [1, undefined],
    // Cilium enforces the egress rules all the same.
    [1, ['Ingress']],
  ]);
  const spec = {
    podSelector: random.chance(0.5)
      ? { matchLabels: { app: 'caller' } }
      : { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    ...(policyTypes && { policyTypes }),
    ...((egress.length > 0 || random.chance(0.5)) && { egress }),
  };
  return { ...head('networking.k8s.io/v1', 'NetworkPolicy', name, lane.namespace), spec };
}

function networkRule(random: Random, lane: Lane): object {
  if (random.chance(0.04)) return {};
  // Lifts the filter of names that another policy's DNS rule sets.
  if (random.chance(0.15)) return { ports: [{ port: 53, protocol: 'UDP' }] };
  const to = random.chance(0.8) ? random.some(networkPeers(lane), 1, 2) : undefined;
  const ports = random.chance(0.6) || to === undefined ? random.some(NETWORK_PORTS, 1, 2) : undefined;
  return { ...(to && { to }), ...(ports && { ports }) };
}

function networkPeers({ addresses }: Lane): readonly object[] {
  const name = (value: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': value } });
  return [
    { ipBlock: { cidr: '0.0.0.0/0' } },
    { ipBlock: { cidr: '203.0.113.0/24', except: [`${addresses.api}/32`] } },
    { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.32/27', `${addresses.store}/32`] } },
    { ipBlock: { cidr: `${addresses.other}/32` } },
    { ipBlock: { cidr: '10.0.0.0/8' } },
    { podSelector: {} },
    { podSelector: { matchLabels: { app: 'peer' } } },
    { namespaceSelector: {} },
    { namespaceSelector: name(SHOP) },
    { namespaceSelector: name('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } },
    { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
    { namespaceSelector: { matchLabels: { team: 'shop' } }, podSelector: { matchLabels: { app: 'peer' } } },
  ];
}

const NETWORK_PORTS: readonly object[] = [
  { port: 443, protocol: 'TCP' },
  { port: 443 },
  { port: 53, protocol: 'UDP' },
  { port: 53 },
  { port: 400, endPort: 9000, protocol: 'TCP' },
  { port: 'web' },
  { port: 8080, protocol: 'TCP' },
  { port: 80, protocol: 'TCP' },
  { protocol: 'UDP' },
  { protocol: 'TCP' },
];

export function head(apiVersion: string, kind: string, name: string, namespace?: string): Manifest {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }), labels: OWNER } };
}
