/** Objects out of one pack by their offset, deltas resolved; its bytes are in memory (`remote-repository.ts`) or a file (`local-objects.ts`). */
import { applyDelta } from './delta.ts';
import { inflateExactly } from './inflate.ts';
import { type Budget, broken, type GitObject, type ObjectKind } from './object.ts';
import { type Entry, MAX_HEAD, parseEntry } from './pack-entry.ts';

export interface Bytes {
  /** At most `length` bytes: fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

export interface Pack {
  readonly bytes: Bytes;
  /** Offset of an object, undefined where the pack does not hold it. */
  find(oid: string): Promise<number | undefined>;
}

/** git writes chains of 50, and of 4095 at most (`pack.depth`). */
export const MAX_CHAIN = 4095;
/** What zlib adds to bytes that do not compress, generously. */
const SLACK = 1024;

const TOO_LARGE = { kind: 'too large' } as const;

export type ReadPacked = (pack: Pack, offset: number) => Promise<GitObject>;

/** With a memory of what was rebuilt lately: neighbours in a chain share their bases. */
export function createPackReader(budget: Budget): ReadPacked {
  const recent = createRecent();
  return async (pack, offset) => {
    const deltas: Entry[] = [];
    let at = offset;
    for (;;) {
      const known = recent.get(pack, at);
      if (known !== undefined) return rebuild(pack, known, deltas);
      const entry = parseEntry(await pack.bytes.read(at, MAX_HEAD), at);
      if (entry.size > budget.maxObject) return TOO_LARGE;
      if (entry.kind !== 'delta') return rebuild(pack, recent.put(pack, at, await plain(pack, entry)), deltas);
      if (deltas.length >= MAX_CHAIN) throw broken('a chain of deltas has no end');
      deltas.push(entry);
      at = await baseOf(pack, entry);
    }
  };

  async function plain(pack: Pack, entry: Entry): Promise<Held> {
    return { kind: entry.kind as ObjectKind, data: await inflated(pack, entry, budget) };
  }

  async function rebuild(pack: Pack, base: Held, deltas: readonly Entry[]): Promise<GitObject> {
    let { data } = base;
    for (const entry of deltas.toReversed()) {
      const next = applyDelta(data, await inflated(pack, entry, budget), budget);
      if (next === undefined) return TOO_LARGE;
      data = recent.put(pack, entry.offset, { kind: base.kind, data: next }).data;
    }
    return { kind: base.kind, data };
  }
}

interface Held {
  readonly kind: ObjectKind;
  readonly data: Buffer;
}

async function inflated(pack: Pack, { offset, head, size }: Entry, budget: Budget): Promise<Buffer> {
  const length = size + Math.ceil(size / 1000) + SLACK;
  return inflateExactly(await pack.bytes.read(offset + head, length), size, budget).data;
}

async function baseOf(pack: Pack, { base }: Entry): Promise<number> {
  const offset = typeof base === 'string' ? await pack.find(base) : base;
  if (offset === undefined) throw broken('a delta names a base that is not in the pack');
  return offset;
}

const MAX_RECENT = 16 * 1024 * 1024;

interface Recent {
  get(pack: Pack, offset: number): Held | undefined;
  put(pack: Pack, offset: number, held: Held): Held;
}

/** The oldest go when the bytes are too many. */
function createRecent(): Recent {
  const packs = new Map<Pack, Map<number, Held>>();
  let size = 0;
  return {
    get: (pack, offset) => packs.get(pack)?.get(offset),
    put(pack, offset, held) {
      if (size + held.data.length > MAX_RECENT) {
        packs.clear();
        size = 0;
      }
      const of = packs.get(pack) ?? new Map<number, Held>();
      if (!of.has(offset)) size += held.data.length;
      packs.set(pack, of.set(offset, held));
      return held;
    },
  };
}
