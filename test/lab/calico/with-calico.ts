// The cluster with Calico: what is built for it, and its objects. It has kube-proxy, Goldmane and Whisker, and neither Flux nor Argo CD.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Built } from '../built.ts';
import { apply, kubectl } from '../cluster/api.ts';
import { applyDns } from '../cluster/dns.ts';
import { buildImages } from '../images/recipe.ts';
import { workloadImages } from '../images/workload-images.ts';
import { internetCaCertificate } from '../internet/authority.ts';
import { kubeconfigPath, paths } from '../paths.ts';
import { plan } from '../plan.ts';
import { buildCalicoPrograms, type CalicoPrograms } from '../toolchain/programs.ts';
import { identityObjects } from './identity.ts';
import { calicoImages } from './images.ts';
import { startKubeProxy } from './kube-proxy.ts';
import { nodeObjects } from './node.ts';
import { calicoObjects, cniConfig, namespace } from './objects.ts';
import { goldmaneObjects, whiskerObjects } from './whisker.ts';

/** The node is Ready once this is there: only then may pods come, as Calico's plugin needs its kinds. */
async function writeCniConfig(): Promise<void> {
  await mkdir(paths.cniConfig, { recursive: true });
  const text = JSON.stringify(cniConfig(kubeconfigPath('admin')), null, 2);
  await writeFile(join(paths.cniConfig, '10-calico.conflist'), text);
}

async function start(programs: CalicoPrograms): Promise<void> {
  await startKubeProxy(programs);
  await kubectl(programs, ['apply', '--server-side', '--filename', join(programs.calico, 'crds')]);
  await kubectl(programs, ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await apply(programs, 'calico', calicoObjects);
  await writeCniConfig();
  await apply(programs, 'calico-certificates', await identityObjects());
  await apply(programs, 'calico-node', nodeObjects());
  await applyDns(programs);
  await apply(programs, 'goldmane', goldmaneObjects());
  await apply(programs, 'whisker', whiskerObjects());
}

async function waitUntilReady(programs: CalicoPrograms): Promise<void> {
  const rollout = (of: string, object: string): Promise<string> =>
    kubectl(programs, ['--namespace', of, 'rollout', 'status', object, '--timeout=180s']);
  await kubectl(programs, ['wait', '--for=condition=Ready', `node/${plan.nodeName}`, '--timeout=120s']);
  await rollout(namespace, 'daemonset/calico-node');
  await rollout('kube-system', 'deployment/coredns');
  await rollout(namespace, 'deployment/goldmane');
  await rollout(namespace, 'deployment/whisker');
}

export async function buildWithCalico(): Promise<Built> {
  const images = async (): Promise<string[]> => buildImages(await workloadImages(internetCaCertificate));
  const [programs, workloads] = await Promise.all([buildCalicoPrograms(), images()]);
  return {
    title: 'Calico and CoreDNS',
    programs,
    system: await calicoImages(programs).then(buildImages),
    workloads,
    cniPlugins: { calico: join(programs.calico, 'calico-cni'), 'host-local': '/usr/lib/cni/host-local' },
    start: () => start(programs),
    waitUntilReady: () => waitUntilReady(programs),
  };
}
