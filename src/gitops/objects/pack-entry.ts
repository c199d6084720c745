/** The head of an entry in a pack: its kind, inflated size and base (gitformat-pack, "Pack entries look like this"); under `pack.ts` and `pack-index.ts`. */
import { broken, type ObjectKind } from './object.ts';

export interface Entry {
  /** In the pack; a delta names its base by it. */
  readonly offset: number;
  readonly kind: ObjectKind | 'delta';
  /** What it inflates to; of a delta, the size of the delta. */
  readonly size: number;
  /** Where its compressed bytes begin, counted from the offset. */
  readonly head: number;
  /** Offset in the same pack, or id. */
  readonly base?: number | string;
}

/** No head is longer: 10 bytes of size and 20 of a base's id. */
export const MAX_HEAD = 32;

const KINDS: Readonly<Record<number, ObjectKind | 'delta'>> = {
  1: 'commit',
  2: 'tree',
  3: 'blob',
  4: 'tag',
  6: 'delta',
  7: 'delta',
};
const OFS_DELTA = 6;
const REF_DELTA = 7;

/** @throws GitProblem when no entry begins with these bytes. */
export function parseEntry(bytes: Buffer, offset: number): Entry {
  const type = ((bytes[0] ?? 0) >> 4) & 7;
  const kind = KINDS[type];
  const { size, next } = sizeOf(bytes);
  if (kind === undefined) throw broken('an entry of a pack has an unknown type');
  if (type === OFS_DELTA) {
    const back = distanceOf(bytes, next);
    if (back.value <= 0 || back.value > offset) throw broken('a delta names a base outside the pack');
    return { offset, kind, size, head: back.next, base: offset - back.value };
  }
  if (type !== REF_DELTA) return { offset, kind, size, head: next };
  if (bytes.length < next + 20) throw broken('a pack ends inside an entry');
  return { offset, kind, size, head: next + 20, base: bytes.toString('hex', next, next + 20) };
}

function sizeOf(bytes: Buffer): { size: number; next: number } {
  let size = (bytes[0] ?? 0) & 0x0f;
  let scale = 16;
  let next = 1;
  for (let byte = bytes[0] ?? 0; byte >= 0x80; next += 1) {
    if (next >= bytes.length || next > 7) throw broken('an entry of a pack has no readable size');
    byte = bytes[next] ?? 0;
    size += (byte & 0x7f) * scale;
    scale *= 128;
  }
  return { size, next };
}

/** The "offset encoding": each further byte adds one before it shifts. */
function distanceOf(bytes: Buffer, at: number): { value: number; next: number } {
  let byte = bytes[at] ?? 0;
  let value = byte & 0x7f;
  let next = at + 1;
  while (byte >= 0x80) {
    if (next >= bytes.length || next > at + 7) throw broken('a delta has no readable base');
    byte = bytes[next] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
    next += 1;
  }
  return { value, next };
}
