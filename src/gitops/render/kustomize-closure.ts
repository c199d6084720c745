/** All files that building one kustomization reads, and nothing that would leave the repository; used by `kustomize.ts`. */
import { posix } from 'node:path';
import { isList, isRecord, type Json, type JsonRecord } from '../../core/drift/json.ts';
import type { TreeEntry } from '../objects/parse.ts';
import { loadYaml } from '../yaml.ts';
import { NotRendered } from './not-rendered.ts';
import type { TreeView } from './tree-view.ts';

/** What kustomize takes as the name of a kustomization (konfig.RecognizedKustomizationFileNames). */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

const MAX_FILES = 500;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_KUSTOMIZATIONS = 50;

/** kustomize.config.k8s.io Kustomization without what runs programs (generators, transformers, validators) or fetches charts. */
const FIELDS: ReadonlySet<string> = new Set(
  `apiVersion kind metadata namespace namePrefix nameSuffix commonLabels commonAnnotations labels resources bases components
  patches patchesStrategicMerge patchesJson6902 images replicas replacements vars configMapGenerator secretGenerator
  generatorOptions buildMetadata sortOptions configurations crds openapi`.split(/\s+/),
);
const NESTED = ['resources', 'bases', 'components'] as const;
/** Free text, in which a URL is only text. */
const TEXT: ReadonlySet<string> = new Set(
  'metadata commonLabels commonAnnotations labels images literals patch options generatorOptions'.split(' '),
);

interface Search {
  readonly tree: TreeView;
  readonly files: Map<string, TreeEntry>;
  readonly seen: Set<string>;
}

/** Contents by path from the repository's root, of the folders and all that they build upon. @throws NotRendered */
export async function closureOf(tree: TreeView, roots: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const search: Search = { tree, files: new Map(), seen: new Set() };
  const pending = [...roots];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (search.seen.has(folder)) continue;
    search.seen.add(folder);
    if (search.seen.size > MAX_KUSTOMIZATIONS) throw new NotRendered(`more than ${MAX_KUSTOMIZATIONS} kustomizations`);
    pending.push(...(await readKustomization(search, folder)));
  }
  return contentsOf(search);
}

async function contentsOf({ tree, files }: Search): Promise<ReadonlyMap<string, Buffer>> {
  const contents = await tree.read([...files.values()]);
  const found = [...files.keys()].map((path, at) => {
    const content = contents[at];
    if (content === undefined) throw new NotRendered(`${path} cannot be read`);
    return [path, content] as const;
  });
  if (found.reduce((sum, [, content]) => sum + content.length, 0) > MAX_BYTES) throw new NotRendered('too much text');
  return new Map(found);
}

/** Adds the files that it names; returns the folders that it builds upon. */
async function readKustomization(search: Search, folder: string): Promise<readonly string[]> {
  const { path, document } = await loadKustomization(search, folder);
  const foreign = Object.keys(document).filter((field) => !FIELDS.has(field));
  if (foreign.length > 0) throw new NotRendered(`${path} uses ${foreign.slice(0, 3).join(', ')}`);
  const folders: string[] = [];
  for (const field of NESTED) {
    const listed = document[field];
    for (const named of isList(listed) ? listed : []) {
      const base = await addNested(search, { path, folder, named });
      if (base !== undefined) folders.push(base);
    }
  }
  for (const text of stringsOf(document)) await addFile(search, path, text);
  return folders;
}

async function loadKustomization(search: Search, folder: string): Promise<{ path: string; document: JsonRecord }> {
  const entries = await search.tree.list(folder);
  const found = entries.filter(({ name }) => KUSTOMIZATION_FILES.some((known) => known === name));
  const [entry] = found;
  const where = folder || 'the root';
  if (entry === undefined || found.length > 1 || entry.type !== 'file')
    throw new NotRendered(`${where} is no kustomization`);
  const path = posix.join(folder, entry.name);
  const [content] = await search.tree.read([entry]);
  const loaded = loadYaml(content?.toString('utf8') ?? '');
  const document = loaded.ok ? loaded.documents[0] : undefined;
  if (!isRecord(document)) throw new NotRendered(`${path} is not readable`);
  take(search, path, entry);
  return { path, document };
}

/** A file or a folder of this repository; anything else could be fetched from elsewhere. */
async function addNested(
  search: Search,
  { path, folder, named }: { path: string; folder: string; named: Json },
): Promise<string | undefined> {
  const target = typeof named === 'string' ? inside(folder, named) : undefined;
  const entry = target === undefined ? undefined : await search.tree.find(target);
  if (target !== undefined && entry?.type === 'tree') return target;
  if (target !== undefined && entry?.type === 'file') {
    take(search, target, entry);
    return undefined;
  }
  const shown = JSON.stringify(named).slice(0, 100);
  throw new NotRendered(
    `${path} names ${shown}, which is no file or folder of this repository, and nothing is fetched`,
  );
}

/** Patches, generators' files and the like: whatever stands in the repository under that name. */
async function addFile(search: Search, path: string, text: string): Promise<void> {
  if (text.includes('\n') || text.length > 500) return;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new NotRendered(`${path} names a URL, and nothing is fetched`);
  // `files: [key=path]`
  for (const candidate of new Set([text, text.slice(text.indexOf('=') + 1)])) {
    const target = inside(posix.dirname(path), candidate);
    const entry = target === undefined ? undefined : await search.tree.find(target);
    if (target === undefined || entry === undefined || entry.type === 'tree') continue;
    if (entry.type !== 'file') throw new NotRendered(`${path} names ${candidate}, a link, which is not followed`);
    take(search, target, entry);
  }
}

function take({ files }: Search, path: string, entry: TreeEntry): void {
  files.set(path, entry);
  if (files.size > MAX_FILES) throw new NotRendered(`more than ${MAX_FILES} files`);
}

/** Relative to the repository's root; undefined for what leaves it. */
export function inside(folder: string, named: string): string | undefined {
  if (named === '' || named.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(named)) return undefined;
  const target = posix.normalize(posix.join(folder, named)).replace(/\/$/, '');
  const leaves = target === '..' || target.startsWith('../') || target.split('/').some((part) => /^\.git$/i.test(part));
  return leaves ? undefined : target === '.' ? '' : target;
}

function stringsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value.flatMap(stringsOf);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => (TEXT.has(key) ? [] : stringsOf(member)));
}
