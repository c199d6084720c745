// The cluster with Cilium: what is built for it, and its objects. It also has Hubble Relay, Flux and Argo CD.
import { join } from 'node:path';
import type { Built } from './built.ts';
import { kubectl } from './cluster/api.ts';
import { applyArgo } from './cluster/argocd.ts';
import { applyCilium, applyCiliumCrds } from './cluster/cilium.ts';
import { applyDns } from './cluster/dns.ts';
import { applyFlux } from './cluster/flux.ts';
import { applyHubbleRelay } from './cluster/hubble-relay.ts';
import { probeImages } from './images/probe-images.ts';
import { buildImages } from './images/recipe.ts';
import { sdkImages } from './images/sdk-images.ts';
import { ciliumImages } from './images/system-images.ts';
import { workloadImages } from './images/workload-images.ts';
import { internetCaCertificate } from './internet/authority.ts';
import { plan } from './plan.ts';
import { buildCiliumPrograms, type CiliumPrograms } from './toolchain/programs.ts';

async function start(programs: CiliumPrograms): Promise<void> {
  await applyCiliumCrds(programs);
  await applyCilium(programs);
  await applyDns(programs);
  await applyHubbleRelay(programs);
  await applyFlux(programs);
  await applyArgo(programs);
}

async function waitUntilReady(programs: CiliumPrograms): Promise<void> {
  const inSystem = ['--namespace', 'kube-system'];
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'daemonset/cilium', '--timeout=180s']);
  await kubectl(programs, ['wait', '--for=condition=Ready', `node/${plan.nodeName}`, '--timeout=120s']);
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'deployment/coredns', '--timeout=120s']);
  await kubectl(programs, [...inSystem, 'rollout', 'status', 'deployment/hubble-relay', '--timeout=120s']);
  await kubectl(programs, ['--namespace', 'flux-system', 'rollout', 'status', 'deployment', '--timeout=120s']);
}

export async function buildWithCilium(): Promise<Built> {
  const images = async (): Promise<string[]> =>
    buildImages(
      (await Promise.all([workloadImages, probeImages, sdkImages].map((of) => of(internetCaCertificate)))).flat(),
    );
  // Together, as one waits for the processor and the other for the network.
  const [programs, workloads] = await Promise.all([buildCiliumPrograms(), images()]);
  return {
    title: 'Cilium and CoreDNS',
    programs,
    system: await ciliumImages(programs).then(buildImages),
    workloads,
    cniPlugins: { 'cilium-cni': join(programs.cilium, 'cilium-cni') },
    start: () => start(programs),
    waitUntilReady: () => waitUntilReady(programs),
  };
}
