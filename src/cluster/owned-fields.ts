/** Which fields of the spec a manager owns (metadata.managedFields, FieldsV1); read by `decode/meta.ts`, kept of it in captures by `prune.ts`. */
import { asRecord } from './raw-meta.ts';

const PREFIX = 'f:';
const ROOTS = ['f:spec', 'f:specs'] as const;

/** Paths of the spec's fields and of those in them; deeper ones no policy has beside atomic lists and maps. Undefined where no field is named. */
export function ownedFields(fields: unknown): readonly string[] | undefined {
  const owned = ROOTS.filter((root) => Object.hasOwn(asRecord(fields), root)).flatMap((root) =>
    pathsIn(asRecord(fields)[root], root.slice(PREFIX.length), 2),
  );
  return owned.length > 0 ? owned : undefined;
}

function pathsIn(fields: unknown, path: string, depth: number): readonly string[] {
  const inner = Object.entries(asRecord(fields)).filter(([key]) => key.startsWith(PREFIX));
  if (inner.length === 0 || depth === 0) return [path];
  return inner.flatMap(([key, value]) => pathsIn(value, `${path}.${key.slice(PREFIX.length)}`, depth - 1));
}

/** The same of it as `ownedFields` reads. */
export function withoutTheRest(fields: unknown): object | undefined {
  const kept = ROOTS.flatMap((root) => {
    const value = asRecord(fields)[root];
    return value === undefined ? [] : [[root, shallow(value, 2)] as const];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function shallow(fields: unknown, depth: number): object {
  if (depth === 0) return {};
  const inner = Object.entries(asRecord(fields)).filter(([key]) => key.startsWith(PREFIX));
  return Object.fromEntries(inner.map(([key, value]) => [key, shallow(value, depth - 1)]));
}
