/** Which object is where in a pack that came without an index: one pass over all entries, one over the chains of deltas; used by `remote-repository.ts`. */
import { createHash, hash } from 'node:crypto';
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
    at += entry.head;
    if (entry.size > budget.maxObject) {
      at += await passed(work, entry, body);
      continue;
    }
    const { data, consumed } = inflateExactly(body, entry.size, budget);
    at += consumed;
    if (entry.kind === 'delta') table.addDelta(entry.offset, entry.base ?? -1);
    else table.add(idOf(entry.kind, data), entry.offset);
  }
}

/** Bytes that a large object takes in the pack; it is known by its id, and never held. */
async function passed({ budget, table }: Work, { kind, size, offset }: Entry, body: Buffer): Promise<number> {
  const sum = createHash('sha1').update(`${kind} ${size}\0`);
  const taken = await passOver(body, size, budget, (chunk) => sum.update(chunk));
  if (kind !== 'delta') table.add(sum.digest(), offset);
  return taken;
}

/** Head and content of one object; most are small, and a hash object for each is most of what is left to collect. */
const scratch = Buffer.alloc(64 * 1024);

function idOf(kind: ObjectKind, data: Buffer): Buffer {
  const head = `${kind} ${data.length}\0`;
  const size = head.length + data.length;
  if (size > scratch.length) return createHash('sha1').update(head).update(data).digest();
  scratch.write(head, 'latin1');
  data.copy(scratch, head.length);
  return hash('sha1', scratch.subarray(0, size), 'buffer');
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
  const oid = idOf(base.kind, data);
  table.add(oid, entry.offset);
  return { offset: entry.offset, oid, kind: base.kind, data, depth: base.depth + 1 };
}
