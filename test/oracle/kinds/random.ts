/** Random choices that a seed repeats, for the generators of all kinds. */

export interface Random {
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Between `least` and `most` of them, in their order, none twice. */
  some<T>(list: readonly T[], least: number, most: number): T[];
  times<T>(least: number, most: number, make: () => T): T[];
}

/** Mulberry32: small, and good enough to spread over a handful of choices. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[below(list.length)] as T;
  };
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    times: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
    some: (list, least, most) => {
      const count = least + below(most - least + 1);
      const rank = new Map(list.map((one) => [one, next()] as const));
      const chosen = new Set(list.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)).slice(0, count));
      return list.filter((one) => chosen.has(one));
    },
  };
}
