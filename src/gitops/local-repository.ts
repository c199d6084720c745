/** Opens a working tree, linked worktree or bare repository on this machine at a ref; what is committed counts, not what is edited. */
import * as fs from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import * as git from 'isomorphic-git';
import { GitProblem } from './git-problem.ts';
import { openLocalObjects } from './objects/local-objects.ts';
import type { Budget } from './objects/object.ts';
import { readCommit } from './objects/parse.ts';
import { type Snapshot, similarNames } from './snapshot.ts';

interface GitDirs {
  /** Holds HEAD. */
  readonly own: string;
  /** Holds objects and refs; the same but for linked worktrees. */
  readonly common: string;
}

/** @throws GitProblem when there is no such directory, repository, ref or commit. */
export async function openLocal(dir: string, ref: string, budget: Budget): Promise<Snapshot> {
  const dirs = await findGitDirs(dir);
  await refuseUnsupported(dirs.common, dir);
  const named =
    ref === 'HEAD' ? await headOf(dirs.own, dir) : { name: ref, oid: await resolveRef(dirs.common, ref, dir) };
  const oid = named.oid ?? (await resolveRef(dirs.common, named.name, dir));
  const objects = openLocalObjects(dirs.common, budget);
  try {
    const commit = await readCommit(objects, oid);
    if (commit === undefined) throw await refNotFound(dirs.common, ref, dir);
    return { ...commit, ref: named.name, objects };
  } catch (error) {
    await objects.close();
    throw error;
  }
}

export async function findGitDirs(dir: string): Promise<GitDirs> {
  const kind = await kindOf(dir);
  if (kind === undefined) throw new GitProblem('not_found', `no directory ${dir} on this machine`, 'Check the path.');
  const dotGit = await kindOf(join(dir, '.git'));
  if (dotGit === 'dir') return withCommon(join(dir, '.git'));
  if (dotGit === 'file') return withCommon(await linkedGitDir(dir));
  if ((await kindOf(join(dir, 'HEAD'))) === 'file' && (await kindOf(join(dir, 'objects'))) === 'dir')
    return withCommon(dir);
  throw await notARepository(dir);
}

async function kindOf(path: string): Promise<'file' | 'dir' | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : found.isDirectory() ? 'dir' : 'file';
}

/** gitrepository-layout: a `.git` file says `gitdir: PATH`, relative to the directory it is in. */
async function linkedGitDir(dir: string): Promise<string> {
  const target = /^gitdir: (.+)$/m.exec(await readFile(join(dir, '.git'), 'utf8'))?.[1];
  if (target === undefined)
    throw new GitProblem('invalid', `${join(dir, '.git')} is not a gitdir link`, 'Check the path.');
  return resolve(dir, target.trim());
}

async function withCommon(own: string): Promise<GitDirs> {
  const common = await readFile(join(own, 'commondir'), 'utf8').catch(() => undefined);
  return { own, common: common === undefined ? own : resolve(own, common.trim()) };
}

async function notARepository(dir: string): Promise<GitProblem> {
  const root = await enclosingRoot(dirname(dir));
  if (root === undefined) {
    const next = 'Give the root of a working tree (where .git is) or a bare repository.';
    return new GitProblem('invalid', `${dir} is not a Git repository`, next);
  }
  const next = `Give repository ${root} and path ${relative(root, dir)}.`;
  return new GitProblem('invalid', `${dir} is a folder inside the repository ${root}, not its root`, next);
}

async function enclosingRoot(dir: string): Promise<string | undefined> {
  if ((await kindOf(join(dir, '.git'))) !== undefined) return dir;
  return dirname(dir) === dir ? undefined : enclosingRoot(dirname(dir));
}

/** isomorphic-git reads SHA-1 objects and loose or packed refs only. */
async function refuseUnsupported(gitdir: string, dir: string): Promise<void> {
  const config = await readFile(join(gitdir, 'config'), 'utf8').catch(() => '');
  const found = /^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)/im.exec(config)?.[1];
  if (found === undefined) return;
  throw new GitProblem('unsupported', `${dir} uses ${found}, which is not read`, 'Clone it into the usual format.');
}

/** The branch that HEAD names, or the commit of a detached HEAD. */
async function headOf(gitdir: string, dir: string): Promise<{ name: string; oid?: string }> {
  const text = (await readFile(join(gitdir, 'HEAD'), 'utf8').catch(() => '')).trim();
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1];
  if (branch !== undefined) return { name: branch };
  if (/^[0-9a-f]{40}$/.test(text)) return { name: 'HEAD', oid: text };
  throw new GitProblem('invalid', `${dir} has no readable HEAD`, 'Give a branch, tag or commit as ref.');
}

async function resolveRef(gitdir: string, ref: string, dir: string): Promise<string> {
  // resolveRef takes a whole commit id at its word, expandOid looks whether it is there.
  const direct = /^[0-9a-f]{40}$/.test(ref)
    ? undefined
    : await git.resolveRef({ fs, gitdir, ref }).catch(() => undefined);
  if (direct !== undefined) return direct;
  const commit = /^[0-9a-f]{7,40}$/.test(ref)
    ? await git.expandOid({ fs, gitdir, oid: ref }).catch(() => undefined)
    : undefined;
  if (commit !== undefined) return commit;
  throw await refNotFound(gitdir, ref, dir);
}

async function refNotFound(gitdir: string, ref: string, dir: string): Promise<GitProblem> {
  const [branches, tags] = await Promise.all([git.listBranches({ fs, gitdir }), git.listTags({ fs, gitdir })]);
  const near = similarNames(ref, [...branches, ...tags]);
  const next = near.length > 0 ? `Closest there: ${near.join(', ')}.` : 'It has no commit yet: commit first.';
  return new GitProblem('not_found', `${dir} has no branch, tag or commit ${ref}`, next);
}
