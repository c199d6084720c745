// Hubble Relay: asks the agents of all nodes for flows. Named, labelled and set as Cilium's chart does with TLS switched off.
import { systemImageNames } from '../images/system-images.ts';
import { plan } from '../plan.ts';
import type { Programs } from '../toolchain/programs.ts';
import { apply } from './api.ts';
import { serviceAccount, volumes } from './manifests.ts';

const namespace = 'kube-system';
const name = 'hubble-relay';
const labels = { 'k8s-app': name, 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'cilium' };
const grpcPort = 4245;
const healthPort = 4222;
/** Where every agent listens: `hubble-listen-address` of `cilium.ts`. */
const peerPort = 4244;

/** The sort buffer's settings are the defaults, written down because they bound how soon a follower hears of a flow. */
const config = `cluster-name: default
peer-service: "hubble-peer.${namespace}.svc.${plan.clusterDomain}.:80"
listen-address: :${grpcPort}
health-listen-address: :${healthPort}
gops: false
retry-timeout: 2s
sort-buffer-len-max: 100
sort-buffer-drain-timeout: 1s
disable-client-tls: true
disable-server-tls: true
`;

function service(metadata: object, selector: object, port: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ protocol: 'TCP', ...port }] } };
}

function container(image: string, mounts: readonly object[]): object {
  return {
    name,
    image,
    imagePullPolicy: 'Never',
    args: ['serve'],
    ports: [{ name: 'grpc', containerPort: grpcPort }],
    readinessProbe: { grpc: { port: healthPort }, periodSeconds: 2, timeoutSeconds: 3 },
    volumeMounts: mounts,
  };
}

function deployment(image: string): object {
  const { podVolumes, mounts } = volumes([
    { name: 'config', configMap: 'hubble-relay-config', at: '/etc/hubble-relay', readOnly: true },
  ]);
  const spec = {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [container(image, mounts)],
    volumes: podVolumes,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { 'k8s-app': name } },
      template: { metadata: { labels }, spec },
    },
  };
}

export async function applyHubbleRelay(programs: Programs): Promise<void> {
  const { hubbleRelay } = await systemImageNames();
  const peer = { name: 'hubble-peer', namespace, labels: { 'k8s-app': 'cilium' } };
  await apply(programs, name, [
    serviceAccount(name, namespace),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hubble-relay-config', namespace },
      data: { 'config.yaml': config },
    },
    service(peer, { 'k8s-app': 'cilium' }, { name: 'peer-service', port: 80, targetPort: peerPort }),
    service({ name, namespace, labels }, { 'k8s-app': name }, { port: 80, targetPort: 'grpc' }),
    deployment(hubbleRelay),
  ]);
}
