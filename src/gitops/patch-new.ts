/** A policy that is not there yet, as a file beside the namespace's others, in their style, and listed where they are; from `patch-changes.ts`. */
import { posix } from 'node:path';
import { applyEdit, type Edit } from '../core/drift/apply-change.ts';
import { exactText, isList, isRecord, type Json } from '../core/drift/json.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { GitDocument } from './documents.ts';
import type { RepositoryFile } from './files.ts';
import { houseStyleOf } from './house-style.ts';
import { renderBlock } from './render-value.ts';
import { spliceEdit } from './splice.ts';
import { loadYaml } from './yaml.ts';
import { buildTrees } from './yaml-tree.ts';

export interface Repository {
  readonly documents: readonly GitDocument[];
  readonly kustomizations: readonly RepositoryFile[];
  /** What the folder's kustomization makes, and which folder that is; absent where files are applied as they are written. */
  readonly applied?: readonly GitDocument[];
  readonly built?: { readonly folder: string };
}

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** The kustomization that lists it from now on. */
  readonly listing?: { readonly path: string; readonly before: string; readonly text: string };
  readonly note: string;
}

/** Undefined where no folder holds policies of the namespace: then where it belongs is not known. */
export function newFile(repository: Repository, ref: ObjectRef, edits: readonly Edit[]): NewFile | undefined {
  const place = placeFor(repository, ref);
  const object = edits.reduce<Json | undefined>((value, edit) => applyEdit(value ?? null, edit), undefined);
  if (place === undefined || object === undefined) return undefined;
  const { model, folder } = place;
  const name = `${ref.name}${posix.extname(model.file.path)}`;
  const path = posix.join(folder, name);
  if (repository.documents.some(({ file }) => file.path === path)) return undefined;
  const file = { path, text: textLike(model, object) };
  const listing = listIn(repository.kustomizations, folder, name);
  return typeof listing === 'string'
    ? { ...file, note: `${path} is a new file. ${listing}` }
    : { ...file, listing, note: `${path} is a new file, and ${listing.path} lists it.` };
}

interface Place {
  /** What it is to look like. */
  readonly model: GitDocument;
  readonly folder: string;
}

/** Beside the namespace's others; where a kustomization gives them their namespace, in its folder, not in the base that others share. */
function placeFor({ documents, applied = [], built }: Repository, ref: ObjectRef): Place | undefined {
  const beside = neighbourOf(documents, ref);
  if (beside !== undefined) return { model: beside, folder: posix.dirname(beside.file.path) };
  const sources = applied.filter(({ namespace }) => namespace === ref.namespace).map(({ file }) => file.path);
  const model = documents.find(({ file }) => sources.includes(file.path));
  return model === undefined || built === undefined ? undefined : { model, folder: built.folder };
}

/** In the folder that holds most of the namespace's policies, one of the same kind before others. */
function neighbourOf(documents: readonly GitDocument[], { kind, namespace }: ObjectRef): GitDocument | undefined {
  const own = documents.filter((one) => one.namespace === namespace);
  const inFolder = (one: GitDocument): number =>
    own.filter(({ file }) => posix.dirname(file.path) === posix.dirname(one.file.path)).length;
  return own.toSorted(
    (a, b) =>
      inFolder(b) - inFolder(a) ||
      Number(b.kind === kind) - Number(a.kind === kind) ||
      (a.file.path < b.file.path ? -1 : 1),
  )[0];
}

/** Indentation, quotes, line ends and the opening mark of the file that people would have copied. */
function textLike({ text, file }: GitDocument, object: Json): string {
  const loaded = loadYaml(text);
  const root = loaded.ok ? buildTrees(text, loaded.events)[file.document] : undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const style = root ? houseStyleOf(text, root) : undefined;
  const lines = renderBlock(object, '', style ?? PLAIN);
  const plain = `${[...(text.startsWith('---') ? ['---'] : []), ...lines].join(eol)}${eol}`;
  return parsesTo(plain, object) ? plain : `${renderBlock(object, '', PLAIN).join('\n')}\n`;
}

const PLAIN = {
  indent: 2,
  flushSequences: false,
  quotes: new Map(),
  quote: 'double',
  padded: false,
  quotedKeys: false,
} as const;

function parsesTo(text: string, object: Json): boolean {
  const loaded = loadYaml(text);
  return loaded.ok && loaded.documents.length === 1 && exactText(loaded.documents[0] ?? null) === exactText(object);
}

/** Flux makes a kustomization of its own for a folder without one; what lists files has to list the new one. */
function listIn(
  files: readonly RepositoryFile[],
  folder: string,
  name: string,
): NonNullable<NewFile['listing']> | string {
  const beside = files.find(({ path }) => posix.dirname(path) === folder);
  if (beside === undefined)
    return 'No kustomization stands beside it: make sure that what applies this folder takes every file in it.';
  const text = withResource(beside.text, name);
  if (text === undefined) return `Add ${name} to the resources of ${beside.path}, or it is not applied.`;
  return { path: beside.path, before: beside.text, text };
}

/** Undefined where there is no plain list, or the edit cannot be proved. */
function withResource(text: string, name: string): string | undefined {
  const loaded = loadYaml(text);
  if (!loaded.ok) return undefined;
  const before = loaded.documents[0] ?? null;
  const root = buildTrees(text, loaded.events)[0];
  if (!root || !isRecord(before) || !isList(before['resources'] ?? null)) return undefined;
  const edit: Edit = { op: 'add', path: ['resources', '-'], value: name };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const edited = spliceEdit({ text, style: houseStyleOf(text, root), eol }, root, edit);
  const intended = applyEdit(before, edit);
  return edited !== undefined && intended !== undefined && parsesTo(edited, intended) ? edited : undefined;
}
