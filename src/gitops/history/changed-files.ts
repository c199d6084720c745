/** YAML files that differ between two commits, in one folder or everywhere, without reading what is the same; for policies that were moved or taken out. */
import type { ObjectReader } from '../objects/object.ts';
import { parseTree, type TreeEntry } from '../objects/parse.ts';

export interface ChangedFile {
  readonly path: string;
  /** Blobs; one is absent where the file was made or deleted. */
  readonly before?: string;
  readonly after?: string;
}

/** Of one comparison; beyond that nobody looks for one policy among them. */
const MAX_FOLDERS = 400;
const MAX_FILES = 60;
const MANIFEST = /\.(ya?ml|json)$/i;

interface Pair {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** `folder`: two trees that stand at `path`. Undefined where more differs than is looked at, or a tree is not here. */
export async function changedFiles(
  objects: ObjectReader,
  folder: Pair,
  signal: AbortSignal,
): Promise<readonly ChangedFile[] | undefined> {
  const files: ChangedFile[] = [];
  let level: readonly Pair[] = [folder];
  let seen = 0;
  while (level.length > 0) {
    seen += level.length;
    if (seen > MAX_FOLDERS || files.length > MAX_FILES) return undefined;
    await objects.wantTrees?.(idsOf(level), signal);
    const next: Pair[] = [];
    for (const pair of level) {
      const [before, after] = [await entriesOf(objects, pair.before), await entriesOf(objects, pair.after)];
      if (before === undefined || after === undefined) return undefined;
      for (const name of new Set([...before.keys(), ...after.keys()]))
        sort(pair.path === '' ? name : `${pair.path}/${name}`, [before.get(name), after.get(name)], { files, next });
    }
    level = next;
  }
  return files.length > MAX_FILES ? undefined : files;
}

/** Blobs, and trees, of both sides. */
export function idsOf(pairs: readonly Pair[]): readonly string[] {
  return [...new Set(pairs.flatMap(({ before, after }) => [before, after]))].flatMap((id) => id ?? []);
}

async function entriesOf(
  objects: ObjectReader,
  tree: string | undefined,
): Promise<ReadonlyMap<string, TreeEntry> | undefined> {
  if (tree === undefined) return new Map();
  const object = await objects.read(tree);
  if (object?.kind !== 'tree') return undefined;
  return new Map(parseTree(object.data).map((entry) => [entry.name, entry]));
}

interface Sorted {
  readonly files: ChangedFile[];
  readonly next: Pair[];
}

function sort(
  path: string,
  [before, after]: readonly [TreeEntry | undefined, TreeEntry | undefined],
  { files, next }: Sorted,
): void {
  if (before?.oid === after?.oid && before?.type === after?.type) return;
  const of = (type: TreeEntry['type']): Pair => ({
    path,
    ...(before?.type === type ? { before: before.oid } : {}),
    ...(after?.type === type ? { after: after.oid } : {}),
  });
  const [trees, blobs] = [of('tree'), of('file')];
  if (trees.before !== undefined || trees.after !== undefined) next.push(trees);
  if (MANIFEST.test(path) && (blobs.before !== undefined || blobs.after !== undefined)) files.push(blobs);
}
