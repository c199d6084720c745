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

type Raw = Record<string, unknown>;

export interface RawCluster {
  readonly namespaces: readonly Raw[];
  readonly nodes: readonly Raw[];
  /** Made one by one: a hundred thousand raw pods would weigh more than what is measured. */
  readonly pods: Iterable<Raw>;
  readonly services: readonly Raw[];
  readonly slices: readonly Raw[];
  readonly ciliumPolicies: readonly Raw[];
  readonly clusterwidePolicies: readonly Raw[];
  readonly networkPolicies: readonly Raw[];
}

const SERVICES_A_NAMESPACE = 10;
const CLUSTERWIDE = 20;

/** Of the policies, four fifths are Cilium's, some are clusterwide and the rest NetworkPolicies; each service has its own. */
export function rawCluster(podCount: number, policyCount: number): RawCluster {
  const services = Array.from({ length: policyCount - CLUSTERWIDE }, (_, index) => serviceAt(index));
  const spaces = [...new Set(services.map(({ namespace }) => namespace))];
  return {
    namespaces: ['kube-system', ...spaces].map((name, index) => namespaceObject(name, index)),
    nodes: Array.from({ length: Math.max(1, Math.ceil(podCount / 100)) }, (_, index) => nodeObject(index)),
    pods: { [Symbol.iterator]: () => podsOf(podCount, services) },
    services: [dnsService()],
    slices: [dnsSlice()],
    ciliumPolicies: services.flatMap((one) => (one.index % 5 === 4 ? [] : [ciliumPolicy(one)])),
    clusterwidePolicies: Array.from({ length: CLUSTERWIDE }, (_, index) => clusterwidePolicy(index)),
    networkPolicies: services.flatMap((one) => (one.index % 5 === 4 ? [networkPolicy(one)] : [])),
  };
}

function* podsOf(count: number, services: readonly Service[]): Generator<Raw> {
  yield dnsPod();
  for (let index = 0; index < count; index += 1)
    yield podObject(index, services[index % services.length] ?? serviceAt(0));
}

export function decoded(raw: RawCluster): ClusterState {
  return {
    engine: { cni: 'cilium', version: '1.19.5', config: {}, seenBy: 'bench' },
    namespaces: raw.namespaces.map((one) => namespaceSchema.parse(one)),
    pods: Array.from(raw.pods, (one) => podSchema.parse(one)),
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

function nodeObject(index: number): Raw {
  const address = `10.${200 + Math.floor(index / 250)}.${index % 250}.1`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${index}` },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

function podObject(index: number, service: Service): Raw {
  const node = Math.floor(index / 100);
  const labels = {
    app: service.app,
    'app.kubernetes.io/name': service.app,
    tier: `tier-${service.index % CLUSTERWIDE}`,
    'pod-template-hash': `hash${service.index}`,
  };
  return podOf(
    { name: `${service.app}-${index}`, namespace: service.namespace, labels },
    `10.${Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${index % 250}`,
    node,
  );
}

function dnsPod(): Raw {
  return podOf({ name: 'coredns-0', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, '10.99.0.53', 0);
}

function podOf(
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  ip: string,
  node: number,
): Raw {
  const hostIP = `10.${200 + Math.floor(node / 250)}.${node % 250}.1`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      nodeName: `node-${node}`,
      serviceAccountName: 'default',
      dnsPolicy: 'ClusterFirst',
      containers: [{ name: 'app', image: 'app:1', ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP, hostIPs: [{ ip: hostIP }] },
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
