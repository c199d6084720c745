/** Says where a kustomization changes what the files hold, because this version compares the files as written. */
import { isList, isRecord, type Json, type JsonRecord } from '../core/drift/json.ts';
import type { Skipped } from './files.ts';

/** The fields of a Kustomization that change names, namespaces or content of the resources it lists. */
const TRANSFORMERS = [
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'replacements',
  'vars',
  'components',
  'helmCharts',
  'generators',
  'transformers',
] as const;

export function kustomizationNote(path: string, documents: readonly Json[]): Skipped[] {
  if (!/(^|\/)kustomization\.ya?ml$/.test(path)) return [];
  const [document] = documents;
  const used: string[] = TRANSFORMERS.filter((field) => isRecord(document) && Object.hasOwn(document, field));
  if (isRecord(document) && takesFromElsewhere(document)) used.push('resources of another repository');
  if (used.length === 0) return [];
  return [{ path, reason: `kustomize ${used.join(', ')}: not rendered, the files were read as written` }];
}

/** As kustomize tells a remote base from a path (api/internal/git/repospec.go): a scheme, a host with a user, a ref, or a known host. */
const REMOTE = /:\/\/|^git@|[?&](?:ref|version)=|^(?:github\.com|gitlab\.com|bitbucket\.org)[/:]/;

function takesFromElsewhere(document: JsonRecord): boolean {
  const entries = [document.resources, document.bases].flatMap((list) => (isList(list) ? list : []));
  return entries.some((entry) => typeof entry === 'string' && REMOTE.test(entry));
}
