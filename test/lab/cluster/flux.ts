// Flux: source-controller and kustomize-controller, as its own manifests deploy them. Intervals are short, so that tests are quick;
// its network policies are left out.
import { join } from 'node:path';
import { systemImageNames } from '../images/system-images.ts';
import { plan } from '../plan.ts';
import type { CiliumPrograms } from '../toolchain/programs.ts';
import { apply, kubectl } from './api.ts';
import { clusterAdmin } from './manifests.ts';

const namespace = 'flux-system';
const health = 9440;
const artifacts = 9090;

/** What is wrong is looked at again after a second or two; by default minutes. */
const impatient = ['--requeue-dependency=2s', '--min-retry-delay=500ms', '--max-retry-delay=2s', '--concurrent=8'];

interface Controller {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  /** Empty folders, as the root is read-only. */
  readonly folders: readonly string[];
}

function container({ name, image, args, folders }: Controller): object {
  const runtimeNamespace = { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name: 'manager',
    image,
    imagePullPolicy: 'Never',
    args: ['--watch-all-namespaces', '--log-level=info', '--log-encoding=json', ...impatient, ...args],
    env: [
      { name: 'RUNTIME_NAMESPACE', valueFrom: runtimeNamespace },
      { name: 'TUF_ROOT', value: '/tmp/.sigstore' },
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65534,
      capabilities: { drop: ['ALL'] },
    },
    ports: [
      { name: 'healthz', containerPort: health },
      ...(name === 'source-controller' ? [{ name: 'http', containerPort: artifacts }] : []),
    ],
    readinessProbe: { httpGet: { path: '/readyz', port: 'healthz' }, periodSeconds: 2 },
    volumeMounts: folders.map((folder) => ({ name: folder, mountPath: `/${folder}` })),
  };
}

function deployment(controller: Controller): object {
  const { name, folders } = controller;
  const labels = { app: name, 'app.kubernetes.io/component': name, 'app.kubernetes.io/part-of': 'flux' };
  const spec = {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 1,
    securityContext: { fsGroup: 1337 },
    containers: [container(controller)],
    volumes: folders.map((folder) => ({ name: folder, emptyDir: {} })),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels }, spec },
    },
  };
}

/** Where kustomize-controller fetches what source-controller has fetched. */
const artifactService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'source-controller', namespace },
  spec: { selector: { app: 'source-controller' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
};

async function controllers(): Promise<readonly Controller[]> {
  const { sourceController, kustomizeController } = await systemImageNames();
  const artifactHost = `source-controller.${namespace}.svc.${plan.clusterDomain}.`;
  return [
    {
      name: 'source-controller',
      image: sourceController,
      args: ['--storage-path=/data', `--storage-adv-addr=${artifactHost}`],
      folders: ['data', 'tmp'],
    },
    { name: 'kustomize-controller', image: kustomizeController, args: [], folders: ['tmp'] },
  ];
}

export async function applyFlux(programs: CiliumPrograms): Promise<void> {
  const crds = [programs.sourceController, programs.kustomizeController].map((folder) => join(folder, 'crds'));
  await kubectl(programs, ['apply', '--server-side', ...crds.flatMap((folder) => ['--filename', folder])]);
  const all = await controllers();
  await apply(programs, 'flux', [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...all.flatMap(({ name }) => clusterAdmin(name, namespace)),
    artifactService,
    ...all.map(deployment),
  ]);
}
