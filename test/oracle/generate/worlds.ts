/** Clusters for the cases: namespaces, pods with awkward labels and ports, nodes, Services, and what configures Cilium. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import type { World } from '../case.ts';
import { CILIUM_VERSION, minorIn } from '../versions.ts';
import type { Random } from './random.ts';
import { randomOf } from './random.ts';

export const NAMESPACES = ['shop', 'pay', 'default', 'kube-system'] as const;
export const PORT_NAMES = ['http', 'https', 'metrics', 'dns', 'dns-tcp', 'web', 'api', 'grpc', 'admin'] as const;
export const WORLDS = 16;

const NAMESPACE_LABELS: Readonly<Record<string, Record<string, string>>> = {
  shop: { team: 'shop', env: 'prod' },
  pay: { team: 'pay', env: 'prod', 'pod-security.kubernetes.io/enforce': 'baseline' },
  default: {},
  'kube-system': { env: 'system' },
};
const LABELS: readonly (readonly [string, readonly string[]])[] = [
  ['app', ['cart', 'web', 'api', 'db']],
  ['tier', ['front', 'back', '']],
  ['app.kubernetes.io/name', ['cart', 'db']],
  ['version', ['v1', 'v2']],
  ['pod-template-hash', ['6d4cf56db6']],
  ['team', ['shop', 'pay']],
  ['statefulset.kubernetes.io/pod-name', ['db-0']],
  ['topology.kubernetes.io/zone', ['a']],
  ['vendor.example/io.kubernetes', ['x']],
  ['controller-uid', ['1']],
  ['io.kubernetes.pod.namespace', ['pay']],
  ['io.cilium.k8s.policy.cluster', ['other']],
  ['annotation.io', ['y']],
];
const PORTS: readonly (readonly [string, readonly number[]])[] = [
  ['http', [80, 80, 8080]],
  ['https', [443, 443, 8443]],
  ['metrics', [9090, 9153]],
  ['web', [8000]],
  ['api', [443]],
  ['grpc', [8005]],
  ['admin', [8010, 80]],
  ['span', [8000, 8000, 8000, 8005]],
];
const CONFIGS: readonly (readonly [number, Record<string, string>])[] = [
  [10, {}],
  [2, { 'policy-cidr-match-mode': 'nodes' }],
  [2, { 'enable-node-selector-labels': 'true' }],
  [1, { 'enable-node-selector-labels': 'true', 'policy-cidr-match-mode': 'nodes' }],
  [1, { 'enable-policy': 'always' }],
  [1, { 'enable-policy': 'never' }],
  [1, { 'enable-ipv6': 'false' }],
  [1, { 'enable-non-default-deny-policies': 'false' }],
  [1, { 'enable-l7-proxy': 'false' }],
  [1, { 'policy-default-local-cluster': 'false', 'cluster-name': 'east' }],
  [1, { 'cluster-name': 'east' }],
  [1, { labels: 'k8s:app k8s:io.kubernetes.pod.namespace' }],
  [1, { labels: '!team' }],
];

/** What newer versions understand besides. */
const CONFIGS_SINCE_20: typeof CONFIGS = [
  [2, { 'policy-cidr-match-mode': 'pods' }],
  [1, { 'policy-cidr-match-mode': 'nodes pods' }],
  [1, { 'policy-cidr-match-mode': 'pods', 'enable-ipv6': 'false' }],
  [8, { 'enable-k8s-cluster-network-policy': 'true' }],
  [2, { 'enable-k8s-cluster-network-policy': 'true', 'enable-node-selector-labels': 'true' }],
  [1, { 'enable-k8s-cluster-network-policy': 'true', 'enable-policy': 'always' }],
  [1, { 'enable-k8s-cluster-network-policy': 'true', 'policy-default-local-cluster': 'false' }],
  [1, { 'enable-k8s-cluster-network-policy': 'true', 'enable-l7-proxy': 'false' }],
];

/** The worlds of a seed, all different in pods, ports and configuration. */
export function worldsOf(seed: string, version: string = CILIUM_VERSION): World[] {
  const configs = minorIn(version) >= 20 ? [...CONFIGS, ...CONFIGS_SINCE_20] : CONFIGS;
  return Array.from({ length: WORLDS }, (_, index) => {
    // The first one is a plain cluster, so that a disagreement may be found in the plainest of worlds.
    const random = randomOf(`${seed} world ${index}`);
    const config = index === 0 ? {} : random.weighted(configs);
    return worldOf(`${seed}-${index}`, random, { config, version });
  });
}

interface Cilium {
  readonly config: Record<string, string>;
  readonly version: string;
}

function worldOf(id: string, random: Random, { config, version }: Cilium): World {
  const dnsPort = random.weighted([
    [5, 53],
    [1, 5353],
  ] as const);
  const servers = random.chance(0.25) ? ['coredns-1', 'coredns-2'] : ['coredns-1'];
  const apiServer = random.pick(['10.1.0.2', '10.1.0.1', '203.0.113.250']);
  return {
    id,
    config,
    dns: servers.map((name) => ({ pod: `kube-system/${name}`, port: dnsPort })),
    objects: [
      ...NAMESPACES.map(namespaceOf),
      ...nodes(random),
      ...subjects(random),
      ...others(random),
      ...servers.map((name, index) => coreDns(random, name, `10.244.1.${53 + index}`)),
      ...services(random, { apiServer, dnsPort, servers }),
      daemonSet(version),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'kube-system', name: 'cilium-config' },
        data: config,
      },
    ],
  };
}

function namespaceOf(name: string): RawObject {
  const labels = { ...NAMESPACE_LABELS[name], 'kubernetes.io/metadata.name': name };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function nodes(random: Random): RawObject[] {
  return ['node-a', 'node-b'].map((name, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        zone: random.pick(['a', 'b']),
        ...(random.chance(0.5) && { 'node-role.kubernetes.io/control-plane': '' }),
      },
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: `10.1.0.${index + 1}` },
        { type: 'InternalIP', address: `fd01::${index + 1}` },
        { type: 'Hostname', address: name },
      ],
    },
  }));
}

interface PodSpec {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly node?: 'a' | 'b';
  readonly labels?: Record<string, string>;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
}

function podOf(random: Random, spec: PodSpec): RawObject {
  const node = spec.node ?? 'a';
  const hostIP = node === 'a' ? '10.1.0.1' : '10.1.0.2';
  const labels =
    spec.labels ?? Object.fromEntries(random.some(LABELS, 1, 5).map(([key, values]) => [key, random.pick(values)]));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: spec.namespace, name: spec.name, labels },
    spec: {
      nodeName: `node-${node}`,
      // The API server always sets one.
      serviceAccountName: random.pick(['default', 'robot']),
      ...(spec.hostNetwork && { hostNetwork: true }),
      containers: [{ name: 'main', image: 'shop/main:1', ports: containerPorts(random) }],
      ...(random.chance(0.2) && {
        initContainers: [{ name: 'init', image: 'shop/init:1', ports: containerPorts(random) }],
      }),
    },
    status: {
      phase: spec.phase ?? 'Running',
      hostIP,
      hostIPs: [{ ip: hostIP }],
      podIP: spec.ip,
      podIPs: [
        { ip: spec.ip },
        ...(spec.hostNetwork ? [] : [{ ip: `fd44::${spec.ip.split('.').slice(2).join(':')}` }]),
      ],
    },
  };
}

function containerPorts(random: Random): unknown[] {
  return random.some(PORTS, 0, 3).map(([name, numbers]) => ({
    ...(random.chance(0.9) && { name }),
    containerPort: random.pick(numbers),
    ...(random.chance(0.6) && { protocol: random.pick(['TCP', 'TCP', 'UDP', 'SCTP']) }),
  }));
}

/** The pods that ask; `shop/cart` always has these labels, so that policies find somebody. */
export const SUBJECTS = ['shop/cart', 'shop/web', 'pay/api', 'default/job'] as const;

function subjects(random: Random): RawObject[] {
  return SUBJECTS.map((key, index) => {
    const [namespace = '', name = ''] = key.split('/');
    const labels = { app: name, ...(random.chance(0.5) && { tier: 'front' }) };
    return podOf(random, { namespace, name, ip: `10.244.0.${index + 1}`, ...(index < 2 && { labels }) });
  });
}

function others(random: Random): RawObject[] {
  return [
    podOf(random, { namespace: 'shop', name: 'cache', ip: '10.244.0.10' }),
    podOf(random, { namespace: 'pay', name: 'db', ip: '10.244.1.11', node: 'b' }),
    podOf(random, { namespace: 'default', name: 'tool', ip: '10.244.1.12', node: 'b' }),
    podOf(random, { namespace: 'kube-system', name: 'agent', ip: '10.1.0.1', hostNetwork: true }),
    ...(random.chance(0.3)
      ? [podOf(random, { namespace: 'shop', name: 'done', ip: '10.244.0.20', phase: 'Succeeded' })]
      : []),
  ];
}

function coreDns(random: Random, name: string, ip: string): RawObject {
  return podOf(random, { namespace: 'kube-system', name, ip, node: 'b', labels: { 'k8s-app': 'kube-dns' } });
}

function services(
  random: Random,
  cluster: { readonly apiServer: string; readonly dnsPort: number; readonly servers: readonly string[] },
): RawObject[] {
  const dnsAddresses = cluster.servers.map((_, index) => `10.244.1.${53 + index}`);
  return [
    service('default', 'kubernetes', { port: 443 }),
    slice('default', 'kubernetes', [cluster.apiServer], 6443),
    service('kube-system', 'kube-dns', { port: 53, selector: { 'k8s-app': 'kube-dns' } }),
    slice('kube-system', 'kube-dns', dnsAddresses, cluster.dnsPort),
    service('pay', 'db', { port: 5432, selector: { app: random.pick(['db', 'api', 'none']) } }),
    service('pay', 'outside', { port: 443 }),
    ...(random.chance(0.7)
      ? [slice('pay', 'outside', random.some(['203.0.113.10', '203.0.113.11', '10.9.9.9'], 0, 2), 443)]
      : []),
    service('shop', 'db', { port: 443, labels: { app: 'db' } }),
  ];
}

interface ServiceSpec {
  readonly port: number;
  readonly selector?: Record<string, string>;
  readonly labels?: Record<string, string>;
}

function service(namespace: string, name: string, spec: ServiceSpec): RawObject {
  const protocol = spec.port === 53 ? 'UDP' : 'TCP';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels: spec.labels ?? { 'vendor.example/service': name } },
    spec: {
      type: 'ClusterIP',
      clusterIP: `10.96.${namespace.length}.${name.length}`,
      ...(spec.selector && { selector: spec.selector }),
      ports: [{ name: 'main', port: spec.port, protocol }],
    },
  };
}

function slice(namespace: string, name: string, addresses: readonly string[], port: number): RawObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'main', port, protocol: port === 53 || port === 5353 ? 'UDP' : 'TCP' }],
  };
}

function daemonSet(version: string): RawObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'kube-system', name: 'cilium' },
    spec: {
      template: {
        metadata: { labels: { 'k8s-app': 'cilium' } },
        spec: { containers: [{ name: 'cilium-agent', image: `quay.io/cilium/cilium:v${version}` }] },
      },
    },
  };
}
