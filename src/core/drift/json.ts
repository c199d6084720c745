/** Plain JSON as manifests carry it, and the two ways to compare it; the ground `core/drift` stands on. */

export type Json = null | boolean | number | string | readonly Json[] | JsonRecord;
export interface JsonRecord {
  readonly [key: string]: Json;
}
export type Path = readonly (string | number)[];

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** One text per value: keys sorted, list order kept. Equal texts mean equal JSON. */
export function exactText(value: Json): string {
  return textOf(value, (items) => items);
}

/** One text per meaning: keys sorted, and every list taken as a set, because no list of a policy's spec has an order. */
export function setText(value: Json): string {
  return textOf(value, (items) => [...new Set(items)].sort());
}

function textOf(value: Json, arrange: (items: readonly string[]) => readonly string[]): string {
  if (isList(value)) return `[${arrange(value.map((item) => textOf(item, arrange))).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.keys(value).sort();
  return `{${entries.map((key) => `${JSON.stringify(key)}:${textOf(value[key] ?? null, arrange)}`).join(',')}}`;
}

/** `['spec','egress',1,'toFQDNs']` as people write it: `spec.egress[1].toFQDNs`. */
export function pathText(path: Path): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${step}`)).join('');
}
