/** Takes manifests apart: several documents a file, lists of objects; a broken document hides no other. */
import { load, loadAll } from 'js-yaml';
import type { RawObject } from '../object-reader.ts';
import { asArray, asRecord, nameOf, textOf } from '../raw-meta.ts';
import { expandsBeyond } from './expansion.ts';
import type { ArchiveFile } from './files.ts';

export interface Parsed {
  readonly objects: readonly FoundObject[];
  readonly broken: readonly { readonly document: number; readonly reason: string }[];
}

export interface FoundObject {
  readonly object: RawObject;
  /** The list it came from: file and document; objects of one list were read by one request. */
  readonly list?: string;
}

/** Some tools write what repeats as an alias, which is fine as long as a file does not stand for much more than it is. */
const YAML_OPTIONS = { maxAliases: 1000, maxDepth: 100 };
const MAX_EXPANSION = 10;
const ALWAYS_ALLOWED_CHARS = 1_000_000;

export function parseManifests(file: ArchiveFile): Parsed {
  const budget = file.content.length * MAX_EXPANSION + ALWAYS_ALLOWED_CHARS;
  const documents = readDocuments(file).map((document) => bounded(document, budget));
  const objects = documents.flatMap((document, index) =>
    'value' in document ? expand(document.value, `${file.path}#${index}`) : [],
  );
  const broken = documents.flatMap((document, index) =>
    'reason' in document ? [{ document: index, reason: document.reason }] : [],
  );
  return { objects, broken };
}

type Document = { readonly value: unknown } | { readonly reason: string };

function readDocuments(file: ArchiveFile): readonly Document[] {
  if (file.content.trim() === '') return [];
  try {
    if (/\.json$/i.test(file.path)) return [{ value: JSON.parse(file.content) }];
    return loadAll(file.content, YAML_OPTIONS).map((value) => ({ value }));
  } catch {
    return splitDocuments(file.content).map(readOne);
  }
}

function bounded(document: Document, budget: number): Document {
  const excessive = 'value' in document && expandsBeyond(document.value, budget);
  return excessive ? { reason: 'its YAML aliases stand for far more than the file holds' } : document;
}

/** Only used once a file has proved broken: finds the document at fault by the separators at line starts. */
function splitDocuments(content: string): readonly string[] {
  return content.split(/^---(?:[ \t].*)?\r?$/m).filter((part) => part.trim() !== '');
}

function readOne(content: string): Document {
  try {
    return { value: load(content, YAML_OPTIONS) };
  } catch (error) {
    // The library's full message quotes the text around the fault.
    const { reason, mark } = error as { reason?: string; mark?: { line?: number } };
    return {
      reason: `not YAML: ${reason ?? 'cannot be parsed'}${mark ? ` (line ${(mark.line ?? 0) + 1} of the document)` : ''}`,
    };
  }
}

/** `kind: List` and typed lists; their items may leave out kind and apiVersion. Documents that are no objects are passed over. */
function expand(value: unknown, origin: string): readonly FoundObject[] {
  const object = asRecord(value);
  const kind = textOf(object['kind']);
  if (kind.endsWith('List') && Array.isArray(object['items'])) {
    const fallback = { apiVersion: textOf(object['apiVersion']), kind: kind.slice(0, -'List'.length) };
    return asArray(object['items']).flatMap((item) => one({ ...fallback, ...asRecord(item) }, origin));
  }
  return one(object);
}

/** Secrets are dropped unseen. */
function one(object: RawObject, list?: string): readonly FoundObject[] {
  const kind = textOf(object['kind']);
  if (kind === '' || kind === 'Secret' || nameOf(object) === '' || textOf(object['apiVersion']) === '') return [];
  return [list === undefined ? { object } : { object, list }];
}
