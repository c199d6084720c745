/** Where a policy stood before its present file was made, and which commit took one out that no file holds any more; used by `policy-history.ts`. */
import type { PolicyHistory } from '../../core/model/git-history.ts';
import type { ObjectReader } from '../objects/object.ts';
import { type ChangedFile, changedFiles, idsOf } from './changed-files.ts';
import { type Commit, type Commits, shown } from './commits.ts';
import type { FileVersions } from './file-versions.ts';
import { reasonOf } from './last-change.ts';
import type { PolicyName, ReadPolicy } from './policy-versions.ts';

export interface Reading {
  readonly objects: ObjectReader;
  readonly commits: Commits;
  readonly versions: FileVersions;
  readonly read: ReadPolicy;
  readonly signal: AbortSignal;
}

/** Commits that are looked at for one that took the policy out. */
const MAX_STEPS = 300;

/** The file of the commit before that held the policy and no longer does. */
export async function movedFrom(
  { objects, commits, read, signal }: Reading,
  commit: Commit,
  policy: PolicyName,
): Promise<{ readonly commit: Commit; readonly file: string; readonly blob: string } | undefined> {
  const parent = await commits.read(commit.parents[0] ?? '');
  if (parent === undefined) return undefined;
  const changed = await changedFiles(objects, { path: '', before: parent.tree, after: commit.tree }, signal);
  const left = await leaving({ objects, read, signal }, changed ?? [], policy);
  return left?.before === undefined ? undefined : { commit: parent, file: left.path, blob: left.before };
}

async function leaving(
  { objects, read, signal }: Pick<Reading, 'objects' | 'read' | 'signal'>,
  changed: readonly ChangedFile[],
  policy: PolicyName,
): Promise<ChangedFile | undefined> {
  const candidates = changed.filter(({ before }) => before !== undefined);
  if (candidates.length === 0) return undefined;
  await objects.want(idsOf(candidates), signal);
  for (const one of candidates) {
    const [before, after] = [await read(one.before, policy), await read(one.after, policy)];
    if (before.known && before.value !== undefined && after.known && after.value === undefined) return one;
  }
  return undefined;
}

/** Along the first parents, as the branch itself went: of a merged change the merge is named. Undefined where none ever held it. Never throws. */
export async function removalOf(
  reading: Reading,
  first: Commit,
  asked: { readonly policy: PolicyName; readonly folder: string },
): Promise<PolicyHistory | undefined> {
  let at = first;
  const stopped = (because: string): PolicyHistory => ({
    file: asked.folder,
    entries: [],
    notFurther: { back: shown(at), because },
  });
  try {
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const [parentId] = at.parents;
      if (parentId === undefined) return undefined;
      await reading.versions.ahead(at, asked.folder, 'folder');
      const parent = await reading.commits.read(parentId);
      if (parent === undefined) return stopped(reading.commits.boundary());
      const found = await removedBy(reading, { at, parent }, asked);
      if (found === 'unknown') return stopped('it changes more files than are looked at');
      if (found !== undefined) return { file: found.path, entries: [], policyRemoved: shown(at) };
      at = parent;
    }
    return stopped(`${MAX_STEPS} commits were looked at`);
  } catch (error) {
    return stopped(reasonOf(error));
  }
}

async function removedBy(
  { versions, ...reading }: Reading,
  { at, parent }: { readonly at: Commit; readonly parent: Commit },
  { policy, folder }: { readonly policy: PolicyName; readonly folder: string },
): Promise<ChangedFile | 'unknown' | undefined> {
  const [after, before] = [await versions.blobAt(at, folder), await versions.blobAt(parent, folder)];
  if (!after.known || !before.known) return 'unknown';
  if (after.value === before.value) return undefined;
  const sides = {
    ...(before.value === undefined ? {} : { before: before.value }),
    ...(after.value === undefined ? {} : { after: after.value }),
  };
  const changed = await changedFiles(reading.objects, { path: folder, ...sides }, reading.signal);
  return changed === undefined ? 'unknown' : leaving(reading, changed, policy);
}
