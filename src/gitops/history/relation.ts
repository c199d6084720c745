/** Whether one commit comes before another in the history that is here; for clones that are ahead of, or behind, what a controller has. Used by `repository-reader.ts`. */
import type { CommitRelation } from '../../core/model/git-history.ts';
import type { Commits } from './commits.ts';

/** Of each of the two walks. */
const MAX_COMMITS = 5000;
/** Clocks of those who commit differ; git itself allows for a day (commit.c, "slop"). */
const CLOCK_SKEW = 24 * 60 * 60;

/** What `other` is to `commit`; `unknown` where it is not here or the history ends before that is settled. Equal commits are no question. */
export async function relationOf(commits: Commits, commit: string, other: string): Promise<CommitRelation> {
  if ((await commits.peek(other)) === undefined) return 'unknown';
  const before = await isAncestor(commits, other, commit);
  if (before === true) return 'ancestor';
  const after = await isAncestor(commits, commit, other);
  if (after === true) return 'descendant';
  return before === false && after === false ? 'diverged' : 'unknown';
}

/** Undefined where that is not settled. */
async function isAncestor(commits: Commits, ancestor: string, of: string): Promise<boolean | undefined> {
  const goal = await commits.peek(ancestor);
  const waiting = [of];
  const seen = new Set(waiting);
  let cut = false;
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === ancestor) return true;
    const commit = await commits.peek(id);
    if (commit === undefined || seen.size > MAX_COMMITS) {
      cut = true;
      continue;
    }
    // Nothing that is clearly older can have it among its ancestors.
    if (goal !== undefined && commit.time < goal.time - CLOCK_SKEW) continue;
    for (const parent of commit.parents) if (!seen.has(parent)) waiting.push(parent);
    for (const parent of commit.parents) seen.add(parent);
  }
  return cut ? undefined : false;
}
