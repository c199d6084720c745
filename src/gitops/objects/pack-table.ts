/** Ids and offsets of a pack's objects as bytes and numbers, not as text: a pack may hold a hundred thousand of them; filled by `pack-index.ts`. */

export interface PackIndex {
  /** Offset of an object by its id in hexadecimal. */
  find(oid: string): number | undefined;
}

export interface PackTable {
  add(oid: Buffer, offset: number): void;
  /** `base`: an offset, or an id in hexadecimal. */
  addDelta(offset: number, base: number | string): void;
  /** Those that were added before this is first called. */
  whole(): Iterable<{ readonly oid: Buffer; readonly offset: number }>;
  /** Whether deltas are made from this object; all have to be there before this is first asked. */
  hasChildren(offset: number, oid: Buffer): boolean;
  /** Their offsets, each once: an object that a pack holds twice has its deltas made once. */
  takeChildren(offset: number, oid: Buffer): readonly number[];
  sorted(): PackIndex;
}

const ID = 20;
const NONE: readonly number[] = [];

/** `count`: how many objects the pack says that it holds, checked against its length. */
export function createPackTable(count: number): PackTable {
  const ids = Buffer.alloc(count * ID);
  const offsets = new Float64Array(count);
  const deltas = new Float64Array(count);
  const bases = new Float64Array(count);
  const byId = new Map<string, number[]>();
  let filled = 0;
  let known = 0;
  let order: Uint32Array | undefined;

  const idAt = (place: number): Buffer => ids.subarray(place * ID, place * ID + ID);

  function byOffset(offset: number): readonly number[] {
    order ??= Uint32Array.from({ length: known }, (_, at) => at).sort((a, b) => (bases[a] ?? 0) - (bases[b] ?? 0));
    const sorted = order;
    let at = lowest(known, (place) => (bases[sorted[place] ?? 0] ?? 0) >= offset);
    if (at >= known || bases[sorted[at] ?? 0] !== offset) return NONE;
    const found: number[] = [];
    for (; at < known && bases[sorted[at] ?? 0] === offset; at += 1) found.push(deltas[sorted[at] ?? 0] ?? 0);
    return found;
  }

  const named = (oid: Buffer): readonly number[] => (byId.size === 0 ? NONE : (byId.get(oid.toString('hex')) ?? NONE));

  return {
    add(oid, offset) {
      oid.copy(ids, filled * ID);
      offsets[filled] = offset;
      filled += 1;
    },
    addDelta(offset, base) {
      if (typeof base === 'string') {
        const others = byId.get(base);
        if (others === undefined) byId.set(base, [offset]);
        else others.push(offset);
      } else {
        deltas[known] = offset;
        bases[known] = base;
        known += 1;
      }
    },
    *whole() {
      const before = filled;
      for (let place = 0; place < before; place += 1) yield { oid: idAt(place), offset: offsets[place] ?? 0 };
    },
    hasChildren: (offset, oid) => byOffset(offset).length > 0 || named(oid).length > 0,
    takeChildren(offset, oid) {
      const found = [...byOffset(offset), ...named(oid)];
      if (byId.size > 0) byId.delete(oid.toString('hex'));
      return found;
    },
    sorted() {
      const places = Uint32Array.from({ length: filled }, (_, at) => at).sort((a, b) => idAt(a).compare(idAt(b)));
      return {
        find(oid) {
          const wanted = Buffer.from(oid, 'hex');
          const at = lowest(filled, (place) => idAt(places[place] ?? 0).compare(wanted) >= 0);
          const place = places[at];
          return place !== undefined && idAt(place).equals(wanted) ? offsets[place] : undefined;
        },
      };
    },
  };
}

/** The first place that holds, of places that do not and then do. */
function lowest(length: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
