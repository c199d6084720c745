/** Reads an archive into memory: its objects by resource, what was broken in it, and a capture's own index. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnoseError } from '../../core/errors.ts';
import type { NotRead } from '../../core/model/cluster-state.ts';
import { indexSchema, type ObjectIndex } from '../decode/index-file.ts';
import { nameOf, namespaceOf, textOf } from '../raw-meta.ts';
import { RESOURCES, type Resource, resourceKey } from '../resources.ts';
import { type ArchiveFile, readBounded, requireDirectory, walkManifests } from './files.ts';
import { type FoundObject, parseManifests } from './parse.ts';

/** A capture keeps its objects and their index in here; a plain directory of manifests has no such file. */
export const OBJECTS = 'objects';
export const INDEX_FILE = 'index.json';

export interface Archive {
  readonly objects: ReadonlyMap<string, readonly FoundObject[]>;
  readonly problems: readonly NotRead[];
  readonly index?: ObjectIndex;
}

/** @throws DiagnoseError (usage) ARCHIVE_NOT_FOUND, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE. */
export async function loadArchive(dir: string): Promise<Archive> {
  await requireDirectory(dir);
  const index = await readIndex(dir);
  const { objects, problems } = await readObjects(index ? join(dir, OBJECTS) : dir);
  if (index) return { objects, problems, index };
  if (objects.size === 0)
    throw invalid(
      dir,
      `holds no objects that this tool reads${problems[0] ? `; ${problems[0].what}: ${problems[0].reason}` : ''}`,
    );
  return { objects, problems };
}

export function invalid(where: string, problem: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'ARCHIVE_INVALID',
    `The archive ${where} ${problem}.`,
    'Capture it again, or name a directory with the YAML that kubectl get -o yaml writes.',
  );
}

async function readIndex(dir: string): Promise<ObjectIndex | undefined> {
  const path = join(dir, OBJECTS, INDEX_FILE);
  const folder = await lstat(join(dir, OBJECTS)).catch(() => undefined);
  if (folder?.isSymbolicLink()) throw invalid(join(dir, OBJECTS), 'is a symbolic link, which is not followed');
  const read = await readBounded(path);
  if (!('text' in read)) return undefined;
  const result = indexSchema.safeParse(parseJson(read.text, path));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(path, `is not a capture's index: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, 'is not JSON');
  }
}

async function readObjects(root: string): Promise<{ objects: Map<string, FoundObject[]>; problems: NotRead[] }> {
  const objects = new Map<string, FoundObject[]>();
  const seen = new Map<string, string>();
  const problems: NotRead[] = [];
  const walk = walkManifests(root);
  for await (const file of walk.files) {
    if (file.path === INDEX_FILE) continue;
    const parsed = parseManifests(file);
    problems.push(
      ...parsed.broken.map(({ document, reason }) => problem(`${file.path} document ${document + 1}`, reason)),
    );
    for (const found of parsed.objects) {
      const clash = place(objects, seen, found, file);
      if (clash) problems.push(clash);
    }
  }
  problems.push(...walk.skipped.map(({ path, reason }) => problem(path, reason)));
  return { objects, problems };
}

function problem(where: string, reason: string): NotRead {
  return {
    what: `file ${where} of the archive, which may hold policies`,
    code: 'invalid',
    reason,
    nextStep: 'Repair or remove that file.',
  };
}

/** Returns a problem when the same object was found before with another content; the first one stays. */
// oxlint-disable-next-line max-params -- fills two indexes from one object and its file
function place(
  objects: Map<string, FoundObject[]>,
  seen: Map<string, string>,
  found: FoundObject,
  file: ArchiveFile,
): NotRead | undefined {
  const resource = resourceOf(found);
  if (!resource) return undefined;
  const key = resourceKey(resource);
  const id = `${key} ${namespaceOf(found.object) ?? ''}/${nameOf(found.object)}`;
  const content = JSON.stringify(found.object);
  const before = seen.get(id);
  if (before !== undefined)
    return before === content
      ? undefined
      : problem(file.path, `${id} is given again, with another content; the first is used`);
  seen.set(id, content);
  const ofKind = objects.get(key);
  if (ofKind) ofKind.push(found);
  else objects.set(key, [found]);
  return undefined;
}

function resourceOf({ object }: FoundObject): Resource | undefined {
  const apiVersion = textOf(object['apiVersion']);
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return RESOURCES.find((resource) => resource.group === group && resource.kind === object['kind']);
}
