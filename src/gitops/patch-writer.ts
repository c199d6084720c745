/** The `PatchWriter` port: makes the patch once more from a local repository, and writes it if it is the one that was shown. Constructed in compose.ts. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnoseError } from '../core/errors.ts';
import type { PatchWriter, WriteRequest, Written } from '../ports/patch-writer.ts';
import { GitProblem, toNotRead } from './git-problem.ts';
import { findGitDirs } from './local-repository.ts';
import { displayOf, parseLocation } from './location.ts';
import { provedFiles } from './patch-proof.ts';
import { createRepositoryReader, type RepositoryReader } from './repository-reader.ts';
import { notThere, refused } from './write-refusal.ts';
import { writeInTree } from './write-tree.ts';

export function createPatchWriter(): PatchWriter {
  const reader = createRepositoryReader({});
  return {
    async write(request, signal) {
      try {
        return await write(reader, request, signal);
      } catch (error) {
        if (error instanceof DiagnoseError) throw error;
        const { reason, nextStep } = toNotRead(error, displayOf(request.repo.repository));
        throw refused(reason, nextStep ?? 'Check the repository.');
      }
    },
  };
}

async function write(reader: RepositoryReader, request: WriteRequest, signal: AbortSignal): Promise<Written> {
  const { repo, changes, live, branch, message } = request;
  const { kind, target } = parseLocation(repo);
  if (kind !== 'local')
    throw notThere(
      'the repository is a remote, and remotes are never written',
      'Clone it and name the clone: --repo PATH.',
    );
  const { snapshot, ...content } = await reader.read(repo, false, signal);
  const { built, applied } = content;
  const git = { ...content, display: displayOf(repo.repository) };
  const { patch, files } = await provedFiles({ changes, live, git, built, applied });
  if (!patch.inGit)
    throw refused(patch.note ?? 'no file of the repository holds the policy', 'Apply the diff by hand.');
  if (patch.diff !== request.diff)
    throw refused('the repository has changed since the diff was made', 'Run the command again.');
  const paths = files.map(({ path }) => path);
  if (branch !== undefined) {
    const { common: gitdir } = await findGitDirs(target);
    const { commitOnBranch } = await import('./write-branch.ts');
    const place = { dir: target, gitdir, branch, parent: snapshot.commit };
    return { files: paths, branch, commit: await commitOnBranch({ ...place, files, message }, signal) };
  }
  await requireTree(target);
  await writeInTree(target, files);
  return { files: paths };
}

async function requireTree(dir: string): Promise<void> {
  if ((await lstat(join(dir, '.git')).catch(() => undefined)) !== undefined) return;
  throw new GitProblem('unsupported', `${dir} is a bare repository without a working tree`, 'Name --branch BRANCH.');
}
