// Cilium: all its CRDs, its settings as a ConfigMap, and the agent as a DaemonSet, named and labelled as on users' clusters.
import { join } from 'node:path';
import { systemImageNames } from '../images/system-images.ts';
import { paths } from '../paths.ts';
import { plan } from '../plan.ts';
import type { CiliumPrograms } from '../toolchain/programs.ts';
import { apply, kubectl } from './api.ts';
import { labGroup } from './control-groups.ts';
import { clusterAdmin, type Volume, volumes } from './manifests.ts';

const namespace = 'kube-system';
const healthPort = 9879;
const cgroupInPod = '/host/cgroup';
const cniInPod = '/host/etc/cni/net.d';

/** The agent reads these from the mounted ConfigMap, so that the ConfigMap tells the truth. All values are strings. */
const settings: Readonly<Record<string, string>> = {
  'agent-health-port': String(healthPort),
  'cgroup-root': cgroupInPod,
  'cluster-id': '0',
  'cluster-name': 'default',
  devices: plan.nodeLink,
  debug: 'false',
  'enable-bpf-masquerade': 'false',
  'enable-endpoint-health-checking': 'false',
  'enable-health-checking': 'false',
  'enable-hubble': 'true',
  'enable-ipv4': 'true',
  'enable-ipv4-masquerade': 'true',
  'enable-ipv6': 'false',
  'enable-l7-proxy': 'true',
  'enable-policy': 'default',
  // No Envoy: rules for HTTP cannot be enforced; those for DNS can, as that proxy is in the agent.
  'external-envoy-proxy': 'true',
  'hubble-disable-tls': 'true',
  'hubble-listen-address': ':4244',
  'hubble-socket-path': '/var/run/cilium/hubble.sock',
  // Without an operator: identities are made by the agent, addresses come from the range that Kubernetes gave the node.
  'identity-allocation-mode': 'crd',
  ipam: 'kubernetes',
  'ipv4-native-routing-cidr': plan.podCidr,
  'k8s-require-ipv4-pod-cidr': 'true',
  'kube-proxy-replacement': 'true',
  'lib-dir': '/var/lib/cilium',
  'monitor-aggregation': 'medium',
  'routing-mode': 'native',
  'state-dir': '/var/run/cilium',
  // The node is Ready only once the agent has written this.
  'write-cni-conf-when-ready': join(cniInPod, '05-cilium.conflist'),
};

function agentVolumes(programs: CiliumPrograms): readonly Volume[] {
  return [
    { name: 'cilium-run', path: '/run/cilium', at: '/var/run/cilium', type: 'DirectoryOrCreate' },
    { name: 'bpf-maps', path: '/sys/fs/bpf', at: '/sys/fs/bpf', propagation: 'Bidirectional' },
    { name: 'cgroup', path: labGroup, at: cgroupInPod },
    { name: 'netns', path: '/run/netns', at: '/var/run/netns', propagation: 'HostToContainer' },
    { name: 'etc-cni-netd', path: paths.cniConfig, at: cniInPod },
    { name: 'xtables-lock', path: '/run/xtables.lock', at: '/run/xtables.lock', type: 'FileOrCreate' },
    { name: 'usr', path: '/usr', at: '/usr', readOnly: true },
    { name: 'alternatives', path: '/etc/alternatives', at: '/etc/alternatives', readOnly: true },
    { name: 'lib-modules', path: '/lib/modules', at: '/lib/modules', readOnly: true },
    { name: 'programs', path: programs.cilium, at: '/opt/cilium/bin', readOnly: true },
    { name: 'cilium-config-path', configMap: 'cilium-config', at: '/tmp/cilium/config-map', readOnly: true },
  ];
}

function probe(initialDelaySeconds: number): object {
  const httpHeaders = [{ name: 'brief', value: 'true' }];
  return {
    httpGet: { host: '127.0.0.1', path: '/healthz', port: healthPort, scheme: 'HTTP', httpHeaders },
    initialDelaySeconds,
    periodSeconds: 2,
    timeoutSeconds: 5,
    failureThreshold: 30,
  };
}

function agentContainer(image: string, mounts: readonly object[]): object {
  const fieldRef = (fieldPath: string): object => ({ fieldRef: { apiVersion: 'v1', fieldPath } });
  return {
    name: 'cilium-agent',
    image,
    imagePullPolicy: 'Never',
    command: ['cilium-agent'],
    args: ['--config-dir=/tmp/cilium/config-map'],
    env: [
      { name: 'K8S_NODE_NAME', valueFrom: fieldRef('spec.nodeName') },
      { name: 'CILIUM_K8S_NAMESPACE', valueFrom: fieldRef('metadata.namespace') },
      // The service's address works only once the agent itself has made it work.
      { name: 'KUBERNETES_SERVICE_HOST', value: plan.nodeAddress },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(plan.apiPort) },
    ],
    readinessProbe: probe(2),
    livenessProbe: probe(120),
    securityContext: { privileged: true },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts,
  };
}

function daemonSet(image: string, programs: CiliumPrograms): object {
  const labels = {
    'k8s-app': 'cilium',
    'app.kubernetes.io/name': 'cilium-agent',
    'app.kubernetes.io/part-of': 'cilium',
  };
  const { podVolumes, mounts } = volumes(agentVolumes(programs));
  const spec = {
    hostNetwork: true,
    serviceAccountName: 'cilium',
    priorityClassName: 'system-node-critical',
    terminationGracePeriodSeconds: 1,
    tolerations: [{ operator: 'Exists' }],
    containers: [agentContainer(image, mounts)],
    volumes: podVolumes,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'cilium', namespace, labels },
    spec: { selector: { matchLabels: { 'k8s-app': 'cilium' } }, template: { metadata: { labels }, spec } },
  };
}

export async function applyCiliumCrds(programs: CiliumPrograms): Promise<void> {
  await kubectl(programs, ['apply', '--server-side', '--recursive', '--filename', join(programs.cilium, 'crds')]);
}

export async function applyCilium(programs: CiliumPrograms): Promise<void> {
  const { cilium } = await systemImageNames();
  await apply(programs, 'cilium', [
    ...clusterAdmin('cilium', namespace),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cilium-config', namespace }, data: settings },
    daemonSet(cilium, programs),
  ]);
}
