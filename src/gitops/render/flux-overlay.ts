/**
 * What a Kustomization of Flux adds to the kustomization of its folder, and the one that Flux makes where there is none; used by `kustomize.ts`.
 * After GenerateManifest and scanManifests in fluxcd/pkg kustomize/kustomize_generator.go.
 */
import { posix } from 'node:path';
import { isList, isRecord, type Json, type JsonRecord } from '../../core/drift/json.ts';
import type { FluxOverlay } from '../../core/model/sync.ts';
import { loadYaml } from '../yaml.ts';
import { inside, KUSTOMIZATION_FILES } from './kustomize-closure.ts';
import { NotRendered } from './not-rendered.ts';
import type { TreeView } from './tree-view.ts';

const MAX_FILES = 500;

/** All manifests of a folder that has no kustomization, by path from the repository's root. @throws NotRendered */
export async function manifestsOf(tree: TreeView, root: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await tree.list(folder);
    const odd = entries.find(({ name }) => name === '.sourceignore' || KUSTOMIZATION_FILES.some((one) => one === name));
    if (odd !== undefined) throw new NotRendered(`${posix.join(folder, odd.name)} decides what is applied`);
    pending.push(...entries.filter(({ type }) => type === 'tree').map(({ name }) => posix.join(folder, name)));
    const manifests = entries.filter(({ name, type }) => type === 'file' && /\.ya?ml$/.test(name));
    const contents = await tree.read(manifests);
    for (const [at, { name }] of manifests.entries()) {
      const content = contents[at];
      if (content === undefined) throw new NotRendered(`${posix.join(folder, name)} cannot be read`);
      files.set(posix.join(folder, name), content);
    }
    if (files.size > MAX_FILES) throw new NotRendered(`more than ${MAX_FILES} files`);
  }
  return files;
}

/** Folders of `spec.components`, from the repository's root, by what names them. @throws NotRendered for what Flux refuses or nothing here holds */
export async function componentsOf(
  tree: TreeView,
  folder: string,
  overlay: FluxOverlay | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { components = [], ignoreMissingComponents = false } = overlay ?? {};
  const found = new Map<string, string>();
  for (const named of components) {
    const target = /^[a-z][a-z0-9+.-]*:/i.test(named) ? undefined : inside(folder, named);
    if (target === undefined) throw noFolder(named);
    const entry = await tree.find(target);
    if (entry === undefined && ignoreMissingComponents) continue;
    if (entry?.type !== 'tree') throw noFolder(named);
    found.set(named, target);
  }
  return found;
}

function noFolder(named: string): NotRendered {
  const shown = JSON.stringify(named.slice(0, 100));
  return new NotRendered(`${shown} (spec.components) is no folder of this repository`);
}

interface Overlaid {
  readonly folder: string;
  readonly overlay: Partial<FluxOverlay>;
  /** Files of components alone: no manifests of the folder. */
  readonly beside: ReadonlyMap<string, Buffer>;
}

/** The files, with the folder's kustomization as Flux builds it. @throws NotRendered */
export function withOverlay(
  files: ReadonlyMap<string, Buffer>,
  { folder, overlay, beside }: Overlaid,
): ReadonlyMap<string, Buffer> {
  const own = KUSTOMIZATION_FILES.map((name) => posix.join(folder, name)).find((path) => files.has(path));
  const path = own ?? posix.join(folder, KUSTOMIZATION_FILES[0]);
  const manifests = [...files.keys()].filter((file) => !beside.has(file));
  const resources = manifests.map((file) => posix.relative(folder, file));
  const base = own === undefined ? { resources } : documentOf(files.get(own));
  if (base === undefined) throw new NotRendered(`${path} is not readable`);
  return new Map([...files, [path, Buffer.from(JSON.stringify(merged(base, overlay)))]]);
}

function documentOf(content: Buffer | undefined): JsonRecord | undefined {
  const loaded = loadYaml(content?.toString('utf8') ?? '');
  const document = loaded.ok ? loaded.documents[0] : undefined;
  return isRecord(document) ? document : undefined;
}

function merged(base: JsonRecord, overlay: Partial<FluxOverlay>): JsonRecord {
  const { patches = [], namePrefix, nameSuffix, components = [] } = overlay;
  const [before, own] = [base.patches, base.components].map((value) => (isList(value) ? value : []));
  const added = patches.map(({ patch, target }): Json => ({ patch, ...(target && { target: { ...target } }) }));
  return {
    ...base,
    ...(patches.length > 0 && { patches: [...(before ?? []), ...added] }),
    ...(components.length > 0 && { components: [...(own ?? []), ...components] }),
    ...(namePrefix !== undefined && { namePrefix }),
    ...(nameSuffix !== undefined && { nameSuffix }),
  };
}
