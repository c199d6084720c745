/** Says where a kustomization changes what the files hold, because this version compares the files as written. */
import { isRecord, type Json } from '../core/drift/json.ts';
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
  const used = TRANSFORMERS.filter((field) => isRecord(document) && Object.hasOwn(document, field));
  if (used.length === 0) return [];
  return [{ path, reason: `kustomize ${used.join(', ')}: not rendered, the files were read as written` }];
}
