/** What the copy that `kubectl apply` and Argo CD leave of an object tells; read by `decode/meta.ts`, kept of it in captures by `prune.ts`. */
import { asRecord } from './raw-meta.ts';

/** A whole second copy of the object, environment values included. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Names of the fields of the spec, without what is in them. */
export function appliedFields(copy: unknown): readonly string[] | undefined {
  if (typeof copy !== 'string') return undefined;
  try {
    return Object.keys(asRecord(asRecord(JSON.parse(copy))['spec']));
  } catch {
    return undefined;
  }
}

/** The copy, with those names alone. */
export function withoutValues(copy: unknown): string | undefined {
  const fields = appliedFields(copy);
  return fields && JSON.stringify({ spec: Object.fromEntries(fields.map((field) => [field, null])) });
}
