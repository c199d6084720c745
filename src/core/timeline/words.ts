/** Times, spans and images in words, for `build.ts`. */
import { plain } from '../drift/plain.ts';
import type { ObjectRef } from '../model/object-meta.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `14:02:11Z` on the day of the diagnosis, else with its date. */
export function clock(at: string, asOf: string): string {
  const stamp = new Date(at).toISOString();
  const time = `${stamp.slice(11, 19)}Z`;
  return stamp.slice(0, 10) === asOf.slice(0, 10) ? time : `${stamp.slice(0, 10)} ${time}`;
}

/** `40 days`, `3 h`, `12 min`, `50 s`. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 2 * DAY) return `${Math.floor(size / DAY)} days`;
  if (size >= 2 * HOUR) return `${Math.floor(size / HOUR)} h`;
  if (size >= 2 * MINUTE) return `${Math.floor(size / MINUTE)} min`;
  return `${Math.round(size / 1000)} s`;
}

/** `2.3 → 2.4` where only the tag differs. */
export function imageChange(from: string, to: string): string {
  const [before, after] = [partsOf(from), partsOf(to)];
  return before.name === after.name && before.tag !== after.tag
    ? `${before.tag} → ${after.tag}`
    : `${before.name}:${before.tag} → ${after.name}:${after.tag}`;
}

/** A digest tells images apart where the tag does not; its beginning is enough. */
function partsOf(image: string): { readonly name: string; readonly tag: string } {
  const [named = '', digest] = plain(image).split('@');
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : digest === undefined ? 'latest' : digest.slice(0, 19);
  return { name: tagged ? named.slice(0, colon) : named, tag: tag.slice(0, 60) };
}

export function refText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
