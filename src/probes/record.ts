/**
 * One line of a program's output, read strictly: `NONCE <tab> kind <tab> target <tab> key=value…`. Used by `collector.ts`.
 *
 * Tab-separated fields rather than JSON: a shell can write them safely, a python without `json` too, and nothing of a hostile
 * pod reaches a general parser. A line without this run's nonce is somebody else's and is dropped.
 */

export const RECORD_KINDS = [
  'hello',
  'limit',
  'resolver',
  'env',
  'library',
  'dns',
  'looked',
  'trying',
  'connect',
  'tls',
  'raw',
  'end',
  'trouble',
  'done',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export interface ProbeRecord {
  readonly kind: RecordKind;
  /** The program's name for a target (`t0`), or `-`. */
  readonly target: string;
  /** As printed, in order; keys may repeat. */
  readonly fields: readonly string[];
}

const MOST_FIELDS = 64;
const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);

export function parseRecord(line: string, nonce: string): ProbeRecord | undefined {
  const [mark, kind, target, ...fields] = line.split('\t', MOST_FIELDS);
  if (mark !== nonce || kind === undefined || target === undefined) return undefined;
  if (!KINDS.has(kind) || !/^(?:-|t\d{1,2})$/.test(target)) return undefined;
  return { kind: kind as RecordKind, target, fields };
}

export function valuesOf(record: ProbeRecord, key: string): readonly string[] {
  const prefix = `${key}=`;
  return record.fields.filter((field) => field.startsWith(prefix)).map((field) => field.slice(prefix.length));
}

export function valueOf(record: ProbeRecord, key: string): string | undefined {
  return valuesOf(record, key)[0];
}

/** A small non-negative integer, or nothing. */
export function numberOf(record: ProbeRecord, key: string): number | undefined {
  const text = valueOf(record, key);
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
