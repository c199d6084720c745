// `up`: builds what is missing, starts the cluster, and waits until pods in it can resolve names. Does nothing if it is up.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from './built.ts';
import { buildWithCalico } from './calico/with-calico.ts';
import { importImages, startContainerd } from './cluster/containerd.ts';
import { createGroups } from './cluster/control-groups.ts';
import { preparePki, startApiServer, startControllers, writeResolvConf } from './cluster/control-plane.ts';
import { startKubelet } from './cluster/kubelet.ts';
import { connectNamespaces, createNamespaces } from './cluster/network.ts';
import { saveSysctls } from './cluster/sysctls.ts';
import { takeDown } from './down.ts';
import { engine } from './engine.ts';
import { createInternetAuthority, internetCaCertificate } from './internet/authority.ts';
import { startInternet } from './internet/start.ts';
import { kubeconfigPath, paths } from './paths.ts';
import { fingerprint, status, versions } from './status.ts';
import { installPackages } from './toolchain/apt.ts';
import { removeUnfinished, removeUnused } from './tools/atomic.ts';
import { withLock } from './tools/lock.ts';
import { say, step } from './tools/progress.ts';
import { buildWithCilium } from './with-cilium.ts';

async function build(): Promise<Built> {
  await Promise.all([paths.programs, paths.images, paths.parts, paths.cache].map(removeUnfinished));
  await installPackages();
  await createInternetAuthority();
  const built = await (engine === 'calico' ? buildWithCalico() : buildWithCilium());
  await Promise.all([paths.programs, paths.images, paths.parts].map(removeUnused));
  return built;
}

async function prepare(): Promise<void> {
  await mkdir(paths.cluster, { recursive: true });
  await saveSysctls();
  await createGroups();
  await Promise.all([createNamespaces(), preparePki()]);
  await Promise.all([connectNamespaces(), writeResolvConf()]);
}

async function startNode({ cniPlugins, system }: Built): Promise<void> {
  await startContainerd(cniPlugins);
  await importImages(system);
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
    step(built.title, () => built.start().then(() => built.waitUntilReady())),
  ]);
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
