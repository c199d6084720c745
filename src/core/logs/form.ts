/** What was said, without the names and numbers in it: text of others may name many hosts in one form. For `path/choose-hops.ts` and `diagnose/grep-logs.ts`. */

const MAX_FORM = 200;

/** e.g. `ERROR H:0 Connection refused`: the first line of a failure without what differs from call to call. */
export function formOf(text: string): string {
  const [line = ''] = text.split('\n');
  return line
    .slice(0, MAX_FORM)
    .replace(/[\w.-]{1,80}\.[a-z]{2,}/gi, 'H')
    .replace(/[0-9a-f]{8,}|\d+/gi, '0');
}

/** As many as may be kept, in their order: one of each form, then a second of each, and so on. */
export function varied<T>(items: readonly T[], most: number, form: (item: T) => string): readonly T[] {
  if (items.length <= most) return items;
  const seen = new Map<string, number>();
  const rounds = items.map((item) => {
    const key = form(item);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    return round;
  });
  const kept = new Set(
    rounds
      .map((round, at) => ({ round, at }))
      .sort((a, b) => a.round - b.round || a.at - b.at)
      .slice(0, most)
      .map(({ at }) => at),
  );
  return items.filter((_item, at) => kept.has(at));
}
