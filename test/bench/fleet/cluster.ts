/** A made-up cluster of any size as the API would serve it: namespaces of services, each with its policies and replicas; used by the benches. */
import { ciliumPolicySchema } from '../../../src/cluster/decode/cilium-policy.ts';
import {
  backendsSchema,
  namespaceSchema,
  nodeSchema,
  serviceSchema,
} from '../../../src/cluster/decode/cluster-objects.ts';
import { networkPolicySchema } from '../../../src/cluster/decode/network-policy.ts';
import { podSchema } from '../../../src/cluster/decode/pod.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Pod } from '../../../src/core/model/workload.ts';

type Raw = Record<string, unknown>;

export interface RawCluster {
  readonly namespaces: readonly Raw[];
  readonly nodes: readonly Raw[];
  readonly pods: readonly Raw[];
  readonly services: readonly Raw[];
  readonly slices: readonly Raw[];
  readonly ciliumPolicies: readonly Raw[];
  readonly clusterwidePolicies: readonly Raw[];
  readonly networkPolicies: readonly Raw[];
}

const SERVICES_A_NAMESPACE = 10;
const CLUSTERWIDE = 20;
const PODS_A_NODE = 100;

/** Of the policies, four fifths are Cilium's, some are clusterwide and the rest NetworkPolicies; each service has its own. */
export function rawCluster(podCount: number, policyCount: number): RawCluster {
  const services = servicesOf(policyCount);
  const spaces = [...new Set(services.map(({ namespace }) => namespace))];
  return {
    namespaces: ['kube-system', ...spaces].map((name, index) => namespaceObject(name, index)),
    nodes: nodesFor(podCount),
    pods: [dnsPod(), ...Array.from({ length: podCount }, (_, index) => podObject(index, services))],
    services: [dnsService()],
    slices: [dnsSlice()],
    ciliumPolicies: services.flatMap((one) => (one.index % 5 === 4 ? [] : [ciliumPolicy(one)])),
    clusterwidePolicies: Array.from({ length: CLUSTERWIDE }, (_, index) => clusterwidePolicy(index)),
    networkPolicies: services.flatMap((one) => (one.index % 5 === 4 ? [networkPolicy(one)] : [])),
  };
}

/**
 * The same cluster decoded. Replicas are copies of their service's first pod, with objects of their own as the decoder would give them: it
 * would leave more garbage behind than what is measured.
 */
export function fleetState(podCount: number, policyCount: number): ClusterState {
  const services = servicesOf(policyCount);
  const firsts = decoded(rawCluster(Math.min(podCount, services.length), policyCount));
  const [dns, ...models] = firsts.pods;
  const pods = Array.from({ length: podCount }, (_, index) => {
    const model = models[index % models.length];
    return index < models.length || !model ? (model ?? []) : replica(model, index);
  });
  return { ...firsts, nodes: nodesFor(podCount).map((one) => nodeSchema.parse(one)), pods: [dns ?? [], pods].flat(2) };
}

function replica(model: Pod, index: number): Pod {
  const { address, node, hostIP } = placeOf(index);
  const { labels, annotations } = model.meta;
  return {
    ...model,
    meta: {
      ...model.meta,
      name: `${labels['app'] ?? ''}-${index}`,
      labels: { ...labels },
      annotations: { ...annotations },
      owners: [...model.meta.owners],
      managers: [...model.meta.managers],
    },
    nodeName: node,
    nodeIPs: [hostIP],
    podIPs: [address],
    hostAliases: [...model.hostAliases],
    containers: model.containers.map((one) => ({
      ...one,
      ports: one.ports.map((port) => ({ ...port })),
      env: { ...one.env },
    })),
  };
}

export function decoded(raw: RawCluster): ClusterState {
  return {
    engine: { cni: 'cilium', version: '1.19.5', config: {}, seenBy: 'bench' },
    namespaces: raw.namespaces.map((one) => namespaceSchema.parse(one)),
    pods: raw.pods.map((one) => podSchema.parse(one)),
    nodes: raw.nodes.map((one) => nodeSchema.parse(one)),
    services: raw.services.map((one) => serviceSchema.parse(one)),
    backends: raw.slices.flatMap((one) => backendsSchema.parse(one)),
    policies: [
      ...raw.networkPolicies.map((one) => networkPolicySchema.parse(one)),
      ...raw.ciliumPolicies.map((one) => namespaced.parse(one)),
      ...raw.clusterwidePolicies.map((one) => clusterwide.parse(one)),
    ],
    cidrGroups: [],
    unsupported: [],
    notRead: [],
  };
}

const namespaced = ciliumPolicySchema('CiliumNetworkPolicy');
const clusterwide = ciliumPolicySchema('CiliumClusterwideNetworkPolicy');

interface Service {
  readonly index: number;
  readonly namespace: string;
  readonly app: string;
}

function servicesOf(policyCount: number): Service[] {
  return Array.from({ length: policyCount - CLUSTERWIDE }, (_, index) => serviceAt(index));
}

function serviceAt(index: number): Service {
  return { index, namespace: `team-${Math.floor(index / SERVICES_A_NAMESPACE)}`, app: `service-${index}` };
}

function namespaceObject(name: string, index: number): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, stage: index % 2 === 0 ? 'live' : 'test' } },
  };
}

function nodesFor(podCount: number): Raw[] {
  return Array.from({ length: Math.max(1, Math.ceil(podCount / PODS_A_NODE)) }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${index}` },
    status: { addresses: [{ type: 'InternalIP', address: nodeAddress(index) }] },
  }));
}

function nodeAddress(index: number): string {
  return `10.${200 + Math.floor(index / 250)}.${index % 250}.1`;
}

interface Place {
  readonly address: string;
  readonly node: string;
  readonly hostIP: string;
}

function placeOf(index: number): Place {
  const node = Math.floor(index / PODS_A_NODE);
  return {
    address: `10.${Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${index % 250}`,
    node: `node-${node}`,
    hostIP: nodeAddress(node),
  };
}

function podObject(index: number, services: readonly Service[]): Raw {
  const service = services[index % services.length] ?? serviceAt(0);
  const labels = {
    app: service.app,
    'app.kubernetes.io/name': service.app,
    tier: `tier-${service.index % CLUSTERWIDE}`,
    'pod-template-hash': `hash${service.index}`,
  };
  return podOf({ name: `${service.app}-${index}`, namespace: service.namespace, labels }, placeOf(index));
}

function dnsPod(): Raw {
  const metadata = { name: 'coredns-0', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
  return podOf(metadata, { ...placeOf(0), address: '10.99.0.53' });
}

function podOf(
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  { address, node, hostIP }: Place,
): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      nodeName: node,
      serviceAccountName: 'default',
      dnsPolicy: 'ClusterFirst',
      containers: [{ name: 'app', image: 'app:1', ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }], hostIP, hostIPs: [{ ip: hostIP }] },
  };
}

function dnsService(): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }],
    },
  };
}

function dnsSlice(): Raw {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kube-dns-1', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.99.0.53'], conditions: { ready: true } }],
    ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
  };
}

const DNS_RULE = {
  toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
  toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
};

/** Every third service may reach the host that the benches ask for. */
function ciliumPolicy({ index, namespace, app }: Service): Raw {
  const names = [`api-${index % 50}.vendor.example`, ...(index % 3 === 0 ? ['files.vendor.example'] : [])];
  const egress = [
    DNS_RULE,
    {
      toFQDNs: [...names.map((matchName) => ({ matchName })), { matchPattern: `*.s${index % 100}.storage.example` }],
      toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
    },
    {
      toEndpoints: [{ matchLabels: { app: `service-${index + 1}` } }],
      toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }],
    },
    { toCIDRSet: [{ cidr: '10.0.0.0/8', except: [`10.${index % 250}.0.0/16`] }] },
  ];
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: app, namespace },
    spec: { endpointSelector: { matchLabels: { app } }, egress },
  };
}

function clusterwidePolicy(index: number): Raw {
  const egress = [
    { toEntities: ['kube-apiserver'] },
    { toCIDR: [`198.51.100.${index}/32`], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
  ];
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: `tier-${index}` },
    spec: { endpointSelector: { matchLabels: { tier: `tier-${index}` } }, egress },
  };
}

function networkPolicy({ index, namespace, app }: Service): Raw {
  const egress = [
    {
      to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
    {
      to: [{ ipBlock: { cidr: '203.0.113.0/24', except: [`203.0.113.${index % 200}/32`] } }],
      ports: [{ protocol: 'TCP', port: 443 }],
    },
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: app, namespace },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress },
  };
}
