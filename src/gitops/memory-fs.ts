/** A file system in memory for isomorphic-git, so that a remote repository leaves nothing on disk; used by `remote-repository.ts`. */
import { posix } from 'node:path';
import type { PromiseFsClient } from 'isomorphic-git';

type Entry = { readonly kind: 'file'; readonly data: Uint8Array } | { readonly kind: 'dir' };

/** Only what isomorphic-git calls on init and fetch; symbolic links do not exist here. */
export function createMemoryFs(): PromiseFsClient {
  const entries = new Map<string, Entry>([['/', { kind: 'dir' }]]);
  const get = (path: string): Entry => {
    const entry = entries.get(posix.normalize(path));
    if (entry === undefined) throw failure('ENOENT', path);
    return entry;
  };
  const put = (path: string, entry: Entry): void => {
    const at = posix.normalize(path);
    if (entries.get(posix.dirname(at))?.kind !== 'dir') throw failure('ENOENT', path);
    entries.set(at, entry);
  };
  const stat = async (path: string): Promise<unknown> => statOf(get(path));
  return {
    promises: {
      readFile: async (path: string, options?: unknown) => readAs(fileOf(get(path), path), options),
      writeFile: async (path: string, data: Uint8Array | string) =>
        put(path, { kind: 'file', data: typeof data === 'string' ? new TextEncoder().encode(data) : data }),
      mkdir: async (path: string) => {
        if (entries.has(posix.normalize(path))) throw failure('EEXIST', path);
        put(path, { kind: 'dir' });
      },
      readdir: async (path: string) => childrenOf(entries, posix.normalize(path), get(path)),
      unlink: async (path: string) => remove(entries, path),
      rmdir: async (path: string) => remove(entries, path),
      stat,
      lstat: stat,
      readlink: async (path: string) => Promise.reject(failure('EINVAL', path)),
      symlink: async (_target: string, path: string) => Promise.reject(failure('EPERM', path)),
    },
  };
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

function fileOf(entry: Entry, path: string): Uint8Array {
  if (entry.kind === 'dir') throw failure('EISDIR', path);
  return entry.data;
}

function readAs(data: Uint8Array, options: unknown): Uint8Array | string {
  const encoding = typeof options === 'string' ? options : (options as { encoding?: string } | undefined)?.encoding;
  return encoding === undefined ? data : new TextDecoder().decode(data);
}

function remove(entries: Map<string, Entry>, path: string): void {
  if (!entries.delete(posix.normalize(path))) throw failure('ENOENT', path);
}

function childrenOf(entries: ReadonlyMap<string, Entry>, dir: string, entry: Entry): string[] {
  if (entry.kind !== 'dir') throw failure('ENOTDIR', dir);
  return [...entries.keys()]
    .filter((path) => path !== '/' && posix.dirname(path) === dir)
    .map((path) => posix.basename(path));
}

function statOf(entry: Entry): object {
  const isDir = entry.kind === 'dir';
  return {
    type: entry.kind,
    mode: isDir ? 0o40755 : 0o100644,
    size: entry.kind === 'file' ? entry.data.length : 0,
    ino: 0,
    mtimeMs: 0,
    ctimeMs: 0,
    isFile: () => !isDir,
    isDirectory: () => isDir,
    isSymbolicLink: () => false,
  };
}
