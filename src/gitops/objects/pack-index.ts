/** Which object is where in a pack that came without an index: one pass over all entries, one over the chains of deltas; used by `remote-repository.ts`. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { applyDelta } from './delta.ts';
import { inflateExactly, passOver } from './inflate.ts';
import { type Budget, broken, type ObjectKind } from './object.ts';
import { MAX_CHAIN } from './pack.ts';
import { type Entry, MAX_HEAD, parseEntry } from './pack-entry.ts';
import { createPackTable, type PackIndex, type PackTable } from './pack-table.ts';

const HEADER = 12;
const TRAILER = 20;
/** No entry is shorter: a byte of head and an empty stream of zlib. */
const MIN_ENTRY = 9;
/** Objects and inflated bytes between two looks at the signal. */
const STRIDE = 500;
const STRIDE_BYTES = 8 * 1024 * 1024;
/** Bases that wait for their children, all together. */
const MAX_WAITING = 64 * 1024 * 1024;

interface Work {
  readonly bytes: Buffer;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly table: PackTable;
  /** Objects since others had their turn, and what the budget was then. */
  done: number;
  left: number;
}

/** Inflating holds the thread, so time-outs and cancelling need their turn. */
async function rest(work: Work): Promise<void> {
  work.done += 1;
  if (work.done >= STRIDE || work.left - work.budget.left > STRIDE_BYTES) {
    work.done = 0;
    work.left = work.budget.left;
    await breathe();
  }
  work.signal.throwIfAborted();
}

/** Objects larger than the budget's are there when they are whole, and missing when they are deltas. @throws GitProblem */
export async function indexPack(bytes: Buffer, budget: Budget, signal: AbortSignal): Promise<PackIndex> {
  const count = checkedCount(bytes);
  const work: Work = { bytes, budget, signal, table: createPackTable(count), done: 0, left: budget.left };
  await firstPass(work, count);
  await resolveDeltas(work);
  return work.table.sorted();
}

function checkedCount(bytes: Buffer): number {
  const isPack = bytes.length >= HEADER + TRAILER && bytes.toString('latin1', 0, 4) === 'PACK';
  if (!isPack || bytes.readUInt32BE(4) !== 2) throw broken('what the server sent is no pack of version 2');
  const sum = createHash('sha1').update(bytes.subarray(0, -TRAILER)).digest();
  if (!sum.equals(bytes.subarray(-TRAILER))) throw broken('the checksum of the pack is wrong');
  const count = bytes.readUInt32BE(8);
  if (count * MIN_ENTRY > bytes.length) throw broken('a pack holds fewer objects than it says');
  return count;
}

/** Ids of everything that is no delta; of deltas, where they are and what they are made from. */
async function firstPass(work: Work, count: number): Promise<void> {
  const { bytes, budget, table } = work;
  let at = HEADER;
  for (let done = 0; done < count; done += 1) {
    await rest(work);
    if (at >= bytes.length - TRAILER) throw broken('a pack holds fewer objects than it says');
    const entry = parseEntry(bytes.subarray(at, Math.min(at + MAX_HEAD, bytes.length - TRAILER)), at);
    const body = bytes.subarray(at + entry.head, bytes.length - TRAILER);
    const hash = entry.kind === 'delta' ? undefined : hashOf(entry.kind, entry.size);
    if (entry.size > budget.maxObject) {
      at += entry.head + (await passOver(body, entry.size, budget, (chunk) => hash?.update(chunk)));
    } else {
      const { data, consumed } = inflateExactly(body, entry.size, budget);
      hash?.update(data);
      at += entry.head + consumed;
      if (hash === undefined) table.addDelta(entry.offset, entry.base ?? -1);
    }
    if (hash !== undefined) table.add(hash.digest(), entry.offset);
  }
}

function hashOf(kind: ObjectKind, size: number) {
  return createHash('sha1').update(`${kind} ${size}\0`);
}

interface Base {
  readonly offset: number;
  readonly oid: Buffer;
  readonly kind: ObjectKind;
  readonly data: Buffer;
  readonly depth: number;
}

async function resolveDeltas(work: Work): Promise<void> {
  const { table } = work;
  for (const { oid, offset } of table.whole()) {
    if (!table.hasChildren(offset, oid)) continue;
    const root = rootOf(work, oid, offset);
    if (root !== undefined) await resolveUnder(work, root);
  }
}

/** Depth first, so that every object is rebuilt once and few bases are held. */
async function resolveUnder(work: Work, root: Base): Promise<void> {
  const { table } = work;
  const waiting: Base[] = [root];
  let held = root.data.length;
  for (let base = waiting.pop(); base !== undefined; base = waiting.pop()) {
    held -= base.data.length;
    for (const offset of table.takeChildren(base.offset, base.oid)) {
      await rest(work);
      const child = childOf(work, base, entryAt(work, offset));
      if (child === undefined || !table.hasChildren(child.offset, child.oid)) continue;
      held += child.data.length;
      if (held > MAX_WAITING || child.depth > MAX_CHAIN) throw broken('its deltas are piled up beyond reason');
      waiting.push(child);
    }
  }
}

function entryAt({ bytes }: Work, offset: number): Entry {
  return parseEntry(bytes.subarray(offset, offset + MAX_HEAD), offset);
}

function rootOf(work: Work, oid: Buffer, offset: number): Base | undefined {
  const { bytes, budget } = work;
  const entry = entryAt(work, offset);
  if (entry.size > budget.maxObject) return undefined;
  const { data } = inflateExactly(bytes.subarray(offset + entry.head), entry.size, budget);
  return { offset, oid, kind: entry.kind as ObjectKind, data, depth: 0 };
}

function childOf({ bytes, budget, table }: Work, base: Base, entry: Entry): Base | undefined {
  const delta = inflateExactly(bytes.subarray(entry.offset + entry.head), entry.size, budget).data;
  const data = applyDelta(base.data, delta, budget);
  if (data === undefined) return undefined;
  const oid = hashOf(base.kind, data.length).update(data).digest();
  table.add(oid, entry.offset);
  return { offset: entry.offset, oid, kind: base.kind, data, depth: base.depth + 1 };
}
