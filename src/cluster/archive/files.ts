/** Walks an archive's files, which may come from anybody: no symbolic links, bounded in number, depth and size. */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DiagnoseError } from '../../core/errors.ts';

const MAX_FILES = 50_000;
const MAX_DEPTH = 12;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;

export interface ArchiveFile {
  /** Relative to the archive, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

export interface Walk {
  readonly files: AsyncIterable<ArchiveFile>;
  /** Links, oversized and unreadable files, each with its reason. */
  readonly skipped: { readonly path: string; readonly reason: string }[];
}

/** @throws DiagnoseError (usage) ARCHIVE_NOT_FOUND. */
export async function requireDirectory(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new DiagnoseError(
    'usage',
    'ARCHIVE_NOT_FOUND',
    found ? `The archive ${dir} is not a directory.` : `The archive ${dir} does not exist.`,
    'Name a directory that capture wrote, or one with the YAML that kubectl get -o yaml writes.',
  );
}

/** Manifest files below `root` in path order. @throws DiagnoseError (usage) ARCHIVE_TOO_LARGE while iterating. */
export function walkManifests(root: string): Walk {
  const skipped: { path: string; reason: string }[] = [];
  return { files: readAll(root, skipped), skipped };
}

async function* readAll(root: string, skipped: { path: string; reason: string }[]): AsyncIterable<ArchiveFile> {
  let total = 0;
  let count = 0;
  for await (const full of pathsBelow(root, 0, skipped, root)) {
    const path = relative(root, full).replaceAll('\\', '/');
    const content = await readBounded(full);
    if ('reason' in content) {
      skipped.push({ path, reason: content.reason });
      continue;
    }
    total += content.text.length;
    count += 1;
    if (count > MAX_FILES || total > MAX_TOTAL_BYTES) throw tooLarge(root);
    yield { path, content: content.text };
  }
}

// oxlint-disable-next-line max-params -- a recursive walk carries where it is and where it reports
async function* pathsBelow(
  dir: string,
  depth: number,
  skipped: { path: string; reason: string }[],
  root: string,
): AsyncIterable<string> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    skipped.push({ path: relative(root, dir) || '.', reason: `cannot be read (${error.code ?? 'unknown'})` });
    return [];
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = join(dir, entry.name);
    if (entry.isSymbolicLink()) skipped.push({ path: relative(root, full), reason: 'symbolic links are not followed' });
    else if (entry.isDirectory()) {
      if (depth >= MAX_DEPTH) skipped.push({ path: relative(root, full), reason: `deeper than ${MAX_DEPTH} folders` });
      else if (!/^(?:\.|node_modules$)/.test(entry.name)) yield* pathsBelow(full, depth + 1, skipped, root);
    } else if (entry.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name)) yield full;
  }
}

/** O_NOFOLLOW holds even if the file is swapped for a link after it was listed; without O_NONBLOCK a named pipe would be waited for. */
export async function readBounded(path: string): Promise<{ readonly text: string } | { readonly reason: string }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  if (handle instanceof Error) return { reason: `cannot be read (${handle.code ?? 'unknown'})` };
  try {
    const found = await handle.stat();
    if (!found.isFile()) return { reason: 'is not a regular file' };
    if (found.size > MAX_FILE_BYTES) return { reason: `larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB` };
    return { text: await handle.readFile('utf8') };
  } finally {
    await handle.close();
  }
}

function tooLarge(root: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'ARCHIVE_TOO_LARGE',
    `The archive ${root} holds more than ${MAX_FILES} manifests or ${MAX_TOTAL_BYTES / 1024 / 1024} MiB.`,
    'Name a directory that holds only the objects of this cluster.',
  );
}
