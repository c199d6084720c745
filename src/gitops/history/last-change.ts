/** Walks back to the last commit that changed something, as `git log` simplifies history: along the first parent that has the same; used by `policy-history.ts`. */
import { GitProblem } from '../git-problem.ts';
import type { Commit, Commits } from './commits.ts';

/** Commits that one walk looks at. */
const MAX_STEPS = 2000;

export type Value<V> =
  | { readonly known: true; readonly value: V }
  | { readonly known: false; readonly because: string };

export interface Walk<V> {
  readonly commits: Commits;
  readonly valueAt: (commit: Commit) => Promise<Value<V>>;
  readonly same: (a: V, b: V) => boolean;
  /** Called with each commit before it and its parents are looked at. */
  readonly ahead?: (commit: Commit) => Promise<void>;
}

/** What stops a walk: bytes, time, objects that are damaged. */
export function reasonOf(error: unknown): string {
  if (error instanceof GitProblem) return error.message;
  const aborted = error instanceof Error && /^(?:AbortError|TimeoutError)$/.test(error.name);
  return aborted ? 'reading it took longer than it may' : 'the server did not hand out what came before';
}

export type Change<V> =
  /** `before`: what the parents had; none at the first commit of all. */
  | { readonly found: true; readonly commit: Commit; readonly now: V; readonly before: readonly V[] }
  | { readonly found: false; readonly back: Commit; readonly because: string };

type Step<V> = Change<V> | { readonly next: Commit };

/** A merge that has what one of its parents has changed nothing (git-log, "History Simplification", default mode). Never throws. */
export async function lastChange<V>(start: Commit, walk: Walk<V>): Promise<Change<V>> {
  let at = start;
  try {
    await walk.ahead?.(start);
    const first = await walk.valueAt(start);
    if (!first.known) return { found: false, back: start, because: first.because };
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const step = await stepBack(at, first.value, walk);
      if (!('next' in step)) return step;
      at = step.next;
    }
    return { found: false, back: at, because: `${MAX_STEPS} commits were looked at` };
  } catch (error) {
    return { found: false, back: at, because: reasonOf(error) };
  }
}

async function stepBack<V>(at: Commit, now: V, walk: Walk<V>): Promise<Step<V>> {
  await walk.ahead?.(at);
  const parents = await parentsOf(at, walk);
  const same = parents.find((parent) => parent?.value.known && walk.same(parent.value.value, now));
  if (same !== undefined) return { next: same.commit };
  if (parents.includes(undefined)) return { found: false, back: at, because: walk.commits.boundary() };
  const before: V[] = [];
  for (const parent of parents) {
    if (parent?.value.known === false) return { found: false, back: at, because: parent.value.because };
    if (parent?.value.known) before.push(parent.value.value);
  }
  return { found: true, commit: at, now, before };
}

interface Parent<V> {
  readonly commit: Commit;
  readonly value: Value<V>;
}

/** Undefined for one that is not here. */
async function parentsOf<V>({ parents }: Commit, walk: Walk<V>): Promise<readonly (Parent<V> | undefined)[]> {
  const found: (Parent<V> | undefined)[] = [];
  for (const id of parents) {
    const commit = await walk.commits.read(id);
    found.push(commit && { commit, value: await walk.valueAt(commit) });
  }
  return found;
}
