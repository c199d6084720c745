// The cluster's DNS: CoreDNS with the settings that kubeadm gives it, behind the service kube-dns.
import { systemImageNames } from '../images/system-images.ts';
import { plan } from '../plan.ts';
import type { Programs } from '../toolchain/programs.ts';
import { apply } from './api.ts';
import { bindClusterRole, serviceAccount, volumes } from './manifests.ts';

const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${plan.clusterDomain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'system:coredns' },
  rules: [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
};

const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  { name: 'metrics', port: 9153, protocol: 'TCP' },
] as const;

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace, labels: { ...labels, 'kubernetes.io/name': 'CoreDNS' } },
  spec: {
    selector: labels,
    clusterIP: plan.dnsService,
    ports: ports.map((port) => ({ ...port, targetPort: port.port })),
  },
};

function container(image: string, mounts: readonly object[]): object {
  return {
    name: 'coredns',
    image,
    imagePullPolicy: 'Never',
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: ports.map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
    volumeMounts: mounts,
  };
}

function deployment(image: string): object {
  const { podVolumes, mounts } = volumes([
    { name: 'config-volume', configMap: 'coredns', at: '/etc/coredns', readOnly: true },
  ]);
  const spec = {
    serviceAccountName: 'coredns',
    priorityClassName: 'system-cluster-critical',
    dnsPolicy: 'Default', // the node's name server, which is the public one; asking itself would be a loop
    containers: [container(image, mounts)],
    volumes: podVolumes,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace, labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

export async function applyDns(programs: Programs): Promise<void> {
  const { coredns } = await systemImageNames();
  await apply(programs, 'coredns', [
    serviceAccount('coredns', namespace),
    role,
    bindClusterRole('system:coredns', 'coredns', namespace),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace }, data: { Corefile: corefile } },
    service,
    deployment(coredns),
  ]);
}
