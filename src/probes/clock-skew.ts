/** How far the container's clock is off, from the time in a program's `hello`; used by `collector.ts`. */

/** A second's rounding and what a throttled container and a slow stream add. */
const EXPLAINED_SECONDS = 5;

/**
 * The program wrote its time somewhere between the exec's start and the record's arrival; only what lies outside that by more
 * than the allowance counts, so that a slow exec is never taken for a wrong clock.
 */
export function clockSkew(text: string | undefined, startedAt: Date, receivedAt: Date): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const there = Number(text);
  const early = there - startedAt.getTime() / 1000;
  const late = there - receivedAt.getTime() / 1000;
  if (early < -EXPLAINED_SECONDS) return Math.round(early);
  return late > EXPLAINED_SECONDS ? Math.round(late) : undefined;
}
