// `up`: builds what is missing, starts the cluster, and waits until pods in it can resolve names. Does nothing if it is up.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubectl } from './cluster/api.ts';
import { applyArgo } from './cluster/argocd.ts';
import { applyCilium, applyCiliumCrds } from './cluster/cilium.ts';
import { importImages, startContainerd } from './cluster/containerd.ts';
import { createGroups } from './cluster/control-groups.ts';
import { preparePki, startApiServer, startControllers, writeResolvConf } from './cluster/control-plane.ts';
import { applyDns } from './cluster/dns.ts';
import { applyFlux } from './cluster/flux.ts';
import { applyHubbleRelay } from './cluster/hubble-relay.ts';
import { startKubelet } from './cluster/kubelet.ts';
import { connectNamespaces, createNamespaces } from './cluster/network.ts';
import { saveSysctls } from './cluster/sysctls.ts';
import { takeDown } from './down.ts';
import { probeImages } from './images/probe-images.ts';
import { buildImages } from './images/recipe.ts';
import { sdkImages } from './images/sdk-images.ts';
import { systemImages } from './images/system-images.ts';
import { workloadImages } from './images/workload-images.ts';
import { createInternetAuthority, internetCaCertificate } from './internet/authority.ts';
import { startInternet } from './internet/start.ts';
import { kubeconfigPath, paths } from './paths.ts';
import { plan } from './plan.ts';
import { fingerprint, status, versions } from './status.ts';
import { installPackages } from './toolchain/apt.ts';
import { buildPrograms, type Programs } from './toolchain/programs.ts';
import { removeUnfinished, removeUnused } from './tools/atomic.ts';
import { withLock } from './tools/lock.ts';
import { say, step } from './tools/progress.ts';

interface Built {
  readonly programs: Programs;
  /** Archives of the images that the cluster's own pods need, and of those for tests. */
  readonly system: readonly string[];
  readonly workloads: readonly string[];
}

async function build(): Promise<Built> {
  await Promise.all([paths.programs, paths.images, paths.parts, paths.cache].map(removeUnfinished));
  await installPackages();
  await createInternetAuthority();
  // Together, as one waits for the processor and the other for the network.
  const [programs, workloads] = await Promise.all([
    buildPrograms(),
    buildImages(
      (await Promise.all([workloadImages, probeImages, sdkImages].map((of) => of(internetCaCertificate)))).flat(),
    ),
  ]);
  const system = await systemImages(programs).then(buildImages);
  await Promise.all([paths.programs, paths.images, paths.parts].map(removeUnused));
  return { programs, system, workloads };
}

async function prepare(): Promise<void> {
  await mkdir(paths.cluster, { recursive: true });
  await saveSysctls();
  await createGroups();
  await Promise.all([createNamespaces(), preparePki()]);
  await Promise.all([connectNamespaces(), writeResolvConf()]);
}

async function startNode({ programs, system }: Built): Promise<void> {
  await startContainerd(programs);
  await importImages(system);
}

async function applyObjects(programs: Programs): Promise<void> {
  await applyCiliumCrds(programs);
  await applyCilium(programs);
  await applyDns(programs);
  await applyHubbleRelay(programs);
  await applyFlux(programs);
  await applyArgo(programs);
}

async function startCluster(built: Built): Promise<void> {
  const { programs } = built;
  await step('namespaces, links and certificates', prepare);
  await symlink(join(programs.kubernetes, 'kubectl'), paths.kubectl);
  await Promise.all([
    step('the internet', startInternet),
    step('containerd and its images', () => startNode(built)),
    step('the API server', () => startApiServer(programs)).then(() => startControllers(programs)),
  ]);
  await startKubelet(programs);
  await Promise.all([
    step('images for tests', () => importImages(built.workloads)),
    step('Cilium and CoreDNS', () => applyObjects(programs).then(() => waitUntilReady(programs))),
  ]);
}

async function waitUntilReady(programs: Programs): Promise<void> {
  const inSystem = ['--namespace', 'kube-system'];
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'daemonset/cilium', '--timeout=180s']);
  await kubectl(programs, ['wait', '--for=condition=Ready', `node/${plan.nodeName}`, '--timeout=120s']);
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'deployment/coredns', '--timeout=120s']);
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'deployment/hubble-relay', '--timeout=120s']);
  await kubectl(programs, ['--namespace', 'flux-system', 'rollout', 'status', 'deployment', '--timeout=120s']);
}

async function bringUp(): Promise<void> {
  const [now, wanted] = await Promise.all([status(), fingerprint()]);
  if (now.up && now.fingerprint === wanted) return say('the lab is up already');
  const built = await build();
  if (now.up) say("the lab's files have changed since it was started: it is started anew");
  await takeDown();
  await startCluster(built);
  const result = {
    kubeconfig: kubeconfigPath('admin'),
    kubectl: paths.kubectl,
    caCert: internetCaCertificate,
    versions: await versions(),
    fingerprint: wanted,
  };
  await writeFile(paths.upFile, JSON.stringify(result));
  say('the lab is up');
}

export async function up(): Promise<void> {
  await withLock(bringUp);
  say(`kubeconfig: ${kubeconfigPath('admin')}`);
}
