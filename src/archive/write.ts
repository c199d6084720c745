/** Writes a capture beside its final place and moves it there, so that a directory is either whole or as it was; used by `record.ts`. */
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DiagnoseError } from '../core/errors.ts';
import { redact } from '../core/text/redact.ts';
import { type CaptureMeta, FILES, FORMAT_VERSION, type Recordings } from './layout.ts';

export interface CaptureContent {
  readonly dir: string;
  readonly meta: CaptureMeta;
  readonly recordings: Recordings;
  readonly writeObjects: (dir: string) => Promise<void>;
}

export async function writeCapture(content: CaptureContent): Promise<void> {
  const target = resolve(content.dir);
  try {
    await requireReplaceable(target);
    await mkdir(dirname(target), { recursive: true });
    const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      await fill(temporary, content);
      await moveInto(temporary, target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  } catch (error) {
    throw asWriteError(content.dir, error);
  }
}

/** What a capture consists of: the recordings and the objects of `cluster/archive`. */
const PARTS: ReadonlySet<string> = new Set([...Object.values(FILES), 'objects']);

/** Only an empty directory or an earlier capture is replaced, and no capture that somebody put files of their own into. */
async function requireReplaceable(target: string): Promise<void> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0 || (names.includes(FILES.meta) && names.every((name) => PARTS.has(name)))) return;
  throw new DiagnoseError(
    'usage',
    'CAPTURE_DIR_NOT_EMPTY',
    `The directory ${target} holds files that are not a capture's, so nothing was written.`,
    'Name a directory that does not exist, is empty, or holds an earlier capture.',
  );
}

async function fill(dir: string, content: CaptureContent): Promise<void> {
  const { meta, recordings } = content;
  const write = (name: string, value: unknown) =>
    writeFile(join(dir, name), `${JSON.stringify(value, undefined, 2)}\n`);
  await content.writeObjects(dir);
  await write(FILES.probes, redactAll(recordings.probes));
  await write(FILES.logs, redactAll(recordings.logs));
  await write(FILES.flows, redactAll(recordings.flows));
  await write(FILES.gitops, recordings.gitops);
  await write(FILES.meta, { formatVersion: FORMAT_VERSION, ...meta });
}

/** The adapters redact; that a file stays when an answer would scroll away is reason to do it again (`redact` changes nothing twice). */
function redactAll(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, redactAll(field)]));
}

async function moveInto(temporary: string, target: string): Promise<void> {
  const old = `${temporary}-old`;
  const replaced = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, target);
  } catch (error) {
    if (replaced) await rename(old, target);
    throw error;
  }
  if (replaced) await rm(old, { recursive: true, force: true });
}

function asWriteError(dir: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof DiagnoseError || code === undefined) return error;
  return new DiagnoseError(
    'usage',
    'CAPTURE_NOT_WRITTEN',
    `The capture could not be written to ${dir} (${code}).`,
    'Name a directory that can be created and written to.',
  );
}
