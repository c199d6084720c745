/** Commits of a repository, read back from the one that was compared, under bounds; the ground of `last-change.ts` and `relation.ts`. */
import type { GitCommit } from '../../core/model/git-history.ts';
import { clean } from '../../core/text/clean.ts';
import { broken, type ObjectReader } from '../objects/object.ts';

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** Seconds since 1970, as whoever committed says. */
  readonly time: number;
  readonly subject: string;
}

export interface Commits {
  /** Undefined where it is not here and cannot be had. @throws GitProblem */
  read(id: string): Promise<Commit | undefined>;
  /** The same, and nothing is fetched for it. */
  peek(id: string): Promise<Commit | undefined>;
  /** Why commits before a certain one are not here. */
  readonly boundary: () => string;
}

/** Generations that a remote is asked for, first and then: a change is most often a recent one. */
const DEPTHS = [50, 500] as const;
const MAX_SUBJECT = 120;
const MAX_HEAD = 64 * 1024;

export function createCommits(objects: ObjectReader, signal: AbortSignal): Commits {
  const known = new Map<string, Commit>();
  const depths: number[] = [...DEPTHS];
  const peek = async (id: string): Promise<Commit | undefined> => {
    signal.throwIfAborted();
    const before = known.get(id);
    if (before !== undefined) return before;
    const object = await objects.read(id);
    if (object === undefined) return undefined;
    if (object.kind !== 'commit') throw broken(`a ${object.kind} stands where a commit is wanted`);
    const commit = parseCommit(id, object.data);
    known.set(id, commit);
    return commit;
  };
  return {
    peek,
    async read(id) {
      let found = await peek(id);
      while (found === undefined && objects.deepen !== undefined && depths.length > 0) {
        await objects.deepen(depths.shift() ?? 1, signal);
        found = await peek(id);
      }
      return found;
    },
    boundary: () =>
      objects.deepen === undefined
        ? 'the clone is shallow and ends there (`git fetch --unshallow` brings the rest)'
        : `only the last ${DEPTHS.at(-1)} generations of commits are fetched, or the server has no more`,
  };
}

/** gitformat-commit in git's Documentation: header lines, an empty line, the message. @throws GitProblem */
export function parseCommit(id: string, data: Buffer): Commit {
  const end = data.indexOf('\n\n');
  const head = data.toString('latin1', 0, Math.min(end < 0 ? data.length : end, MAX_HEAD));
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const time = /^committer .*> (\d{1,12}) [-+]\d{4}$/m.exec(head)?.[1];
  if (tree === undefined || time === undefined) throw broken('a commit is not readable');
  // Lines of a signature that continue a header begin with a space, so none of them is taken for a header.
  const parents = Array.from(head.matchAll(/^parent ([0-9a-f]{40})$/gm), ([, parent = '']) => parent);
  const message = end < 0 ? '' : new TextDecoder().decode(data.subarray(end + 2, end + 2 + MAX_HEAD));
  const subject = clean(message.trimStart().split('\n', 1)[0]?.trim() ?? '', MAX_SUBJECT);
  return { id, tree, parents, time: Number(time), subject };
}

export function shown({ id, time, subject }: Commit): GitCommit {
  // Beyond what a Date holds there is no time to show.
  const date = new Date(Math.min(time, 8.64e12) * 1000);
  return { id, time: date.toISOString(), subject };
}
