/** Commits edited files on a new branch without touching working tree, index or HEAD; used by `patch-writer.ts`. */
import * as fs from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as git from 'isomorphic-git';
import { runGit } from './access/git-command.ts';
import type { EditedFile } from './patch-changes.ts';
import { failed, notThere, refused } from './write-refusal.ts';
import { isUnsafe } from './write-tree.ts';

export interface BranchRequest {
  /** Where git is asked who commits. */
  readonly dir: string;
  /** Holds objects and refs. */
  readonly gitdir: string;
  readonly branch: string;
  /** The commit that was read. */
  readonly parent: string;
  readonly files: readonly EditedFile[];
  readonly message: string;
}

/** @throws DiagnoseError; at most objects that nothing names are left behind. */
export async function commitOnBranch(request: BranchRequest, signal: AbortSignal): Promise<string> {
  const { gitdir, branch, parent, message } = request;
  await checkFree(gitdir, branch);
  const author = await authorOf(request, signal);
  try {
    let { tree } = (await git.readCommit({ fs, gitdir, oid: parent })).commit;
    for (const file of request.files) {
      const blob = await git.writeBlob({ fs, gitdir, blob: new TextEncoder().encode(file.after) });
      tree = await treeWith(gitdir, tree, { file, segments: file.path.split('/'), blob });
    }
    const commit = await git.writeCommit({
      fs,
      gitdir,
      commit: { message: `${message.trimEnd()}\n`, tree, parent: [parent], author, committer: author },
    });
    await createRef(gitdir, branch, commit);
    return commit;
  } catch (error) {
    throw failed(`branch ${branch}`, error);
  }
}

/** git-check-ref-format, narrowed as for every name that is read. */
const BRANCH = /^(?!.*(\.\.|@\{|\/\/|\/\.|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9._/+-]*(?<![./])$/;

async function checkFree(gitdir: string, branch: string): Promise<void> {
  if (!BRANCH.test(branch) || branch.length > 200 || branch === 'HEAD' || branch.startsWith('refs/'))
    throw notThere(
      `${JSON.stringify(branch.slice(0, 80))} is no name for a branch`,
      'Give e.g. --branch egress/files-vendor.',
    );
  const known = await git.resolveRef({ fs, gitdir, ref: `refs/heads/${branch}` }).catch(() => undefined);
  if (known === undefined) return;
  throw refused(`branch ${branch} exists already`, 'Name a new branch.');
}

interface Person {
  readonly name: string;
  readonly email: string;
  readonly timestamp: number;
  readonly timezoneOffset: number;
}

/** As git itself would write it; without git, as the repository's own configuration says. */
async function authorOf({ dir, gitdir }: BranchRequest, signal: AbortSignal): Promise<Person> {
  const now = new Date();
  const when = { timestamp: Math.floor(now.getTime() / 1000), timezoneOffset: now.getTimezoneOffset() };
  const asked = await runGit(['var', 'GIT_AUTHOR_IDENT'], { cwd: dir, env: {}, signal, maxOutput: 10_000 }).catch(
    () => undefined,
  );
  const [, name, email] = /^(.+) <([^<>]+)> \d+ [+-]\d{4}\n?$/.exec(asked?.code === 0 ? asked.stdout : '') ?? [];
  if (name !== undefined && email !== undefined) return { name, email, ...when };
  const configured = async (path: string): Promise<string> => String((await git.getConfig({ fs, gitdir, path })) ?? '');
  const own = { name: await configured('user.name'), email: await configured('user.email') };
  if (own.name !== '' && own.email !== '') return { ...own, ...when };
  throw refused(
    'git does not know who commits',
    'Set it: git config --global user.name NAME; git config --global user.email ADDRESS',
  );
}

interface Placed {
  readonly file: EditedFile;
  readonly segments: readonly string[];
  readonly blob: string;
}

/** The tree with the blob at its place; modes and all other entries stay. */
async function treeWith(gitdir: string, oid: string, { file, segments, blob }: Placed): Promise<string> {
  const [name = '', ...rest] = segments;
  if (isUnsafe(name)) throw refused(`${file.path} is no path inside a repository`, 'Edit the repository by hand.');
  const { tree } = await git.readTree({ fs, gitdir, oid });
  const entry = tree.find(({ path }) => path === name);
  const others = tree.filter((one) => one !== entry);
  if (rest.length > 0) {
    if (entry?.type !== 'tree') throw refused(`${file.path} lies in no folder of the commit`, 'Edit it by hand.');
    const inner = await treeWith(gitdir, entry.oid, { file, segments: rest, blob });
    return git.writeTree({ fs, gitdir, tree: [...others, { ...entry, oid: inner }] });
  }
  checkEntry(file, entry);
  const mode = entry?.mode ?? '100644';
  return git.writeTree({ fs, gitdir, tree: [...others, { mode, path: name, oid: blob, type: 'blob' }] });
}

function checkEntry({ path, before }: EditedFile, entry: { readonly mode: string; readonly type: string } | undefined) {
  if (before === undefined && entry !== undefined)
    throw refused(`${path} is in the commit already`, 'Edit it by hand.');
  const regular = entry?.type === 'blob' && entry.mode !== '120000';
  if (before !== undefined && !regular) throw refused(`${path} is a link or no file in the commit`, 'Edit it by hand.');
}

/** Git's own way: an exclusive lock file, complete and on the disk, becomes the ref. */
async function createRef(gitdir: string, branch: string, commit: string): Promise<void> {
  const target = join(gitdir, 'refs', 'heads', branch);
  await makeFolders(gitdir, ['refs', 'heads', ...branch.split('/').slice(0, -1)]);
  const lock = `${target}.lock`;
  const handle = await open(lock, 'wx');
  try {
    await handle.writeFile(`${commit}\n`);
    await handle.sync();
    await handle.close();
    if ((await lstat(target).catch(() => undefined)) !== undefined)
      throw refused(`branch ${branch} exists already`, 'Name a new branch.');
    await rename(lock, target);
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  } finally {
    await handle.close().catch(() => undefined);
  }
}

async function makeFolders(gitdir: string, segments: readonly string[]): Promise<void> {
  let folder = gitdir;
  for (const segment of segments) {
    folder = join(folder, segment);
    const found = await lstat(folder).catch(() => undefined);
    if (found === undefined) await mkdir(folder);
    else if (!found.isDirectory())
      throw refused(
        `${folder.slice(dirname(gitdir).length + 1)} is a link or a branch of that name`,
        'Name another branch.',
      );
  }
}
