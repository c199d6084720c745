// `status`: whether the lab is up, where its kubeconfig is, and which versions run in it.
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiReady } from './cluster/api.ts';
import { deadPrograms } from './cluster/processes.ts';
import { engine } from './engine.ts';
import { labFolder, paths } from './paths.ts';
import { goModules, versionOf } from './toolchain/go-modules.ts';
import { hashOf } from './tools/atomic.ts';

export interface Status {
  readonly up: boolean;
  readonly kubeconfig?: string;
  readonly kubectl?: string;
  /** Certificate of the authority that signs those of the lab's internet. */
  readonly caCert?: string;
  readonly versions?: Readonly<Record<string, string>>;
  /** Of the lab's files when it was started. */
  readonly fingerprint?: string;
  /** Programs that have ended although the lab was not taken down. */
  readonly dead?: readonly string[];
}

export async function versions(): Promise<Record<string, string>> {
  const { kubernetes, etcd, coredns, cilium, sourceController, kustomizeController, argocd, calico } = goModules;
  const common = { kubernetes, etcd, coredns };
  const theirs = engine === 'calico' ? { calico } : { cilium, sourceController, kustomizeController, argocd };
  const modules = Object.entries({ ...common, ...theirs });
  return Object.fromEntries(await Promise.all(modules.map(async ([name, module]) => [name, await versionOf(module)])));
}

/** What is Calico's alone is no reason to start the cluster with Cilium anew. */
function isOurs(entry: Dirent): boolean {
  return engine === 'calico' || !`${entry.parentPath}/`.includes('/calico/');
}

export async function fingerprint(): Promise<string> {
  const entries = await readdir(labFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !entry.name.endsWith('.md') && !entry.name.endsWith('.test.ts') && isOurs(entry),
  );
  const texts = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return hashOf(...(await Promise.all(texts.map((name) => readFile(name, 'utf8')))));
}

export async function status(): Promise<Status> {
  const text = await readFile(paths.upFile, 'utf8').catch(() => undefined);
  if (text === undefined) return { up: false };
  const dead = await deadPrograms();
  const isUp = dead.length === 0 && (await apiReady().catch(() => false));
  const saved: Omit<Status, 'up'> = JSON.parse(text);
  return { up: isUp, ...saved, ...(dead.length > 0 ? { dead } : {}) };
}
