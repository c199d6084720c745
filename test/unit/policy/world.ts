/** A small cluster and builders for policy tests, as the decoders would produce it. */
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type {
  CiliumEgressRule,
  CiliumPolicy,
  CiliumRule,
  NetworkPolicy,
  Policy,
} from '../../../src/core/model/policy.ts';
import type { LabelSelector } from '../../../src/core/model/selector.ts';
import type { Namespace, Node, Pod, Service, ServiceBackend } from '../../../src/core/model/workload.ts';

export function meta(name: string, namespace?: string, labels: Record<string, string> = {}): ObjectMeta {
  return { name, ...(namespace !== undefined && { namespace }), labels, annotations: {}, owners: [], managers: [] };
}

export function pod(
  name: string,
  namespace: string,
  ip: string,
  more: Partial<Pod> & { labels?: Record<string, string> } = {},
): Pod {
  const { labels = { app: name }, ...rest } = more;
  return {
    meta: meta(name, namespace, labels),
    phase: 'Running',
    nodeName: 'n1',
    nodeIPs: ['10.1.1.9'],
    podIPs: [ip],
    hostNetwork: false,
    serviceAccount: 'default',
    dnsPolicy: 'ClusterFirst',
    hostAliases: [],
    containers: [{ name: 'app', image: 'x', role: 'app', ports: [], env: {}, state: 'running', restarts: 0 }],
    ...rest,
  };
}

export function withPort(one: Pod, name: string, port: number): Pod {
  return {
    ...one,
    containers: one.containers.map((container) => ({ ...container, ports: [{ name, port, protocol: 'TCP' }] })),
  };
}

export const select = (matchLabels: Record<string, string> = {}): LabelSelector => ({
  matchLabels,
  matchExpressions: [],
});

export function rule(part: Partial<CiliumRule>): CiliumRule {
  return { endpointSelector: select(), hasIngress: false, ...part };
}

export function cnp(
  name: string,
  part: Partial<CiliumRule> | readonly CiliumRule[],
  more: Partial<CiliumPolicy> = {},
): CiliumPolicy {
  const rules = Array.isArray(part)
    ? (part as readonly CiliumRule[]).map((one, index) => ({ path: `specs[${index}]`, rule: one }))
    : [{ path: 'spec', rule: rule(part as Partial<CiliumRule>) }];
  return { kind: 'CiliumNetworkPolicy', meta: meta(name, 'default'), rules, conditions: [], ...more };
}

export function ccnp(name: string, part: Partial<CiliumRule>): CiliumPolicy {
  return { ...cnp(name, part), kind: 'CiliumClusterwideNetworkPolicy', meta: meta(name) };
}

export function np(name: string, part: Partial<NetworkPolicy>): NetworkPolicy {
  return { kind: 'NetworkPolicy', meta: meta(name, 'default'), podSelector: select(), ...part };
}

export const ports = (...list: string[]) =>
  list.map((text) => {
    const [port = '', protocol] = text.split('/');
    return { port, ...(protocol !== undefined && { protocol }) };
  });

export const tcp443 = [{ ports: ports('443/TCP') }];

export const kubeDns = select({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' });

/** The DNS rule of a sound policy: any name, through the proxy. */
export const dnsRule = (
  dns: { matchName?: string; matchPattern?: string }[] = [{ matchPattern: '*' }],
): CiliumEgressRule => ({
  toEndpoints: [kubeDns],
  toPorts: [{ ports: ports('53/UDP'), dns }],
});

export const P = pod('p', 'default', '10.0.0.1');
export const PEER = pod('peer', 'default', '10.0.0.2');
export const OTHER = pod('o', 'other', '10.2.3.9');
export const DNS = pod('coredns', 'kube-system', '10.0.0.53', { labels: { 'k8s-app': 'kube-dns' } });

const namespaces: Namespace[] = [
  { meta: meta('default') },
  { meta: meta('other', undefined, { team: 'x' }) },
  { meta: meta('kube-system') },
];
const nodes: Node[] = [
  { meta: meta('n1'), addresses: ['10.1.1.9'] },
  { meta: meta('n2'), addresses: ['10.1.1.1'] },
];
const dnsService: Service = {
  meta: meta('kube-dns', 'kube-system', { 'k8s-app': 'kube-dns' }),
  type: 'ClusterIP',
  clusterIPs: ['10.96.0.10'],
  externalIPs: [],
  selector: { 'k8s-app': 'kube-dns' },
  ports: [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
  ],
};
const dnsBackend: ServiceBackend = {
  namespace: 'kube-system',
  service: 'kube-dns',
  addresses: ['10.0.0.53'],
  ports: [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ],
  ready: true,
};

export function world(
  policies: readonly Policy[],
  more: Partial<ClusterState> & { version?: string; config?: Record<string, string> } = {},
): ClusterState {
  const { version = '1.19.5', config = {}, ...rest } = more;
  return {
    engine: { cni: 'cilium', version, config, seenBy: 'test' },
    namespaces,
    pods: [P, PEER, OTHER, DNS],
    nodes,
    services: [dnsService],
    backends: [dnsBackend],
    policies,
    cidrGroups: [],
    unsupported: [],
    notRead: [],
    ...rest,
  };
}
