/** Cuts long lists of an answer and says how much was left out: an answer must fit a client's context, never silently. */

export interface Bounded<T> {
  readonly kept: readonly T[];
  readonly leftOut: number;
}

export function bounded<T>(items: readonly T[], limit: number): Bounded<T> {
  return { kept: items.slice(0, limit), leftOut: Math.max(0, items.length - limit) };
}

/** `{leftOut: {flows: 12}}` for the lists that were cut; nothing when none was. */
export function leftOutOf(lists: Readonly<Record<string, Bounded<unknown>>>): { leftOut?: Record<string, number> } {
  const cut = Object.entries(lists).filter(([, { leftOut }]) => leftOut > 0);
  return cut.length === 0 ? {} : { leftOut: Object.fromEntries(cut.map(([name, { leftOut }]) => [name, leftOut])) };
}
