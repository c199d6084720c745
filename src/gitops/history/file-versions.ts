/** Which blob a path is at a commit; where objects come from a server, for many commits in a few requests. Used by `policy-history.ts`. */
import type { ObjectReader } from '../objects/object.ts';
import { parseTree } from '../objects/parse.ts';
import type { Commit, Commits } from './commits.ts';
import type { Value } from './last-change.ts';

/** Commits whose trees are brought together. */
const WINDOW = 100;

export interface FileVersions {
  /** Or the tree of a folder; the root's for an empty path. Undefined where the commit has no such thing; not known where a tree is not here. */
  blobAt(commit: Commit, path: string): Promise<Value<string | undefined>>;
  /** Brings what walking back from this commit along the path will look at. */
  ahead(commit: Commit, path: string, what?: 'file' | 'folder'): Promise<void>;
}

/** Ids by name; symbolic links and submodules are no folders to go into and no files. */
type Entries = ReadonlyMap<string, string>;
type EntriesOf = (tree: string) => Promise<Entries | undefined>;

const ABSENT = {
  known: false,
  because: 'a folder of an earlier commit is not in this clone, or larger than is read',
} as const;

export function createFileVersions(objects: ObjectReader, commits: Commits, signal: AbortSignal): FileVersions {
  const entriesOf = createEntries(objects);
  const brought = new Set<string>();
  return {
    async blobAt({ tree }, path) {
      let at: string | undefined = tree;
      for (const segment of segmentsOf(path)) {
        const entries = await entriesOf(at);
        if (entries === undefined) return ABSENT;
        at = entries.get(segment);
        if (at === undefined) break;
      }
      return { known: true, value: at };
    },
    async ahead(commit, path, what = 'file') {
      const keyOf = ({ id }: Commit): string => `${id} ${path}`;
      if (objects.wantTrees === undefined || brought.has(keyOf(commit))) return;
      for (const id of commit.parents) await commits.read(id);
      const all = await windowFrom(commit, commits);
      let ids: readonly string[] = [...new Set(all.map(({ tree }) => tree))];
      for (const segment of segmentsOf(path)) {
        await objects.wantTrees(ids, signal);
        ids = await named(ids, segment, entriesOf);
      }
      await (what === 'file' ? objects.want(ids, signal) : objects.wantTrees(ids, signal));
      // The oldest ones' parents are not in the window, so it is brought anew from there.
      const here = new Set(all.map(({ id }) => id));
      for (const one of all) if (one.parents.every((id) => here.has(id))) brought.add(keyOf(one));
    },
  };
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

function createEntries(objects: ObjectReader): EntriesOf {
  const known = new Map<string, Entries>();
  return async (tree) => {
    const before = known.get(tree);
    if (before !== undefined) return before;
    const object = await objects.read(tree);
    if (object === undefined || object.kind === 'too large') return undefined;
    const entries = object.kind === 'tree' ? parseTree(object.data) : [];
    const plain = entries.filter(({ type }) => type === 'tree' || type === 'file');
    const list = new Map(plain.map(({ name, oid }) => [name, oid]));
    known.set(tree, list);
    return list;
  };
}

/** This commit and those before it that are here, latest first, as the walk goes. */
async function windowFrom(from: Commit, commits: Commits): Promise<readonly Commit[]> {
  const waiting: Commit[] = [from];
  const taken = new Map<string, Commit>();
  while (taken.size < WINDOW) {
    waiting.sort((a, b) => a.time - b.time);
    const commit = waiting.pop();
    if (commit === undefined) break;
    if (taken.has(commit.id)) continue;
    taken.set(commit.id, commit);
    for (const id of commit.parents) {
      const parent = await commits.peek(id);
      if (parent !== undefined) waiting.push(parent);
    }
  }
  return [...taken.values(), ...waiting];
}

async function named(trees: readonly string[], segment: string, entriesOf: EntriesOf): Promise<readonly string[]> {
  const next = new Set<string>();
  for (const tree of trees) {
    const entry = (await entriesOf(tree))?.get(segment);
    if (entry !== undefined) next.add(entry);
  }
  return [...next];
}
