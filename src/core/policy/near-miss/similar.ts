/** Whether two labels or names look like one meant as the other; asked by the near misses of names and of selectors. */
import { editDistance } from '../../text/edit-distance.ts';

/** Equal but for case, one character, or two swapped ones; in longer texts two characters. Numbered siblings are no slips. */
export function isSlip(one: string, other: string): boolean {
  const a = one.toLowerCase();
  const b = other.toLowerCase();
  if (a === b) return one !== other;
  // What is this short differs by one character by chance.
  const shorter = Math.min(a.length, b.length);
  if (shorter < 3 || isNumbered(a, b)) return false;
  const most = shorter >= 8 ? 2 : 1;
  return editDistance(a, b, most) <= most || isSwap(a, b);
}

/** `web-1` and `web-2` are two things. */
function isNumbered(one: string, other: string): boolean {
  return one.replace(/\d+/g, '#') === other.replace(/\d+/g, '#');
}

function isSwap(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return one.slice(0, at) + (one[at + 1] ?? '') + (one[at] ?? '') + one.slice(at + 2) === other;
}
