// Images for the cluster's own pods: pause, CoreDNS, the Cilium agent, Hubble Relay, Flux and Argo CD.
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { goModules, versionOf } from '../toolchain/go-modules.ts';
import type { CiliumPrograms, Programs } from '../toolchain/programs.ts';
import { type ImageRecipe, put, sourceText } from './recipe.ts';

export interface SystemImageNames {
  readonly pause: string;
  readonly coredns: string;
  readonly cilium: string;
  readonly hubbleRelay: string;
  readonly sourceController: string;
  readonly kustomizeController: string;
  readonly argocd: string;
}

export async function systemImageNames(): Promise<SystemImageNames> {
  const modules = [goModules.coredns, goModules.cilium, goModules.sourceController, goModules.kustomizeController];
  const [coredns, cilium, source, kustomize] = await Promise.all(modules.map(versionOf));
  return {
    pause: 'lab/pause:1',
    coredns: `coredns/coredns:${coredns}`,
    cilium: `cilium/cilium:${cilium}`,
    hubbleRelay: `cilium/hubble-relay:${cilium}`,
    sourceController: `fluxcd/source-controller:${source}`,
    kustomizeController: `fluxcd/kustomize-controller:${kustomize}`,
    argocd: `argoproj/argocd:${await versionOf(goModules.argocd)}`,
  };
}

export function imageOfOneProgram(name: string, folder: string, program: string): ImageRecipe {
  return {
    name,
    entrypoint: [`/${program}`],
    madeFrom: [basename(folder)],
    fill: (root) => put(root, join(folder, program), program),
  };
}

/** Almost empty: /usr is the machine's, mounted into the pod, for clang, iptables and all that they need. */
async function fillCilium(root: string, programs: string): Promise<void> {
  const folders = ['usr', 'etc/alternatives', 'run', 'tmp', 'opt/llvm', 'var/lib/cilium'];
  await Promise.all(folders.map((name) => mkdir(join(root, name), { recursive: true })));
  await Promise.all(['bin', 'sbin', 'lib', 'lib64'].map((name) => symlink(`usr/${name}`, join(root, name))));
  await symlink('/run', join(root, 'var/run'));
  // The agent asks for its compiler by these names.
  await Promise.all(['clang', 'llc'].map((name) => symlink(`/usr/bin/${name}-19`, join(root, 'opt/llvm', name))));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  // In the image and not mounted, since the agent writes into this folder.
  await cp(join(programs, 'bpf'), join(root, 'var/lib/cilium/bpf'), { recursive: true });
}

/** Its git is the machine's: /usr is mounted into the pod that fetches. */
async function fillArgo(root: string, programs: string): Promise<void> {
  const folders = ['usr', 'tmp', 'etc', 'app/config/ssh', 'app/config/tls'];
  await Promise.all(folders.map((name) => mkdir(join(root, name), { recursive: true })));
  await Promise.all(['bin', 'lib', 'lib64'].map((name) => symlink(`usr/${name}`, join(root, name))));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await put(root, join(programs, 'argocd'), 'argocd');
}

/** Of every cluster. */
export async function commonImages(programs: Programs): Promise<readonly ImageRecipe[]> {
  const names = await systemImageNames();
  return [
    imageOfOneProgram(names.pause, programs.pause, 'pause'),
    imageOfOneProgram(names.coredns, programs.coredns, 'coredns'),
  ];
}

export async function ciliumImages(programs: CiliumPrograms): Promise<readonly ImageRecipe[]> {
  const names = await systemImageNames();
  const cilium: ImageRecipe = {
    name: names.cilium,
    // HUBBLE_SERVER as in the official image, so that a bare `hubble observe` works.
    environment: [
      'PATH=/opt/cilium/bin:/opt/llvm:/usr/sbin:/usr/bin',
      'HUBBLE_SERVER=unix:///var/run/cilium/hubble.sock',
    ],
    madeFrom: [basename(programs.cilium), await sourceText('system-images.ts')],
    fill: (root) => fillCilium(root, programs.cilium),
  };
  return [
    ...(await commonImages(programs)),
    cilium,
    imageOfOneProgram(names.hubbleRelay, programs.cilium, 'hubble-relay'),
    imageOfOneProgram(names.sourceController, programs.sourceController, 'source-controller'),
    {
      name: names.argocd,
      entrypoint: ['/argocd'],
      madeFrom: [basename(programs.argocd), await sourceText('system-images.ts')],
      fill: (root) => fillArgo(root, programs.argocd),
    },
    imageOfOneProgram(names.kustomizeController, programs.kustomizeController, 'kustomize-controller'),
  ];
}
