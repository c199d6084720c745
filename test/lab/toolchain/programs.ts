// Builds the lab's Go programs, each Go module into a cache folder named after a hash of all that it is built from.
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { hashOf, makeOnce } from '../tools/atomic.ts';
import { step } from '../tools/progress.ts';
import { run } from '../tools/run.ts';
import { type GoModule, type GoModuleName, goModules, moduleFolder, versionOf } from './go-modules.ts';

type Folders<Names extends GoModuleName> = Readonly<Record<Names, string>>;

/** Cache folder of each Go module's programs: those that every cluster has. */
export type Programs = Folders<'pause' | 'etcd' | 'kubernetes' | 'coredns'>;
export type CiliumPrograms = Programs & Folders<'cilium' | 'sourceController' | 'kustomizeController' | 'argocd'>;
export type CalicoPrograms = Programs & Folders<'calico'>;

// Without C: static programs need nothing of the container that they run in.
const env: NodeJS.ProcessEnv = { ...process.env, CGO_ENABLED: '0' };

async function sourcesOf(module: GoModule): Promise<string[]> {
  const folder = moduleFolder(module);
  const files = ['go.mod', 'go.sum', 'main.go', ...(module.moreSources ?? [])].map((name) =>
    readFile(join(folder, name), 'utf8').catch(() => ''),
  );
  return Promise.all(files);
}

async function linkerFlags(module: GoModule): Promise<string> {
  return ['-s -w', ...(module.linkerFlags?.(await versionOf(module)) ?? [])].join(' ');
}

async function build(module: GoModule, place: string): Promise<void> {
  const cwd = moduleFolder(module);
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', await linkerFlags(module)];
  await mkdir(place, { recursive: true });
  // One after the other: two links at a time need more memory than small machines have.
  for (const [name, source] of Object.entries(module.programs)) {
    await step(`building ${name}`, () => run('go', ['build', ...flags, '-o', join(place, name), source], { cwd, env }));
  }
  await copyFolders(module, place);
}

/** The module cache is read-only and may be emptied, so what the cluster needs of it is copied. */
async function copyFolders(module: GoModule, place: string): Promise<void> {
  if (module.folders === undefined) return;
  const listed = await run('go', ['list', '-m', '-f', '{{.Dir}}', module.versionOf ?? ''], {
    cwd: moduleFolder(module),
    env,
  });
  for (const [name, path] of Object.entries(module.folders)) {
    await cp(join(listed.trim(), path), join(place, name), { recursive: true });
    await run('chmod', ['-R', 'u+w', join(place, name)]);
  }
}

async function programsOf(module: GoModule, goVersion: string): Promise<string> {
  const recipe = JSON.stringify([module.programs, module.folders, await linkerFlags(module)]);
  const hash = hashOf(goVersion, recipe, ...(await sourcesOf(module)));
  return makeOnce(join(paths.programs, `${module.folder}-${hash}`), (temporary) => build(module, temporary));
}

async function builder(): Promise<(name: GoModuleName) => Promise<string>> {
  const goVersion = await run('go', ['version']).catch(() => {
    throw new Error('the lab is built with Go 1.26 or newer, but there is no `go` on the PATH');
  });
  return (name) => programsOf(goModules[name], goVersion);
}

// One module after the other: each keeps all processors busy by itself.
async function buildCommon(built: (name: GoModuleName) => Promise<string>): Promise<Programs> {
  return {
    pause: await built('pause'),
    etcd: await built('etcd'),
    kubernetes: await built('kubernetes'),
    coredns: await built('coredns'),
  };
}

export async function buildCiliumPrograms(): Promise<CiliumPrograms> {
  const built = await builder();
  return {
    ...(await buildCommon(built)),
    cilium: await built('cilium'),
    sourceController: await built('sourceController'),
    kustomizeController: await built('kustomizeController'),
    argocd: await built('argocd'),
  };
}

export async function buildCalicoPrograms(): Promise<CalicoPrograms> {
  const built = await builder();
  return { ...(await buildCommon(built)), calico: await built('calico') };
}
