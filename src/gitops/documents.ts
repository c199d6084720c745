/** Policies in the files of a repository; what looks like one and cannot be used is reported, never dropped silently. */

import { isList, isRecord, type Json, type JsonRecord, type Path } from '../core/drift/json.ts';
import { API_VERSIONS } from '../core/drift/manifest.ts';
import { normalise } from '../core/drift/normalise.ts';
import type { GitPolicy } from '../core/drift/report.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { RepositoryFile, Skipped } from './files.ts';
import { kustomizationNote } from './kustomization.ts';
import { type Substitution, substitute } from './render/substitute.ts';
import { loadYaml } from './yaml.ts';

export interface GitDocument extends GitPolicy {
  /** The whole file. */
  readonly text: string;
  /** Where the policy is inside its document: `['items', 3]` in a List, else empty. */
  readonly prefix: Path;
  /** Where its text holds variables of Flux: what they were replaced by in `manifest`. */
  readonly variables?: Substitution;
}

export interface Documents {
  readonly policies: readonly GitDocument[];
  /** Files that list what is applied; a new file beside one has to be listed in it. */
  readonly kustomizations: readonly RepositoryFile[];
  readonly skipped: readonly Skipped[];
}

/** Broken files that cannot hold a policy are worth a report too, as long as looking is cheap. */
const MAX_OTHER_BYTES = 2 * 1024 * 1024;
const TEMPLATE = /\{\{.*\}\}/;
/** Flux `postBuild` and envsubst variables. */
const SUBSTITUTION = /\$\{[A-Za-z_]/;

/** `values`: what Flux substitutes; undefined where the caller knows of none. */
export function readDocuments(files: readonly RepositoryFile[], values?: Substitution): Documents {
  const policies: GitDocument[] = [];
  const skipped: Skipped[] = [];
  let others = 0;
  for (const file of files) {
    const relevant = isRelevant(file);
    others += relevant ? 0 : file.text.length;
    if (!relevant && others > MAX_OTHER_BYTES) continue;
    const read = readFile(file, relevant, values);
    policies.push(...read.policies);
    skipped.push(...read.skipped);
  }
  return { policies, kustomizations: files.filter(isKustomization), skipped };
}

function isRelevant(file: RepositoryFile): boolean {
  return file.text.includes('NetworkPolicy') || isKustomization(file);
}

function isKustomization({ path }: RepositoryFile): boolean {
  return /(^|\/)kustomization\.ya?ml$/.test(path);
}

function readFile(
  file: RepositoryFile,
  relevant: boolean,
  values: Substitution | undefined,
): Omit<Documents, 'kustomizations'> {
  const loaded = loadYaml(file.text);
  if (!loaded.ok) return { policies: [], skipped: brokenFile(file, loaded.reason, relevant) };
  const found = loaded.documents.flatMap((document, index) =>
    objectsOf(document).map((object) => ({ ...object, index })),
  );
  const outcomes = found.map((entry) => readPolicy(file, entry, values));
  return {
    policies: outcomes.flatMap((outcome) => (typeof outcome === 'object' ? [outcome] : [])),
    skipped: [
      ...kustomizationNote(file.path, loaded.documents),
      ...outcomes.flatMap((reason) => (typeof reason === 'string' ? [{ path: file.path, reason }] : [])),
    ],
  };
}

/** Unrelated templates are no news; a template that mentions policies is. */
function brokenFile(file: RepositoryFile, reason: string, relevant: boolean): Skipped[] {
  const template = TEMPLATE.test(file.text);
  if (template) return relevant ? [{ path: file.path, reason: 'a template, not rendered' }] : [];
  return [{ path: file.path, reason }];
}

interface Found {
  readonly object: JsonRecord;
  readonly prefix: Path;
}

/** The document itself, or the members of a `kind: List` as kubectl writes it. */
function objectsOf(document: Json): Found[] {
  if (!isRecord(document)) return [];
  const { kind, items } = document;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !isList(items)) return [{ object: document, prefix: [] }];
  return items.flatMap((object, at) => (isRecord(object) ? [{ object, prefix: ['items', at] }] : []));
}

type Located = Pick<GitDocument, 'file' | 'text' | 'prefix'>;

/** The policy, the reason why it cannot be used, or undefined for any other object. */
function readPolicy(
  { path, text }: RepositoryFile,
  { object: written, prefix, index }: Found & { readonly index: number },
  values: Substitution | undefined,
): GitDocument | string | undefined {
  const kind = policyKind(written);
  if (kind === undefined) return undefined;
  const at: Located = { file: { path, document: index }, text, prefix };
  if (values === undefined) return asPolicy(kind, written, at);
  const replaced = substitute(written, values);
  if (!replaced.ok) return `document ${index + 1}, ${kind}: ${replaced.reason}`;
  const policy = asPolicy(kind, replaced.manifest, at);
  return typeof policy === 'string' || replaced.manifest === written ? policy : { ...policy, variables: values };
}

function asPolicy(kind: PatchablePolicy['kind'], manifest: JsonRecord, at: Located): GitDocument | string {
  const metadata = isRecord(manifest.metadata) ? manifest.metadata : {};
  const name = textOf(metadata.name);
  const label = `document ${at.file.document + 1}, ${kind}${name === undefined ? '' : ` ${name.slice(0, 100)}`}`;
  const unrendered = unrenderedReason([metadata.name, metadata.namespace, manifest.spec, manifest.specs]);
  if (unrendered !== undefined) return `${label}: ${unrendered}`;
  if (name === undefined) return `${label}: it has no metadata.name`;
  const normalised = normalise(kind, manifest);
  if (!normalised.ok) return `${label}: not a valid policy: ${normalised.reason}`;
  return { kind, name, ...placeOf(kind, textOf(metadata.namespace)), manifest, normal: normalised.normal, ...at };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function placeOf(kind: PatchablePolicy['kind'], namespace: string | undefined): { namespace?: string } {
  return kind === 'CiliumClusterwideNetworkPolicy' || namespace === undefined ? {} : { namespace };
}

function policyKind(manifest: JsonRecord): PatchablePolicy['kind'] | undefined {
  const kinds = Object.keys(API_VERSIONS) as PatchablePolicy['kind'][];
  const kind = kinds.find((candidate) => candidate === manifest.kind);
  // Other groups use the same kind names (Calico's NetworkPolicy).
  return kind !== undefined && manifest.apiVersion === API_VERSIONS[kind] ? kind : undefined;
}

function unrenderedReason(parts: readonly (Json | undefined)[]): string | undefined {
  const text = JSON.stringify(parts);
  if (TEMPLATE.test(text)) return 'a template, not rendered';
  return SUBSTITUTION.test(text) ? `substitution variables (\${…}), not rendered` : undefined;
}
