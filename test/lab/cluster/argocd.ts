// Argo CD: its CRDs, its settings and its three programs, named as an installation's manifests name them. They run no pod before a suite
// scales them up (test/e2e/support/argocd.ts): nobody else in the lab waits for them or shares the processor with them.
import { join } from 'node:path';
import { systemImageNames } from '../images/system-images.ts';
import type { CiliumPrograms } from '../toolchain/programs.ts';
import { waitFor } from '../tools/wait-for.ts';
import { apply, kubectl } from './api.ts';
import { clusterAdmin, type Volume, volumes } from './manifests.ts';

const namespace = 'argocd';
const controller = 'argocd-application-controller';
const repoServer = 'argocd-repo-server';
const redis = 'argocd-redis';
const ports = { redis: 6379, repoServer: 8081 } as const;

/** Argo CD reads only ConfigMaps and Secrets with this label. */
const partOf = { 'app.kubernetes.io/part-of': 'argocd' };

const settings: Readonly<Record<string, string>> = {
  // What its cache holds: the kinds of policies, and not every object of a cluster that other suites share.
  'resource.inclusions': JSON.stringify([
    { apiGroups: ['cilium.io'], kinds: ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'], clusters: ['*'] },
    { apiGroups: ['networking.k8s.io'], kinds: ['NetworkPolicy'], clusters: ['*'] },
    { apiGroups: [''], kinds: ['Namespace', 'ConfigMap'], clusters: ['*'] },
  ]),
};

/** As Argo CD's API server, which the lab has not, makes it at its first start. */
const defaultProject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'default', namespace },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

function meta(name: string): object {
  return { name, namespace, labels: { 'app.kubernetes.io/name': name, ...partOf } };
}

function service(name: string, port: number): object {
  const spec = { selector: { 'app.kubernetes.io/name': name }, ports: [{ port, targetPort: port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: meta(name), spec };
}

interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Volume[];
  readonly serviceAccountName?: string;
}

function workload({ kind, name, image, args, port, environment = {}, ...rest }: Workload): object {
  const labels = { 'app.kubernetes.io/name': name };
  const { podVolumes, mounts } = volumes(rest.volumes ?? []);
  const container = {
    name,
    image,
    imagePullPolicy: 'Never',
    args,
    env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: mounts,
  };
  const pod = {
    terminationGracePeriodSeconds: 1,
    ...(rest.serviceAccountName === undefined ? {} : { serviceAccountName: rest.serviceAccountName }),
    containers: [container],
    volumes: podVolumes,
  };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: meta(name),
    spec: {
      replicas: 0,
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
    },
  };
}

function workloads(image: string): object[] {
  const toRedis = `--redis=${redis}:${ports.redis}`;
  return [
    workload({ kind: 'Deployment', name: redis, image, args: ['redis'], port: ports.redis }),
    workload({
      kind: 'Deployment',
      name: repoServer,
      image,
      // Revisions are not remembered: a suite's commit is to be seen at once.
      args: [repoServer, toRedis, '--revision-cache-expiration=1s', '--loglevel=warn'],
      port: ports.repoServer,
      environment: { ARGOCD_GPG_ENABLED: 'false', HOME: '/tmp' },
      // Its git is the machine's.
      volumes: [{ name: 'usr', path: '/usr', at: '/usr', readOnly: true }],
    }),
    workload({
      kind: 'StatefulSet',
      name: controller,
      image,
      // It looks at Git when a suite asks it to, and heals without waiting.
      args: [
        controller,
        toRedis,
        `--repo-server=${repoServer}:${ports.repoServer}`,
        '--app-resync=3600',
        '--app-resync-jitter=0',
        '--self-heal-timeout-seconds=1',
        '--self-heal-backoff-timeout-seconds=0',
        '--repo-error-grace-period-seconds=0',
        '--status-processors=4',
        '--operation-processors=4',
      ],
      port: 8082,
      serviceAccountName: controller,
    }),
  ];
}

/** `kubectl wait` fails on a CRD that has no conditions yet. */
async function knowsProjects(programs: CiliumPrograms): Promise<boolean> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Established")].status}';
  return (await kubectl(programs, ['get', 'crd', 'appprojects.argoproj.io', '--output', path])).trim() === 'True';
}

export async function applyArgo(programs: CiliumPrograms): Promise<void> {
  const { argocd: image } = await systemImageNames();
  await kubectl(programs, ['apply', '--server-side', '--kustomize', join(programs.argocd, 'crds')]);
  await waitFor('the API of Argo CD', () => knowsProjects(programs), { seconds: 30 });
  await apply(programs, 'argocd', [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...clusterAdmin(controller, namespace),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('argocd-cm'), data: settings },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta('argocd-secret'), stringData: { 'server.secretkey': 'lab' } },
    defaultProject,
    service(redis, ports.redis),
    service(repoServer, ports.repoServer),
    ...workloads(image),
  ]);
}
