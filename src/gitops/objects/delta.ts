/** Rebuilds an object from its base and a delta (gitformat-pack, "Deltified representation"); under `pack.ts`. */
import { type Budget, broken, spend } from './object.ts';

interface Varint {
  readonly value: number;
  readonly next: number;
}

function varint(bytes: Uint8Array, at: number): Varint {
  let value = 0;
  let scale = 1;
  for (let next = at; next < bytes.length && next < at + 7; next += 1) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: next + 1 };
    scale *= 128;
  }
  throw broken('a delta has no readable size');
}

/** Undefined when the result would be larger than the budget allows for one object. @throws GitProblem on a broken delta. */
export function applyDelta(base: Uint8Array, delta: Uint8Array, budget: Budget): Buffer | undefined {
  const from = varint(delta, 0);
  const to = varint(delta, from.next);
  if (from.value !== base.length) throw broken('a delta does not fit its base');
  if (to.value > budget.maxObject) return undefined;
  spend(budget, to.value);
  const result = Buffer.allocUnsafe(to.value);
  let [at, filled] = [to.next, 0];
  while (at < delta.length) {
    const op = delta[at] ?? 0;
    const piece = op >= 0x80 ? copied(base, delta, at) : inserted(delta, at);
    if (filled + piece.bytes.length > result.length) throw broken('a delta writes past its end');
    result.set(piece.bytes, filled);
    filled += piece.bytes.length;
    at = piece.next;
  }
  if (filled !== result.length) throw broken('a delta leaves a gap');
  return result;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly next: number;
}

/** Bits 0–3 say which bytes of the offset follow, bits 4–6 which of the size; size 0 means 0x10000. */
function copied(base: Uint8Array, delta: Uint8Array, at: number): Piece {
  const op = delta[at] ?? 0;
  let next = at + 1;
  const field = (firstBit: number, count: number): number => {
    let value = 0;
    for (let byte = 0; byte < count; byte += 1) {
      if ((op & (1 << (firstBit + byte))) === 0) continue;
      value += (delta[next] ?? 0) * 256 ** byte;
      next += 1;
    }
    return value;
  };
  const offset = field(0, 4);
  const size = field(4, 3) || 0x10000;
  if (next > delta.length || offset + size > base.length) throw broken('a delta copies from outside its base');
  return { bytes: base.subarray(offset, offset + size), next };
}

function inserted(delta: Uint8Array, at: number): Piece {
  const length = delta[at] ?? 0;
  const next = at + 1 + length;
  if (length === 0 || next > delta.length) throw broken('a delta inserts what it does not hold');
  return { bytes: delta.subarray(at + 1, next), next };
}
