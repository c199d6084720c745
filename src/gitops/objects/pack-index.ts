/** Which object is where in a pack that came without an index: one pass over all entries, one over the chains of deltas; used by `remote-repository.ts`. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { applyDelta } from './delta.ts';
import { inflateExactly, passOver } from './inflate.ts';
import { type Budget, broken, type ObjectKind } from './object.ts';
import { MAX_CHAIN } from './pack.ts';
import { type Entry, MAX_HEAD, parseEntry } from './pack-entry.ts';

const HEADER = 12;
const TRAILER = 20;
/** Objects and inflated bytes between two looks at the signal. */
const STRIDE = 500;
const STRIDE_BYTES = 8 * 1024 * 1024;
/** Bases that wait for their children, all together. */
const MAX_WAITING = 64 * 1024 * 1024;

interface Work {
  readonly bytes: Buffer;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly offsets: Map<string, number>;
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

/** Offsets by id. Objects larger than the budget's are there when they are whole, and missing when they are deltas. @throws GitProblem */
export async function indexPack(
  bytes: Buffer,
  budget: Budget,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const count = checkedCount(bytes);
  const work: Work = { bytes, budget, signal, offsets: new Map(), done: 0, left: budget.left };
  const deltas = await firstPass(work, count);
  await resolveDeltas(work, deltas);
  return work.offsets;
}

function checkedCount(bytes: Buffer): number {
  const isPack = bytes.length >= HEADER + TRAILER && bytes.toString('latin1', 0, 4) === 'PACK';
  if (!isPack || bytes.readUInt32BE(4) !== 2) throw broken('what the server sent is no pack of version 2');
  const sum = createHash('sha1').update(bytes.subarray(0, -TRAILER)).digest();
  if (!sum.equals(bytes.subarray(-TRAILER))) throw broken('the checksum of the pack is wrong');
  return bytes.readUInt32BE(8);
}

/** Ids of everything that is no delta; the deltas themselves are returned. */
async function firstPass(work: Work, count: number): Promise<Entry[]> {
  const { bytes, budget, offsets } = work;
  const deltas: Entry[] = [];
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
      if (hash === undefined) deltas.push(entry);
    }
    if (hash !== undefined) offsets.set(hash.digest('hex'), entry.offset);
  }
  return deltas;
}

function hashOf(kind: ObjectKind, size: number) {
  return createHash('sha1').update(`${kind} ${size}\0`);
}

interface Base {
  readonly offset: number;
  readonly oid: string;
  readonly kind: ObjectKind;
  readonly data: Buffer;
  readonly depth: number;
}

/** Deltas by what they are made from: an offset or an id. */
type Children = ReadonlyMap<number | string, readonly Entry[]>;

function childrenOf(children: Children, { offset, oid }: Pick<Base, 'offset' | 'oid'>): readonly Entry[] {
  return [...(children.get(offset) ?? []), ...(children.get(oid) ?? [])];
}

async function resolveDeltas(work: Work, deltas: readonly Entry[]): Promise<void> {
  const children: Children = Map.groupBy(deltas, ({ base }) => base ?? -1);
  // Those that are known now: what is rebuilt meanwhile joins the map.
  const whole = Array.from(work.offsets);
  for (const [oid, offset] of whole) {
    if (childrenOf(children, { oid, offset }).length === 0) continue;
    const root = rootOf(work, oid, offset);
    if (root !== undefined) await resolveUnder(work, children, root);
  }
}

/** Depth first, so that every object is rebuilt once and few bases are held. */
async function resolveUnder(work: Work, children: Children, root: Base): Promise<void> {
  const waiting: Base[] = [root];
  let held = root.data.length;
  for (let base = waiting.pop(); base !== undefined; base = waiting.pop()) {
    held -= base.data.length;
    for (const entry of childrenOf(children, base)) {
      await rest(work);
      const child = childOf(work, base, entry);
      if (child === undefined || childrenOf(children, child).length === 0) continue;
      held += child.data.length;
      if (held > MAX_WAITING || child.depth > MAX_CHAIN) throw broken('its deltas are piled up beyond reason');
      waiting.push(child);
    }
  }
}

function rootOf({ bytes, budget }: Work, oid: string, offset: number): Base | undefined {
  const entry = parseEntry(bytes.subarray(offset, offset + MAX_HEAD), offset);
  if (entry.size > budget.maxObject) return undefined;
  const { data } = inflateExactly(bytes.subarray(offset + entry.head), entry.size, budget);
  return { offset, oid, kind: entry.kind as ObjectKind, data, depth: 0 };
}

function childOf({ bytes, budget, offsets }: Work, base: Base, entry: Entry): Base | undefined {
  const delta = inflateExactly(bytes.subarray(entry.offset + entry.head), entry.size, budget).data;
  const data = applyDelta(base.data, delta, budget);
  if (data === undefined) return undefined;
  const oid = hashOf(base.kind, data.length).update(data).digest('hex');
  offsets.set(oid, entry.offset);
  return { offset: entry.offset, oid, kind: base.kind, data, depth: base.depth + 1 };
}
