/** The YAML and JSON files of a snapshot under a folder, bounded, with everything that was passed over named; feeds `documents.ts`. */
import { GitProblem } from './git-problem.ts';
import { parseTree, type TreeEntry } from './objects/parse.ts';
import { type Snapshot, similarNames } from './snapshot.ts';

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}

export interface Limits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  readonly maxEntries: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxFiles: 10_000,
  maxFileBytes: 1024 * 1024,
  maxTotalBytes: 32 * 1024 * 1024,
  maxEntries: 200_000,
};

const MANIFEST = /\.(ya?ml|json)$/i;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
/** PATH_MAX of Linux: nobody could check it out. */
const MAX_PATH = 4096;
const NARROW = 'give a narrower path';

interface Blob {
  readonly path: string;
  readonly oid: string;
}

/** @throws GitProblem when the folder is not there or holds no such file at all. */
export async function readFiles(
  snapshot: Snapshot,
  path: readonly string[],
  context: { readonly signal: AbortSignal; readonly limits: Limits },
): Promise<{ files: readonly RepositoryFile[]; skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = [];
  const start = await findFolder(snapshot, path);
  const blobs = start.type === 'file' ? [start] : await walk(snapshot, start, { ...context, skipped });
  if (blobs.length === 0 && skipped.length === 0) throw noManifests(snapshot, path);
  const files = await readBlobs(snapshot, blobs, { ...context, skipped });
  return { files, skipped };
}

function noManifests(snapshot: Snapshot, path: readonly string[]): GitProblem {
  const where = path.length > 0 ? `path ${path.join('/')}` : 'the repository';
  const reason = `${where} holds no .yaml, .yml or .json file at ${snapshot.ref} (${snapshot.commit.slice(0, 12)})`;
  return new GitProblem('not_found', reason, 'Name the folder that holds the policies, or another ref.');
}

interface Folder extends Blob {
  readonly type: TreeEntry['type'];
}

async function findFolder(snapshot: Snapshot, path: readonly string[]): Promise<Folder> {
  let at: Folder = { path: '', oid: snapshot.tree, type: 'tree' };
  for (const [depth, segment] of path.entries()) {
    const entries = at.type === 'tree' ? await readTree(snapshot, at) : [];
    const entry = entries.find((candidate) => candidate.name === segment);
    if (entry === undefined) throw folderNotFound(snapshot, path.slice(0, depth + 1), entries);
    if (entry.type === 'symlink' || entry.type === 'submodule') throw notFollowed(path.slice(0, depth + 1), entry);
    at = { path: path.slice(0, depth + 1).join('/'), oid: entry.oid, type: entry.type };
  }
  return at;
}

function folderNotFound(snapshot: Snapshot, path: readonly string[], siblings: readonly TreeEntry[]): GitProblem {
  const wanted = path.at(-1) ?? '';
  const near = similarNames(wanted, siblings.map((entry) => entry.name).filter(isPlainName));
  const parent = path.slice(0, -1).join('/') || 'the root';
  const next = near.length > 0 ? `In ${parent} there is: ${near.join(', ')}.` : `${parent} is empty or a file.`;
  return new GitProblem('not_found', `path ${path.join('/')} is not in the repository at ${snapshot.ref}`, next);
}

function notFollowed(path: readonly string[], entry: TreeEntry): GitProblem {
  const what = entry.type === 'submodule' ? 'a submodule' : 'a symbolic link';
  const next = entry.type === 'submodule' ? 'Give the submodule as the repository.' : 'Give the folder it points to.';
  return new GitProblem('refused', `path ${path.join('/')} is ${what}, which is not followed`, next);
}

async function readTree({ objects }: Snapshot, { path, oid }: Blob): Promise<readonly TreeEntry[]> {
  const object = await objects.read(oid);
  if (object?.kind === 'tree') return parseTree(object.data);
  if (object?.kind !== 'too large') throw notThere(path, oid);
  throw new GitProblem('refused', `folder ${shown(path)} has more entries than are read`, 'Give another path.');
}

function notThere(path: string, oid: string): GitProblem {
  const reason = `the repository lacks an object that its own tree names: ${shown(path) || 'the root'} (${oid.slice(0, 12)})`;
  const next = 'Partial clones and clones with --reference are not read: use a full clone.';
  return new GitProblem('unsupported', reason, next);
}

interface Reading {
  readonly signal: AbortSignal;
  readonly limits: Limits;
  readonly skipped: Skipped[];
}

/** Depth first, in Git's own order, so that a limit cuts the same way each time. */
async function walk(snapshot: Snapshot, start: Blob, reading: Reading): Promise<Blob[]> {
  const { limits, signal, skipped } = reading;
  const blobs: Blob[] = [];
  const pending: Blob[] = [start];
  let seen = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const entries = await readTree(snapshot, folder);
    seen += entries.length;
    if (seen > limits.maxEntries) {
      skipped.push({ path: folder.path || '.', reason: `too many files: from here on nothing was read; ${NARROW}` });
      break;
    }
    const { files, folders } = sort(entries, folder.path, skipped);
    blobs.push(...files);
    pending.push(...folders.toReversed());
  }
  return likelyFirst(blobs, reading);
}

const LIKELY = /polic|netpol|network|cilium|egress|cnp/i;

/** Where not all can be read, those that by their path are about policies are. */
function likelyFirst(blobs: readonly Blob[], { limits, skipped }: Reading): Blob[] {
  if (blobs.length <= limits.maxFiles) return [...blobs];
  const left = blobs.length - limits.maxFiles;
  skipped.push({ path: '…', reason: `too many files: ${left} of ${blobs.length} were not read; ${NARROW}` });
  const ranked = blobs.toSorted((a, b) => Number(LIKELY.test(b.path)) - Number(LIKELY.test(a.path)));
  return ranked.slice(0, limits.maxFiles);
}

function sort(entries: readonly TreeEntry[], parent: string, skipped: Skipped[]): { files: Blob[]; folders: Blob[] } {
  const files: Blob[] = [];
  const folders: Blob[] = [];
  for (const entry of entries) {
    const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
    const refused = path.length > MAX_PATH ? 'its path is longer than is read' : refusal(entry);
    if (refused !== undefined) skipped.push({ path: shown(path), reason: refused });
    else if (entry.type === 'tree') folders.push({ path, oid: entry.oid });
    else if (entry.type === 'file' && MANIFEST.test(entry.name)) files.push({ path, oid: entry.oid });
  }
  return { files, folders };
}

function refusal(entry: TreeEntry): string | undefined {
  if (!isPlainName(entry.name)) return 'its name is not one that git checks out';
  if (entry.type === 'submodule') return 'a submodule: not read';
  if (entry.type !== 'symlink') return undefined;
  return MANIFEST.test(entry.name) || !/\.[^.]+$/.test(entry.name) ? 'a symbolic link: not followed' : undefined;
}

function isPlainName(name: string): boolean {
  return !/^(\.{1,2}|\.git)$/i.test(name) && !/[\u0000-\u001f\u007f/\\]/.test(name);
}

function shown(path: string): string {
  return isPlainName(path.replaceAll('/', '')) ? path : JSON.stringify(path).slice(0, 200);
}

async function readBlobs(snapshot: Snapshot, blobs: readonly Blob[], reading: Reading): Promise<RepositoryFile[]> {
  const { objects } = snapshot;
  const files: RepositoryFile[] = [];
  let left = reading.limits.maxTotalBytes;
  let absent: Blob | undefined;
  await objects.want(
    blobs.map(({ oid }) => oid),
    reading.signal,
  );
  for (const blob of blobs) {
    reading.signal.throwIfAborted();
    const object = await objects.read(blob.oid);
    if (object === undefined) {
      absent = blob;
      reading.skipped.push({ path: blob.path, reason: 'its content is not in the repository, or larger than is read' });
      continue;
    }
    const bytes = object.kind === 'too large' ? undefined : object.data;
    const read = bytes === undefined ? tooLarge(reading.limits) : decode(bytes, reading.limits);
    if ('reason' in read) reading.skipped.push({ path: blob.path, reason: read.reason });
    else files.push({ path: blob.path, text: read.text });
    left -= bytes?.length ?? 0;
    if (left < 0) {
      reading.skipped.push({ path: blob.path, reason: `too much text: what follows was not read; ${NARROW}` });
      break;
    }
  }
  if (files.length === 0 && absent !== undefined) throw notThere(absent.path, absent.oid);
  return files;
}

function tooLarge({ maxFileBytes }: Limits): { reason: string } {
  return { reason: `larger than ${maxFileBytes} bytes: not read` };
}

function decode(bytes: Uint8Array, limits: Limits): { text: string } | { reason: string } {
  if (bytes.length > limits.maxFileBytes) return tooLarge(limits);
  try {
    // ignoreBOM keeps the mark in the text, so that a patch of the file keeps it as well.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith(LFS_POINTER)
      ? { reason: 'a Git LFS pointer: the content is not in the repository' }
      : { text };
  } catch {
    return { reason: 'not UTF-8 text' };
  }
}
