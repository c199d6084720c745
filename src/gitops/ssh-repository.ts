/** One commit of an ssh remote, through the installed git, in a private folder that is removed when the snapshot is closed. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sanitise } from '../core/text/sanitise.ts';
import { type GitAccess, isNamedHost } from './access/access.ts';
import { type Ran, runGit } from './access/git-command.ts';
import { createPrivateFolder, type PrivateFolder } from './access/private-folder.ts';
import { GitProblem } from './git-problem.ts';
import { openLocal } from './local-repository.ts';
import { openLocalObjects } from './objects/local-objects.ts';
import type { Budget, ObjectReader } from './objects/object.ts';
import type { Snapshot } from './snapshot.ts';
import { parseSsh } from './ssh-location.ts';

export interface SshOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly access: GitAccess;
  readonly budget: Budget;
}

/** Nobody is asked, nothing is forwarded, unknown hosts are refused. The user's own ssh configuration and agent count: they are the operator's. */
const SSH = [
  'ssh',
  '-oBatchMode=yes',
  '-oStrictHostKeyChecking=yes',
  '-oForwardAgent=no',
  '-oForwardX11=no',
  '-oClearAllForwardings=yes',
  '-oPermitLocalCommand=no',
  '-oConnectTimeout=10',
].join(' ');

const ENVIRONMENT = {
  GIT_SSH_COMMAND: SSH,
  GIT_SSH_VARIANT: 'ssh',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_PROTOCOL_FROM_USER: '0',
};

/** No other transport, no hook, no second process that outlives the first, no big object in memory, packs kept as they come. */
const CONFIG = [
  'protocol.allow=never',
  'protocol.ssh.allow=always',
  'core.hooksPath=/dev/null',
  'core.bigFileThreshold=16m',
  'pack.threads=1',
  'fetch.unpackLimit=1',
  'transfer.bundleURI=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting]);

const CLONE = ['clone', '--bare', '--depth', '1', '--single-branch', '--no-tags', '--filter=blob:none', '--template='];
const MAX_OUTPUT = 64 * 1024;
const WATCH_MS = 200;

/** @throws GitProblem where the operator did not name the host, without git, and for what git says. */
export async function openSsh(target: string, ref: string, options: SshOptions): Promise<Snapshot> {
  refuseUnnamed(target, options.access);
  const folder = await createPrivateFolder();
  try {
    const dir = join(folder.path, 'repository');
    const git = createGit(folder, dir, options);
    const isCommit = /^[0-9a-f]{40}$/.test(ref);
    const branch = isCommit || ref === 'HEAD' ? [] : ['--branch', ref];
    await git([...CLONE, ...branch, '--', target, dir], '', options.signal);
    if (isCommit) await git([...FETCH, '1', 'origin', ref], '', options.signal);
    const opened = await openLocal(dir, isCommit ? ref : 'HEAD', options.budget);
    return {
      ...opened,
      ref: ref === 'HEAD' ? opened.ref : ref,
      objects: lazily(opened.objects, { dir, git, folder, budget: options.budget, commit: opened.commit }),
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** The commit that the remote names now; undefined where it is not told, e.g. of an abbreviated id. @throws GitProblem */
export async function commitAt(
  target: string,
  ref: string,
  { access, signal }: Pick<SshOptions, 'access' | 'signal'>,
): Promise<string | undefined> {
  refuseUnnamed(target, access);
  const folder = await createPrivateFolder();
  try {
    // Branches before tags, and of a tag the commit behind it, as `git clone --branch` looks.
    const names = ref === 'HEAD' ? ['HEAD'] : [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`];
    const args = [...CONFIG, 'ls-remote', '--', target, ...names];
    const options = { cwd: folder.path, env: environmentIn(folder), signal, maxOutput: MAX_OUTPUT };
    const ran = await runGit(args, options);
    if (ran.code !== 0) throw problemOf(ran);
    const found = new Map(ran.stdout.split('\n').map((text) => [text.split('\t')[1], text.split('\t')[0]]));
    return names.map((name) => found.get(name)).find((oid) => oid !== undefined);
  } finally {
    await folder.remove();
  }
}

const environmentIn = (folder: PrivateFolder) => ({ ...ENVIRONMENT, GIT_CEILING_DIRECTORIES: folder.path });

/** Then how many generations, from where, and which commit. */
const FETCH = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--depth'];
/** As git itself brings objects of a partial clone that are missing (fetch-object in promisor-remote.c). */
const FETCH_OBJECTS =
  '-c fetch.negotiationAlgorithm=noop fetch --quiet --no-tags --no-write-fetch-head --recurse-submodules=no --filter=blob:none --stdin origin'.split(
    ' ',
  );

function refuseUnnamed(target: string, access: GitAccess): void {
  const url = parseSsh(target)?.url;
  if (url !== undefined && isNamedHost(access, url)) return;
  const host = url?.port === '' ? url.hostname : (url?.host ?? 'HOST');
  const reason = `ssh uses this machine's keys, and the operator did not name ${host}`;
  const next = `Start this program with --git-host ${host}, or clone it with git and give the absolute path of the clone.`;
  throw new GitProblem('unsupported', reason, next);
}

type Git = (args: readonly string[], input: string, signal: AbortSignal) => Promise<void>;

/** What is fetched is looked at while it grows, since git has no bound of its own. */
function createGit(folder: PrivateFolder, dir: string, { maxBytes }: SshOptions): Git {
  return async (args, input, signal) => {
    const tooLarge = new AbortController();
    const watch = setInterval(() => {
      void sizeOf(join(dir, 'objects', 'pack')).then((size) => size > maxBytes && tooLarge.abort());
    }, WATCH_MS);
    try {
      const env = {
        ...environmentIn(folder),
        ...(args[0] === 'clone' ? {} : { GIT_DIR: dir }),
      };
      const until = AbortSignal.any([signal, tooLarge.signal]);
      const ran = await runGit([...CONFIG, ...args], {
        cwd: folder.path,
        env,
        input,
        signal: until,
        maxOutput: MAX_OUTPUT,
      });
      if (ran.code !== 0) throw problemOf(ran);
    } catch (error) {
      throw tooLarge.signal.aborted ? larger() : error;
    } finally {
      clearInterval(watch);
    }
  };
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch((): string[] => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size),
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function larger(): GitProblem {
  const next = 'Clone it with git and give the absolute path of the clone instead.';
  return new GitProblem('refused', 'the repository is larger than is read over the network', next);
}

interface Clone {
  readonly dir: string;
  readonly git: Git;
  readonly folder: PrivateFolder;
  readonly budget: Budget;
  readonly commit: string;
}

/** A server without filters has sent the files already; else those that are wanted come in one go. */
function lazily(first: ObjectReader, { dir, git, folder, budget, commit }: Clone): ObjectReader {
  let objects = first;
  const fetched = async (args: readonly string[], input: string, signal: AbortSignal): Promise<void> => {
    await git(args, input, signal);
    await objects.close();
    objects = openLocalObjects(dir, budget);
  };
  return {
    deepen: (generations, signal) => fetched([...FETCH, String(generations), 'origin', commit], '', signal),
    read: (oid) => objects.read(oid),
    // They come with their commits.
    wantTrees: async () => undefined,
    async want(oids, signal) {
      const missing: string[] = [];
      for (const oid of new Set(oids)) if ((await objects.read(oid)) === undefined) missing.push(oid);
      if (missing.length === 0) return;
      await fetched(FETCH_OBJECTS, `${missing.join('\n')}\n`, signal);
    },
    async close() {
      await objects.close();
      await folder.remove();
    },
  };
}

/** What git and ssh say, by the words that have long been theirs. */
const SAYINGS: readonly (readonly [RegExp, GitProblem['code'], string, string])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/,
    'refused',
    'the host key is not one that this machine knows',
    'Connect to it by hand once (ssh HOST) and accept the key if it is the right one.',
  ],
  [
    /Permission denied/,
    'forbidden',
    'the server accepts none of the keys',
    'Load the key into ssh-agent, or give a local clone.',
  ],
  [/Could not resolve hostname/, 'unreachable', 'its host name does not resolve', 'Check the host name.'],
  [
    /Connection (refused|timed out|closed)|No route to host/,
    'unreachable',
    'the host cannot be reached',
    'Check host and port.',
  ],
  [
    /Remote branch .* not found|couldn't find remote ref|not our ref/,
    'not_found',
    'it has no such branch, tag or commit',
    'Check the ref.',
  ],
  [
    /does not appear to be a git repository|[Rr]epository not found|not exist/,
    'not_found',
    'there is no such repository',
    'Check the path.',
  ],
  [
    /cannot run ssh|ssh: not found|No such file or directory.*ssh/,
    'unsupported',
    'ssh is not installed',
    'Install it, or give a local clone.',
  ],
];

function problemOf({ stderr }: Ran): GitProblem {
  const known = SAYINGS.find(([pattern]) => pattern.test(stderr));
  if (known !== undefined) return new GitProblem(known[1], known[2], known[3]);
  const lines = stderr
    .split('\n')
    .filter((text) => /^(error|ssh|ERROR|fatal(?!: Could not read from remote))/.test(text));
  const said = sanitise(lines.at(-1) ?? stderr, 200);
  return new GitProblem('unreachable', `git says: ${said}`, 'Try `git ls-remote` with the same URL by hand.');
}
