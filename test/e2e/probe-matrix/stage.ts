/** The matrix's namespace: for each image its pods, under a policy that allows every name of the matrix but two. */
import * as k8s from '@kubernetes/client-node';
import { plan } from '../../lab/plan.ts';
import { applyYaml, deleteNamespace, eventually, type TestCluster } from '../support/cluster.ts';
import type { Setting } from './endpoints.ts';
import { type Image, images } from './images.ts';

export const NAMESPACE = 'probe-matrix';
/** Sees every process of the node, and through them every container's files. */
export const WATCHER = { namespace: NAMESPACE, name: 'watcher' };

type Container = k8s.V1Container;

const proxies = ['proxy', 'proxy-asks', 'proxy-denies'] as const satisfies readonly Setting[];

/** The lookups that the name server gets REFUSED for are all but these. */
const policy = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: matrix, namespace: ${NAMESPACE} }
spec:
  endpointSelector: {}
  egress:
    - toEndpoints: [{ matchLabels: { k8s:io.kubernetes.pod.namespace: kube-system, k8s-app: kube-dns } }]
      toPorts:
        - ports: [{ port: "53", protocol: ANY }]
          rules:
            dns:
              - matchPattern: "*.matrix.example"
              - matchPattern: "**.cluster.local"
              - matchPattern: "**.corp.example"
              - matchName: blocked.elsewhere.example
    - toCIDR: ["${plan.publicDns}/32"]
      toPorts:
        - ports: [{ port: "53", protocol: ANY }]
          rules: { dns: [{ matchPattern: "*.matrix.example" }] }
    - toFQDNs: [{ matchPattern: "*.matrix.example" }, { matchPattern: "**.corp.example" }]
`;

export function placeOf(image: Image, setting: Setting): { readonly pod: string; readonly container: string } {
  const isProxy = proxies.some((proxy) => proxy === setting);
  return { pod: isProxy ? image.name : podName(image.name, setting), container: isProxy ? setting : 'app' };
}

function podName(image: string, setting: Setting): string {
  return setting === 'cluster' ? image : `${image}-${setting}`;
}

function container(image: string, name: string, more: Partial<Container> = {}): Container {
  return { name, image: `lab/${image}:1`, imagePullPolicy: 'Never', ...more };
}

function pod(name: string, spec: k8s.V1PodSpec): k8s.V1Pod {
  const metadata = { name, namespace: NAMESPACE, labels: { app: name } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { terminationGracePeriodSeconds: 0, ...spec } };
}

function podsOf({ name, command }: Image): readonly k8s.V1Pod[] {
  const more = command === undefined ? {} : { command: [...command] };
  const app = container(name, 'app', more);
  const behindProxies = proxies.map((proxy) => {
    const env = [{ name: 'HTTPS_PROXY', value: `http://${proxy}.matrix.example:3128` }];
    return container(name, proxy, { ...more, env });
  });
  const direct = { dnsPolicy: 'None', dnsConfig: { nameservers: [plan.publicDns] } };
  return [
    pod(podName(name, 'cluster'), { containers: [app, ...behindProxies] }),
    pod(podName(name, 'direct'), { containers: [app], ...direct }),
    pod(podName(name, 'suffix'), { containers: [app], dnsConfig: { searches: ['corp.example'] } }),
  ];
}

export const hostileWays = [
  'flood',
  'flood-lines',
  'endless',
  'binary',
  'ansi',
  'json',
  'instructions',
  'stubborn',
  'forged',
  'forged-with-mark',
] as const;
export type HostileWay = (typeof hostileWays)[number];

const hostile: k8s.V1Pod = pod('hostile', {
  containers: hostileWays.map((way) => container('hostile', way, { env: [{ name: 'HOSTILE', value: way }] })),
});

const watcher: k8s.V1Pod = pod(WATCHER.name, {
  hostPID: true,
  containers: [container('python', 'app', { command: ['sleep', 'infinity'], securityContext: { privileged: true } })],
});

export async function raise(cluster: TestCluster): Promise<void> {
  await clear(cluster);
  const core = cluster.config.makeApiClient(k8s.CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  await applyYaml(cluster, policy);
  const pods = [...images.flatMap(podsOf), hostile, watcher];
  await Promise.all(pods.map((body) => core.createNamespacedPod({ namespace: NAMESPACE, body })));
  await eventually('all pods of the matrix are ready', 240_000, async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    return items.filter(isReady).length === pods.length ? true : undefined;
  });
}

function isReady({ status }: k8s.V1Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

export async function clear(cluster: TestCluster): Promise<void> {
  await deleteNamespace(cluster, NAMESPACE);
}
