/** Looks up paths in one commit without a checkout; used by `kustomize.ts` and `helm.ts`, which need more than one folder. */
import { parseTree, type TreeEntry } from '../objects/parse.ts';
import type { Snapshot } from '../snapshot.ts';

export interface TreeView {
  /** Undefined for what is not there; symbolic links and submodules are found as such and never followed. */
  find(path: string): Promise<TreeEntry | undefined>;
  /** Entries of a folder; empty for anything else. */
  list(path: string): Promise<readonly TreeEntry[]>;
  /** Brings the files in one go, then reads them; undefined where one is absent or larger than is read. */
  read(entries: readonly TreeEntry[]): Promise<readonly (Buffer | undefined)[]>;
}

export function createTreeView({ objects, tree }: Snapshot, signal: AbortSignal): TreeView {
  const known = new Map<string, readonly TreeEntry[]>();
  const entriesOf = async (oid: string): Promise<readonly TreeEntry[]> => {
    const before = known.get(oid);
    if (before !== undefined) return before;
    const object = await objects.read(oid);
    const entries = object?.kind === 'tree' ? parseTree(object.data) : [];
    known.set(oid, entries);
    return entries;
  };
  const find = async (path: string): Promise<TreeEntry | undefined> => {
    let at: TreeEntry = { name: '', oid: tree, type: 'tree' };
    for (const segment of path.split('/').filter((part) => part !== '')) {
      signal.throwIfAborted();
      const next: TreeEntry | undefined =
        at.type === 'tree' ? (await entriesOf(at.oid)).find(({ name }) => name === segment) : undefined;
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  };
  return {
    find,
    async list(path) {
      const folder = await find(path);
      return folder?.type === 'tree' ? entriesOf(folder.oid) : [];
    },
    async read(entries) {
      await objects.want(
        entries.map(({ oid }) => oid),
        signal,
      );
      const read: (Buffer | undefined)[] = [];
      for (const { oid } of entries) {
        const object = await objects.read(oid);
        read.push(object?.kind === 'blob' ? object.data : undefined);
      }
      return read;
    },
  };
}
