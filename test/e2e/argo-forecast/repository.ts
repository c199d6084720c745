/** The bare repository behind all Applications of the suite, one branch each, on the lab's Git server: a commit concerns one Application alone. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gitSite } from '../../lab/internet/zone.ts';
import { paths } from '../../lab/paths.ts';

const NAME = 'argo-forecast.git';
const folder = join(paths.git, NAME);

/** As the cluster names it. */
export const CLUSTER_URL = `http://${gitSite.name}/${NAME}`;
/** As this machine reaches it, which does not ask the lab's name server. */
export const MACHINE_URL = `http://${gitSite.address}/${NAME}`;

export type Files = Readonly<Record<string, string>>;

const git = (args: readonly string[], input?: string): string =>
  execFileSync('git', args, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });

export function createRepository(): void {
  removeRepository();
  git(['init', '--quiet', '--bare', '--initial-branch=main', folder]);
}

export function removeRepository(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** One commit on each branch, whose tree holds these files and no others; all in one run of git. */
export function commit(branches: ReadonlyMap<string, Files>): void {
  const existing = new Set(git(['-C', folder, 'branch', '--format=%(refname:short)']).split('\n'));
  const stream = [...branches].map(([branch, files]) => oneCommit(branch, files, existing.has(branch))).join('');
  git(['-C', folder, 'fast-import', '--quiet'], stream);
}

function oneCommit(branch: string, files: Files, hasParent: boolean): string {
  const ref = `refs/heads/${branch}`;
  const author = `e2e <e2e@example.invalid> ${Math.floor(Date.now() / 1000)} +0000`;
  const blobs = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const parent = hasParent ? `from ${ref}^0\n` : '';
  return `commit ${ref}\ncommitter ${author}\n${data(`set ${branch}`)}${parent}deleteall\n${blobs.join('')}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
