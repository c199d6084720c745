/** What every adapter does to text of others before it leaves the room; the order is the point. */
import { redact } from './redact.ts';
import { bound, stripInvisible } from './sanitise.ts';

/**
 * Strips, then redacts, then cuts: a secret with a zero-width or colour sequence inside is whole again before it is looked for,
 * and a cut never splits a secret so that its name and value part.
 */
export function clean(text: string, maxChars: number): string {
  return bound(redact(stripInvisible(text)), maxChars);
}
