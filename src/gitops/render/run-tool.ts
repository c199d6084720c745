/** Runs kustomize or helm on files of a repository: in a private folder, without network, credentials or configuration, bounded; used by `kustomize.ts` and `helm.ts`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NotRead } from '../../core/model/cluster-state.ts';
import { clean } from '../../core/text/clean.ts';
import { runProgram } from '../access/git-command.ts';
import { createPrivateFolder } from '../access/private-folder.ts';
import { installed } from './installed.ts';
import { isolation } from './isolation.ts';
import { NotRendered } from './not-rendered.ts';

export interface Tool {
  readonly name: string;
  /** `{}` is the folder, `{checkout}` the repository's root, `{beside}` where the files beside it are. */
  readonly args: readonly string[];
}

export interface Job {
  /** By path from the repository's root. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly folder: string;
  /** By name, in a folder of their own: values. */
  readonly beside?: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;
const MAX_OUTPUT = 8 * 1024 * 1024;
/** Nothing listens there: where a program cannot be kept from the network, it fails to fetch something at once. */
const NOWHERE = 'http://127.0.0.1:9';

export interface Output {
  readonly text: string;
  /** What the program could have done beside its work. */
  readonly limits: readonly NotRead[];
}

/** What the first of the tools that is installed prints. @throws NotRendered */
export async function runTool(tools: readonly Tool[], job: Job): Promise<Output> {
  const found = await firstInstalled(tools);
  if (found === undefined) throw new NotRendered(`${tools.map(({ name }) => name).join(' or ')} is not installed`);
  const place = await createPrivateFolder();
  try {
    const checkout = join(place.path, 'checkout');
    const beside = join(place.path, 'beside');
    await writeFiles(checkout, job.files);
    await writeFiles(beside, job.beside ?? new Map<string, string>());
    const args = found.args.map((arg) => placed(arg, { checkout, beside, folder: join(checkout, job.folder) }));
    const until = AbortSignal.any([job.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const options = { cwd: place.path, env: environment(place.path), signal: until, maxOutput: MAX_OUTPUT };
    const apart = await isolation(until);
    const [program, ...before] = 'command' in apart ? [...apart.command, found.path] : [found.path];
    const ran = await runProgram(program, [...before, ...args], options).catch((error: unknown) => {
      if (job.signal.aborted || !until.aborted) throw error;
      throw new NotRendered(`${found.name} took longer than ${TIMEOUT_MS / 1000} s`);
    });
    if (ran.code === 0) return { text: ran.stdout, limits: 'without' in apart ? [apart.without] : [] };
    throw new NotRendered(`${found.name} says: ${clean(ran.stderr.replaceAll(place.path, ''), 200).trim()}`);
  } finally {
    await place.remove();
  }
}

/** A home and a PATH of their own, both empty: no plugin, no kubeconfig, no git. */
function environment(folder: string): Record<string, string> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  return {
    PATH: join(folder, 'bin'),
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'home'),
    XDG_DATA_HOME: join(folder, 'home'),
    XDG_CACHE_HOME: join(folder, 'home'),
    TMPDIR: folder,
    KUBECONFIG: '/dev/null',
    LC_ALL: 'C',
    ...Object.fromEntries(proxies.map((name) => [name, NOWHERE])),
  };
}

interface Places {
  readonly checkout: string;
  readonly beside: string;
  readonly folder: string;
}

function placed(arg: string, { checkout, beside, folder }: Places): string {
  if (arg === '{}') return folder;
  return arg.replace(/^\{checkout\}\//, () => `${checkout}/`).replace(/^\{beside\}\//, () => `${beside}/`);
}

async function writeFiles(root: string, files: ReadonlyMap<string, Buffer | string>): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(root, path), content, { flag: 'wx', mode: 0o600 });
  }
}

async function firstInstalled(tools: readonly Tool[]): Promise<(Tool & { readonly path: string }) | undefined> {
  for (const tool of tools) {
    const path = await installed(tool.name);
    if (path !== undefined) return { ...tool, path };
  }
  return undefined;
}
