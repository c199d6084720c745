/** Trees, commits and tags as data; used by `files.ts` and whoever opens a repository. */
import { broken, type GitObject, type ObjectReader } from './object.ts';

export interface TreeEntry {
  readonly name: string;
  readonly oid: string;
  readonly type: 'tree' | 'file' | 'symlink' | 'submodule';
}

const MAX_TAGS = 10;

/** git-ls-tree's modes, as they are stored: without a leading zero. */
function typeOf(mode: string): TreeEntry['type'] {
  if (/^0?40000$/.test(mode)) return 'tree';
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}

/** @throws GitProblem on bytes that are no tree. */
export function parseTree(data: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const nul = space < 0 ? -1 : data.indexOf(0, space);
    if (nul < 0 || space - at > 6 || nul + 21 > data.length) throw broken('a tree is not readable');
    const type = typeOf(data.toString('latin1', at, space));
    entries.push({ name: data.toString('utf8', space + 1, nul), oid: data.toString('hex', nul + 1, nul + 21), type });
    at = nul + 21;
  }
  return entries;
}

/** The commit behind an id, which may be that of a tag, and its root tree. Undefined where an object is not there. @throws GitProblem */
export async function readCommit(
  objects: ObjectReader,
  oid: string,
): Promise<{ readonly commit: string; readonly tree: string } | undefined> {
  let at = oid;
  for (let peeled = 0; peeled < MAX_TAGS; peeled += 1) {
    const object = await objects.read(at);
    if (object === undefined) return undefined;
    const found = target(object);
    if (found.tree !== undefined) return { commit: at, tree: found.tree };
    at = found.next;
  }
  throw broken('a tag points to tags without end');
}

function target(object: GitObject): { readonly tree: string } | { readonly tree?: undefined; readonly next: string } {
  if (object.kind === 'too large') throw broken('a commit is larger than is read');
  const text = object.data.toString('latin1', 0, 100);
  const tree = object.kind === 'commit' ? /^tree ([0-9a-f]{40})\n/.exec(text)?.[1] : undefined;
  if (tree !== undefined) return { tree };
  const next = object.kind === 'tag' ? /^object ([0-9a-f]{40})\n/.exec(text)?.[1] : undefined;
  if (next === undefined) throw broken(`a ${object.kind} stands where a commit is wanted`);
  return { next };
}
