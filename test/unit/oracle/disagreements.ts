/** What this project once answered otherwise than Cilium's engine: one small case each, with Cilium's answer. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import type { Answer, Query, World } from '../../oracle/case.ts';

type Json = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
  readonly config?: World['config'];
  readonly objects: readonly RawObject[];
  readonly query: Partial<Query>;
  readonly answer: Answer;
}

const pod = (namespace: string, name: string, ip: string, spec: Json = {}): RawObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels: { app: name } },
  spec: { nodeName: 'node-a', serviceAccountName: 'default', containers: [{ name: 'main', image: 'i:1' }], ...spec },
  status: { phase: 'Running', hostIP: '10.1.0.1', podIP: ip, podIPs: [{ ip }] },
});

const node = (name: string, ...addresses: readonly string[]): RawObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { zone: name } },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});

const slice = (namespace: string, name: string, addresses: readonly string[], port: number): RawObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
  endpoints: addresses.map((address) => ({ addresses: [address] })),
  ports: [{ name: 'main', port, protocol: port === 53 ? 'UDP' : 'TCP' }],
});

const service = (namespace: string, name: string, spec: Json): RawObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name, labels: { 'vendor.example/service': name } },
  spec: {
    clusterIP: '10.96.0.1',
    ports: [{ name: 'main', port: name === 'kube-dns' ? 53 : 443, protocol: name === 'kube-dns' ? 'UDP' : 'TCP' }],
    ...spec,
  },
});

const https = (name: string, containerPort: number): Json => ({ ports: [{ name, containerPort, protocol: 'TCP' }] });

export function worldOf(id: string, config: World['config'], version: string = '1.19.5'): World {
  const namespaces = ['shop', 'pay', 'kube-system'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, env: 'prod' } },
  }));
  return {
    id,
    config,
    dns: [{ pod: 'kube-system/coredns', port: 53 }],
    objects: [
      ...namespaces,
      node('node-a', '10.1.0.1', 'fd01::1'),
      node('node-b', '10.1.0.2'),
      pod('shop', 'cart', '10.244.0.1', { containers: [{ name: 'main', image: 'i:1', ...https('https', 443) }] }),
      pod('pay', 'db', '10.244.0.2', { initContainers: [{ name: 'init', image: 'i:1', ...https('https', 8443) }] }),
      pod('kube-system', 'agent', '10.1.0.1', {
        hostNetwork: true,
        containers: [{ name: 'main', image: 'i:1', ...https('https', 9443) }],
      }),
      pod('kube-system', 'coredns', '10.244.0.53'),
      service('kube-system', 'kube-dns', { selector: { app: 'coredns' } }),
      slice('kube-system', 'kube-dns', ['10.244.0.53'], 53),
      service('default', 'kubernetes', {}),
      slice('default', 'kubernetes', ['10.1.0.1'], 6443),
      service('pay', 'outside', {}),
      slice('pay', 'outside', ['203.0.113.11'], 443),
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { namespace: 'kube-system', name: 'cilium' },
        spec: {
          template: {
            metadata: { labels: { 'k8s-app': 'cilium' } },
            spec: { containers: [{ image: `cilium/cilium:v${version}` }] },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'kube-system', name: 'cilium-config' },
        data: config,
      },
    ],
  };
}

export const cnp = (spec: Json, name = 'p'): RawObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { namespace: 'shop', name },
  spec: { endpointSelector: {}, ...spec },
});
export const egress = (...elements: readonly Json[]): RawObject => cnp({ egress: elements });
export const denying = (...elements: readonly Json[]): RawObject =>
  cnp({ egress: [{ toEntities: ['all'] }], egressDeny: elements });
export const on = (port: string, protocol = 'ANY', more: Json = {}): Json => ({
  toPorts: [{ ports: [{ port, protocol }], ...more }],
});
export const networkPolicy = (to: readonly Json[]): RawObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop', name: 'n' },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to }] },
});
export const group = (name: string, labels: Json, ...externalCIDRs: readonly string[]): RawObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumCIDRGroup',
  metadata: { name, labels },
  spec: { externalCIDRs },
});
const outside: Partial<Query> = { addresses: ['203.0.113.10'] };
const inPay: Partial<Query> = { addresses: ['10.244.0.2'] };
const ownNode: Partial<Query> = { addresses: ['10.1.0.1'] };
const allowed: Answer = { connect: 'allowed' };
const dropped: Answer = { connect: 'default' };
const byRule: Answer = { connect: 'explicit' };
/** A policy that the agent refuses enforces nothing. */
const refused = (name: string, ...elements: readonly Json[]): Named => ({
  name: `refused: ${name}`,
  objects: [egress(...elements)],
  query: outside,
  answer: allowed,
});
const taken = (name: string, ...elements: readonly Json[]): Named => ({
  name: `taken: ${name}`,
  objects: [egress(...elements)],
  query: outside,
  answer: dropped,
});
const dns = (...entries: readonly Json[]): Json => ({
  toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: entries } }],
});
const asked = { host: 'www.vendor.example', ...outside };
const NODES = { 'policy-cidr-match-mode': 'nodes' };
const WITH_NODE_LABELS = { 'enable-node-selector-labels': 'true' };

export const DISAGREEMENTS: readonly Named[] = [
  refused('protocol ICMP in toPorts', on('443', 'ICMP')),
  refused('ports of VRRP', on('443', 'VRRP')),
  refused('an operator In without values', {
    toEndpoints: [{ matchExpressions: [{ key: 'app', operator: 'In', values: [] }] }],
  }),
  refused('a label value that is none', { toEndpoints: [{ matchLabels: { app: 'a b' } }] }),
  refused('a label key that is too long once its source stands before it', {
    toEndpoints: [{ matchLabels: { ['a'.repeat(60)]: 'x' } }],
  }),
  refused('a source in the keys of a cidrGroupSelector', {
    toCIDRSet: [{ cidrGroupSelector: { matchLabels: { 'k8s:kind': 'x' } } }],
  }),
  refused(
    'an empty list of HTTP rules beside DNS rules',
    on('53', 'UDP', { rules: { http: [], dns: [{ matchPattern: '*' }] } }),
  ),
  refused('an address family of icmps', { icmps: [{ fields: [{ family: 'IPv5', type: 8 }] }] }),
  taken(
    'serverNames and HTTP rules with terminated TLS',
    on('443', 'TCP', {
      serverNames: ['a.example'],
      rules: { http: [{}] },
      terminatingTLS: { secret: { name: 'cert' } },
      ports: [{ port: '8443', protocol: 'TCP' }],
    }),
  ),
  taken('digits with underscores as a port', on('8_443', 'TCP')),
  taken('an entry of toFQDNs without fields', { toFQDNs: [{}] }),
  taken('an entry of rules.dns without fields', dns({})),
  {
    name: 'an entry of rules.dns with both fields admits what either names',
    objects: [egress(dns({ matchName: 'api.vendor.example', matchPattern: 'www.*.example' }))],
    query: asked,
    answer: { lookup: 'allowed', learned: true, connect: 'default' },
  },
  {
    name: 'a rule for port 53 to 53 does not lift the name filter of one for port 53',
    objects: [
      egress(dns({ matchName: 'api.vendor.example' }), {
        toPorts: [{ ports: [{ port: '53', endPort: 53, protocol: 'UDP' }] }],
      }),
    ],
    query: asked,
    answer: { lookup: 'refused', connect: 'default' },
  },
  {
    name: 'a rule that lists port 53 behind a range that holds it lifts the name filter',
    objects: [
      egress(dns({ matchName: 'api.vendor.example' }), {
        toPorts: [{ ports: [{ port: '50', endPort: 60 }, { port: '53' }] }],
      }),
    ],
    query: asked,
    answer: { lookup: 'allowed', learned: true, connect: 'default' },
  },
  {
    name: 'a group that is missing selects nothing, even with ports',
    objects: [denying({ toCIDRSet: [{ cidrGroupRef: 'missing' }], ...on('443') })],
    query: outside,
    answer: allowed,
  },
  {
    name: 'an empty group selects nothing, even with ports',
    objects: [group('g', {}), egress({ toCIDRSet: [{ cidrGroupRef: 'g' }], ...on('443') })],
    query: outside,
    answer: dropped,
  },
  {
    name: 'an empty cidrGroupSelector selects everything',
    objects: [denying({ toCIDRSet: [{ cidrGroupSelector: {} }] })],
    query: inPay,
    answer: byRule,
  },
  {
    name: 'a cidrGroupSelector that only excludes selects pods too',
    objects: [
      egress({ toCIDRSet: [{ cidrGroupSelector: { matchExpressions: [{ key: 'kind', operator: 'DoesNotExist' }] } }] }),
    ],
    query: inPay,
    answer: allowed,
  },
  {
    name: 'a cidrGroupSelector is met by several groups together',
    objects: [
      group('g', { kind: 'partner' }, '203.0.113.0/24'),
      group('h', { team: 'pay' }, '203.0.113.0/28'),
      egress({ toCIDRSet: [{ cidrGroupSelector: { matchLabels: { kind: 'partner', team: 'pay' } } }] }),
    ],
    query: outside,
    answer: allowed,
  },
  {
    name: 'a group holds no bare address',
    objects: [group('g', {}, '203.0.113.10'), egress({ toCIDRSet: [{ cidrGroupRef: 'g' }] })],
    query: outside,
    answer: dropped,
  },
  {
    name: 'an empty list beside what toServices stands for is no empty list',
    objects: [egress({ toCIDRSet: [], toServices: [{ k8sService: { serviceName: 'outside' } }] })],
    query: { addresses: ['203.0.113.11'] },
    answer: allowed,
  },
  {
    name: 'a dot in a key of toServices ends its source',
    objects: [
      egress({
        toServices: [{ k8sServiceSelector: { selector: { matchLabels: { 'vendor.example/service': 'outside' } } } }],
      }),
    ],
    query: { addresses: ['203.0.113.11'] },
    answer: dropped,
  },
  {
    name: 'a source in a key of toServices makes it take every Service',
    objects: [egress({ toServices: [{ k8sServiceSelector: { selector: { matchLabels: { 'k8s:app': 'none' } } } }] })],
    query: { addresses: ['203.0.113.11'] },
    answer: allowed,
  },
  {
    name: 'port names of init containers and of pods on the host network do not count',
    objects: [egress(on('https', 'TCP'))],
    query: inPay,
    answer: allowed,
  },
  {
    name: 'a range of all addresses holds no node, not even where ranges hold nodes',
    config: NODES,
    objects: [egress({ toCIDR: ['0.0.0.0/0'] })],
    query: ownNode,
    answer: dropped,
  },
  {
    name: 'a group of all addresses does',
    config: NODES,
    objects: [group('g', {}, '0.0.0.0/0'), egress({ toCIDRSet: [{ cidrGroupRef: 'g' }] })],
    query: ownNode,
    answer: allowed,
  },
  {
    name: 'the own node has the ranges of all its addresses',
    config: NODES,
    objects: [egress({ toCIDR: ['fd01::/64'] })],
    query: ownNode,
    answer: allowed,
  },
  {
    name: 'a node bears names where ranges hold nodes',
    config: NODES,
    objects: [egress({ toFQDNs: [{ matchName: 'www.vendor.example' }] }, dns({ matchPattern: '*' }))],
    query: { ...asked, ...ownNode },
    answer: { lookup: 'allowed', learned: true, connect: 'allowed' },
  },
  {
    name: 'the own node is the API server at all its addresses',
    objects: [egress({ toEntities: ['kube-apiserver'] })],
    query: { addresses: ['fd01::1'] },
    answer: allowed,
  },
  {
    name: 'the own node has no labels',
    config: WITH_NODE_LABELS,
    objects: [egress({ toEndpoints: [{ matchLabels: { 'reserved:host': '', 'node:zone': 'node-a' } }] })],
    query: ownNode,
    answer: dropped,
  },
  {
    name: 'another node has the label of its cluster',
    config: WITH_NODE_LABELS,
    objects: [egress({ toNodes: [{ matchLabels: { zone: 'node-b' } }] })],
    query: { addresses: ['10.1.0.2'] },
    answer: allowed,
  },
  {
    name: 'a namespaceSelector that only excludes takes the world where no cluster is demanded',
    config: { 'policy-default-local-cluster': 'false' },
    objects: [
      networkPolicy([
        { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } },
      ]),
    ],
    query: outside,
    answer: allowed,
  },
  {
    name: 'and does not where the own cluster is',
    objects: [
      networkPolicy([
        { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] } },
      ]),
    ],
    query: outside,
    answer: dropped,
  },
  {
    name: 'an outside address has the labels of its groups',
    objects: [
      group('g', { team: 'pay' }, '203.0.113.0/24'),
      egress({ toEndpoints: [{ matchLabels: { 'reserved:world-ipv4': '', team: 'pay' } }] }),
    ],
    query: outside,
    answer: allowed,
  },
  {
    name: 'of two groups the narrower one labels the address',
    objects: [
      group('g', { team: 'pay' }, '203.0.113.0/24'),
      group('h', { team: 'shop' }, '203.0.113.10/32'),
      egress({ toEndpoints: [{ matchLabels: { 'reserved:world-ipv4': '', team: 'pay' } }] }),
    ],
    query: outside,
    answer: dropped,
  },
  {
    name: 'server names and DNS rules for one port cannot be merged',
    objects: [
      egress(dns({ matchPattern: '*' })),
      cnp({ egress: [on('53', 'UDP', { serverNames: ['a.example'] })] }, 'q'),
    ],
    query: outside,
    answer: { connect: 'default', error: 'cannot merge' },
  },
  {
    name: 'HTTP and DNS rules conflict where entities share a selector',
    objects: [
      egress({ toEntities: ['world'], ...on('53', 'TCP', { rules: { dns: [{ matchPattern: '*' }] } }) }),
      cnp({ egress: [{ toEntities: ['world-ipv4'], ...on('53', 'TCP', { rules: { http: [{}] } }) }] }, 'q'),
    ],
    query: outside,
    answer: { connect: 'default', error: 'cannot merge' },
  },
  {
    name: 'HTTP rules take over a port whose TLS is terminated for server names',
    objects: [
      egress(on('443', 'TCP', { serverNames: ['a.example'], terminatingTLS: { secret: { name: 'cert' } } })),
      cnp({ egress: [on('443', 'TCP', { rules: { http: [{}] } })] }, 'q'),
    ],
    query: outside,
    answer: allowed,
  },
];
