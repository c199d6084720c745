/** Reads a capture's recordings and checks their shape, naming file and place where they do not fit; used by `replay.ts`. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { DiagnoseError } from '../core/errors.ts';
import { type CaptureMeta, FILES, type Recordings } from './layout.ts';
import { captureMeta } from './schemas/capture-meta.ts';
import { flowRecordings } from './schemas/flow-recording.ts';
import { gitopsRecordings } from './schemas/gitops-recording.ts';
import { logRecordings } from './schemas/log-recording.ts';
import { probeRecordings } from './schemas/probe-recording.ts';

const MAX_BYTES = 32 * 1024 * 1024;

export interface LoadedCapture {
  /** Absent for a plain directory of manifests. */
  readonly meta?: CaptureMeta;
  readonly recordings: Recordings;
}

/** @throws DiagnoseError (usage) ARCHIVE_NOT_FOUND, ARCHIVE_INVALID. */
export async function loadCapture(dir: string): Promise<LoadedCapture> {
  await requireDirectory(dir);
  const [meta, probes, logs, flows, gitops] = await Promise.all([
    readPart(dir, FILES.meta, captureMeta),
    readPart(dir, FILES.probes, probeRecordings),
    readPart(dir, FILES.logs, logRecordings),
    readPart(dir, FILES.flows, flowRecordings),
    readPart(dir, FILES.gitops, gitopsRecordings),
  ]);
  const recordings: Recordings = {
    probes: (meta && probes) ?? [],
    logs: (meta && logs) ?? [],
    flows: (meta && flows) ?? { observe: [], follow: [], fqdnCache: [] },
    gitops: (meta && gitops) ?? { compare: [], patch: [] },
  };
  return meta ? { meta, recordings } : { recordings };
}

async function requireDirectory(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new DiagnoseError(
    'usage',
    'ARCHIVE_NOT_FOUND',
    found ? `The archive ${dir} is not a directory.` : `The archive ${dir} does not exist.`,
    'Name a directory that capture wrote, or one with the YAML that kubectl get -o yaml writes.',
  );
}

async function readPart<T>(dir: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const path = join(dir, name);
  const content = await readFileBounded(path);
  if (content === undefined) return undefined;
  const result = schema.safeParse(parseJson(content, path));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(path, `at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'not understood'}`);
}

/** Undefined where there is no such file. A link is not followed nor a named pipe waited for: archives come from anybody. */
async function readFileBounded(path: string): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw invalid(path, `it cannot be read (${error.code})`);
    },
  );
  if (!handle) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw invalid(path, 'it is not a regular file');
    if (found.size > MAX_BYTES) throw invalid(path, `it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw invalid(path, 'it is not JSON');
  }
}

function invalid(path: string, problem: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'ARCHIVE_INVALID',
    `The archive's file ${path} is not usable: ${problem}.`,
    'Capture it again with this version.',
  );
}
