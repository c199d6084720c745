/** Test support: a small cluster's raw objects, as the API gives them. */
import type { RawObject } from '../support/fake-api-server.ts';

type Meta = Partial<RawObject['metadata']>;

export function object(
  apiVersion: string,
  kind: string,
  metadata: Meta & { name: string },
  rest: object = {},
): RawObject {
  return { apiVersion, kind, metadata: { uid: `uid-${kind}-${metadata.name}`, ...metadata }, ...rest };
}

export function namespace(name: string): RawObject {
  return object('v1', 'Namespace', { name, labels: { 'kubernetes.io/metadata.name': name } });
}

export interface PodShape {
  readonly labels?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly ip?: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly created?: string;
  readonly phase?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly env?: readonly object[];
}

export function pod(ns: string, name: string, shape: PodShape = {}): RawObject {
  const {
    labels = {},
    image = 'app:1',
    ip = '10.0.1.5',
    node = 'node-1',
    ready = true,
    phase = 'Running',
    owner,
  } = shape;
  return object(
    'v1',
    'Pod',
    {
      namespace: ns,
      name,
      labels,
      creationTimestamp: shape.created ?? '2026-01-01T00:00:00Z',
      ...(owner ? { ownerReferences: [{ apiVersion: 'apps/v1', uid: 'owner-uid', ...owner }] } : {}),
    },
    {
      spec: {
        nodeName: node,
        serviceAccountName: 'default',
        dnsPolicy: 'ClusterFirst',
        containers: [
          {
            name: 'app',
            image,
            command: ['run', '--password', 'hunter2hunter2'],
            ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
            env: shape.env ?? [{ name: 'HTTP_PROXY', value: 'http://proxy:3128' }],
          },
        ],
        initContainers: [{ name: 'setup', image: 'setup:1' }],
      },
      status: {
        phase,
        hostIP: '192.168.1.10',
        podIP: ip,
        podIPs: [{ ip }],
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [
          ready
            ? { name: 'app', restartCount: 0, ready, state: { running: { startedAt: '2026-01-01T00:00:01Z' } } }
            : {
                name: 'app',
                restartCount: 7,
                ready,
                state: { waiting: { reason: 'CrashLoopBackOff', message: 'token=abc' } },
              },
        ],
        initContainerStatuses: [
          { name: 'setup', restartCount: 0, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
        ],
      },
    },
  );
}

const egress = [
  {
    toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' } }],
    toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
  },
  { toFQDNs: [{ matchName: 'api.vendor.example' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
];

export const ciliumPolicy = object(
  'cilium.io/v2',
  'CiliumNetworkPolicy',
  {
    namespace: 'shop',
    name: 'checkout-egress',
    generation: 3,
    labels: { 'app.kubernetes.io/managed-by': 'flux' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"token":"s3cret"}}', note: 'kept' },
    managedFields: [
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        apiVersion: 'cilium.io/v2',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:annotations': {} }, 'f:spec': { 'f:egress': {} } },
      },
    ],
  },
  {
    spec: { endpointSelector: { matchLabels: { app: 'checkout' } }, egress },
    specs: [{ endpointSelector: {}, egressDeny: [{ toCIDR: ['10.9.0.0/16'] }], enableDefaultDeny: { egress: false } }],
    status: {
      conditions: [
        {
          type: 'Valid',
          status: 'True',
          lastTransitionTime: '2026-01-02T03:04:05Z',
          message: 'Policy validation succeeded',
        },
      ],
    },
  },
);

export const dnsPods = [
  pod('kube-system', 'coredns-1', { labels: { 'k8s-app': 'kube-dns' }, ip: '10.0.0.10', node: 'node-2' }),
  pod('kube-system', 'coredns-2', { labels: { 'k8s-app': 'kube-dns' }, ip: '10.0.0.11' }),
];

export const ciliumAgents = [
  pod('kube-system', 'cilium-aaa', {
    labels: { 'k8s-app': 'cilium' },
    image: 'quay.io/cilium/cilium:v1.18.4@sha256:abc',
    node: 'node-2',
  }),
  pod('kube-system', 'cilium-bbb', {
    labels: { 'k8s-app': 'cilium' },
    image: 'quay.io/cilium/cilium:v1.19.5@sha256:abc',
    node: 'node-1',
  }),
];

export const checkout = pod('shop', 'checkout-7d9f-abcde', {
  labels: { app: 'checkout', 'pod-template-hash': '7d9f' },
  owner: { kind: 'ReplicaSet', name: 'checkout-7d9f' },
});

/** One object of every kind that is evaluated, so that a directory of them lacks none. */
export const cluster: readonly RawObject[] = [
  namespace('shop'),
  namespace('kube-system'),
  namespace('default'),
  object(
    'v1',
    'Node',
    { name: 'node-1' },
    {
      status: {
        addresses: [
          { type: 'InternalIP', address: '192.168.1.10' },
          { type: 'Hostname', address: 'node-1' },
        ],
        images: [{ names: ['x'] }],
      },
    },
  ),
  checkout,
  ...dnsPods,
  ...ciliumAgents,
  object(
    'v1',
    'Service',
    { namespace: 'kube-system', name: 'kube-dns', labels: { 'k8s-app': 'kube-dns' } },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.96.0.10',
        clusterIPs: ['10.96.0.10'],
        selector: { 'k8s-app': 'kube-dns' },
        ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }],
      },
      status: { loadBalancer: {} },
    },
  ),
  object(
    'v1',
    'Service',
    { namespace: 'shop', name: 'legacy' },
    { spec: { type: 'ExternalName', externalName: 'old.vendor.example' } },
  ),
  object(
    'v1',
    'Service',
    { namespace: 'shop', name: 'headless' },
    { spec: { clusterIP: 'None', clusterIPs: ['None'], ports: null } },
  ),
  object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { namespace: 'kube-system', name: 'kube-dns-x', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    {
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.10'], conditions: { ready: true } },
        { addresses: ['10.0.0.11'], conditions: { ready: false } },
      ],
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
    },
  ),
  object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { namespace: 'shop', name: 'orphan' },
    { endpoints: null, ports: null },
  ),
  object(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    { namespace: 'shop', name: 'deny-all' },
    { spec: { podSelector: {}, policyTypes: ['Egress'] } },
  ),
  ciliumPolicy,
  object(
    'cilium.io/v2',
    'CiliumClusterwideNetworkPolicy',
    { name: 'baseline' },
    {
      spec: { endpointSelector: {}, egressDeny: [{ toEntities: ['host'] }], ingress: [{}] },
    },
  ),
  object('cilium.io/v2', 'CiliumCIDRGroup', { name: 'partners' }, { spec: { externalCIDRs: ['203.0.113.0/24'] } }),
  object(
    'apps/v1',
    'DaemonSet',
    { namespace: 'kube-system', name: 'cilium' },
    {
      spec: {
        template: {
          metadata: { labels: { 'k8s-app': 'cilium' } },
          spec: { containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.5' }] },
        },
      },
    },
  ),
  object('apps/v1', 'DaemonSet', { namespace: 'default', name: 'node-exporter' }, { spec: {} }),
  object(
    'apps/v1',
    'Deployment',
    { namespace: 'shop', name: 'checkout' },
    {
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'checkout' } },
        template: { spec: { containers: [{ env: [{ name: 'PASSWORD', value: 'hunter2hunter2' }] }] } },
      },
    },
  ),
  object(
    'v1',
    'ConfigMap',
    { namespace: 'kube-system', name: 'cilium-config' },
    { data: { 'enable-policy': 'default', 'cluster-name': 'lab' } },
  ),
];
