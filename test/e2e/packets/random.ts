/** Reproducible chance for the generated policy sets: the same seed gives the same sets, whatever runs beside them. */

export interface Random {
  /** 0 … below - 1. */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the values, as often as its weight says. */
  weighted<T>(table: readonly (readonly [weight: number, value: T])[]): T;
  /** `min` … `max` different elements, in the list's order. */
  some<T>(list: readonly T[], min: number, max: number): T[];
}

/** Mulberry32 (public domain): small, and good enough for choosing test cases. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The chance of set number `index`: sets do not depend on how many were made before them. */
export function randomOf(seed: number, index: number): Random {
  const next = mulberry32(seed * 7919 + index * 104_729);
  const int = (below: number): number => Math.floor(next() * below);
  const pick = <T>(list: readonly T[]): T => {
    const value = list[int(list.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const weighted = <T>(table: readonly (readonly [number, T])[]): T => {
    let rest = next() * table.reduce((sum, [weight]) => sum + weight, 0);
    return (table.find(([weight]) => (rest -= weight) < 0) ?? pick(table))[1];
  };
  const some = <T>(list: readonly T[], min: number, max: number): T[] => {
    const wanted = min + int(max - min + 1);
    const keyed = list.map((value, at) => ({ value, at, key: next() }));
    const chosen = keyed.toSorted((a, b) => a.key - b.key).slice(0, wanted);
    return chosen.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
  };
  return { int, chance: (probability) => next() < probability, pick, weighted, some };
}
