/**
 * A map of bounded size that gives up for what is new what was seen once, and long ago: the clock of page caches ("second chance"). Text of
 * others fills it, and a flood of names that come up once must push out neither what comes up again nor what is new. Used by
 * `fold-failures.ts` and `fold-urls.ts`.
 */

interface Room<T> {
  get(key: string): T | undefined;
  /** `worth`: how often it is passed over although it did not come up again. */
  add(key: string, value: T, worth?: number): void;
  /** It came up again. */
  touch(key: string): void;
  /** Oldest first. */
  values(): readonly T[];
  givenUp(): number;
}

interface Slot<T> {
  readonly value: T;
  chances: number;
  place: number;
}

const MOST_CHANCES = 4;

export function createRoom<T>(size: number, onGivenUp?: (value: T) => void): Room<T> {
  const slots = new Map<string, Slot<T>>();
  let givenUp = 0;
  let added = 0;
  const giveUpOne = (): void => {
    for (const [key, slot] of slots) {
      slots.delete(key);
      if (slot.chances > 0) {
        slot.chances -= 1;
        slots.set(key, slot);
        continue;
      }
      givenUp += 1;
      onGivenUp?.(slot.value);
      return;
    }
  };
  return {
    get: (key) => slots.get(key)?.value,
    add: (key, value, worth = 0) => {
      if (slots.size >= size) giveUpOne();
      slots.set(key, { value, chances: Math.min(worth, MOST_CHANCES), place: added++ });
    },
    touch: (key) => {
      const slot = slots.get(key);
      if (slot) slot.chances = Math.min(slot.chances + 1, MOST_CHANCES);
    },
    values: () => [...slots.values()].sort((a, b) => a.place - b.place).map(({ value }) => value),
    givenUp: () => givenUp,
  };
}
