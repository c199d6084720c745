/**
 * Predicates over names, one a shape of pattern, for `dialects.ts`. Questions about a fleet compare millions of pairs, so nothing here
 * allocates, rewrites the name or runs a regular expression: letters are folded while they are compared, from the right, where names differ
 * least often in length and most often in the organisation. Patterns come in lower case and without the final dot.
 */

/** Any case; one final dot does not count. */
export type NameMatcher = (name: string) => boolean;

const DOT = 46;
const STAR = 42;

/** Letters in lower case, `[-0-9_.]` as they are, 0 for what no label that a policy can name may hold. */
const FOLD = foldTable();

function foldTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789-_.') {
    table[char.charCodeAt(0)] = char.charCodeAt(0);
    table[char.toUpperCase().charCodeAt(0)] = char.charCodeAt(0);
  }
  // Go's ToLower makes ASCII letters of these two as well: the Kelvin sign, and I with a dot above.
  table[0x212a] = 'k'.charCodeAt(0);
  table[0x130] = 'i'.charCodeAt(0);
  return table;
}

/** What a pattern asks of a name, whatever dialect it was written in. */
export type Shape =
  | { readonly kind: 'exact'; readonly text: string }
  /** Every name of valid labels, and the root. */
  | { readonly kind: 'every' }
  /** `*` stands for zero or more characters of one label. */
  | { readonly kind: 'labels'; readonly text: string }
  /** One or more whole labels in front of the tail, whose own `*` stay within their labels. */
  | { readonly kind: 'under'; readonly stars: string; readonly tail: string }
  /** `*` stands for anything, dots included, nothing included. */
  | { readonly kind: 'across'; readonly text: string }
  /** One or more whole labels between two ends (with their dots), each of which may be empty. */
  | { readonly kind: 'between'; readonly before: string; readonly after: string };

export function matcherOf(shape: Shape): NameMatcher {
  switch (shape.kind) {
    case 'exact':
      return exactly(shape.text);
    case 'every':
      return everyName();
    case 'labels':
      return withinLabels(shape.text);
    case 'under':
      return underTail(shape.tail);
    case 'across':
      return (name) => globAcross(name, shape.text);
    case 'between':
      return betweenEnds(shape.before, shape.after);
  }
}

function exactly(text: string): NameMatcher {
  const size = text.length;
  return (name) => {
    const end = endOf(name);
    return end === size && sameFrom(name, 0, text);
  };
}

function everyName(): NameMatcher {
  return (name) => {
    const end = endOf(name);
    return end === 0 || wholeLabels(name, 0, end);
  };
}

function withinLabels(pattern: string): NameMatcher {
  return (name) => globWithinLabels(name, { from: 0, to: endOf(name) }, pattern);
}

function underTail(tail: string): NameMatcher {
  const literal = `.${tail}`;
  const dots = literal.split('.').length - 1;
  if (!tail.includes('*')) {
    return (name) => {
      const cut = endOf(name) - literal.length;
      return cut > 0 && sameFrom(name, cut, literal) && wholeLabels(name, 0, cut);
    };
  }
  return (name) => {
    const end = endOf(name);
    const cut = dotFromRight(name, end, dots);
    return cut > 0 && wholeLabels(name, 0, cut) && globWithinLabels(name, { from: cut + 1, to: end }, tail);
  };
}

function betweenEnds(before: string, after: string): NameMatcher {
  return (name) => {
    const end = endOf(name);
    const cut = end - after.length;
    return (
      cut > before.length &&
      sameFrom(name, cut, after) &&
      sameFrom(name, 0, before) &&
      wholeLabels(name, before.length, cut)
    );
  };
}

/** Where the name ends when one final dot is not counted. */
function endOf(name: string): number {
  const last = name.length - 1;
  return name.charCodeAt(last) === DOT ? last : last + 1;
}

/** The text stands in the name at this place; compared from the right. */
function sameFrom(name: string, at: number, text: string): boolean {
  for (let index = text.length - 1; index >= 0; index -= 1) {
    if (FOLD[name.charCodeAt(at + index)] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** The part is one or more non-empty labels. */
function wholeLabels(name: string, from: number, to: number): boolean {
  let previous = DOT;
  for (let index = from; index < to; index += 1) {
    const code = FOLD[name.charCodeAt(index)] ?? 0;
    if (code === 0 || (code === DOT && previous === DOT)) return false;
    previous = code;
  }
  return previous !== DOT;
}

/** The place of the n-th dot from the right, or -1. */
function dotFromRight(name: string, end: number, count: number): number {
  let left = count;
  for (let index = end - 1; index >= 0; index -= 1) {
    if (name.charCodeAt(index) !== DOT) continue;
    left -= 1;
    if (left === 0) return index;
  }
  return -1;
}

/**
 * From right to left; a mismatch lets the last star take one character more. A dot in the pattern can only be the same dot of the name,
 * since no star takes one: what lies right of it is settled.
 */
function globWithinLabels(name: string, part: { from: number; to: number }, pattern: string): boolean {
  let at = part.to - 1;
  let wanted = pattern.length - 1;
  let star = -1;
  let taken = -1;
  while (at >= part.from) {
    const code = FOLD[name.charCodeAt(at)] ?? 0;
    const next = wanted < 0 ? -1 : pattern.charCodeAt(wanted);
    if (next === STAR) {
      star = wanted;
      taken = at;
      wanted -= 1;
    } else if (next === code) {
      if (code === DOT) star = -1;
      at -= 1;
      wanted -= 1;
    } else {
      if (star < 0) return false;
      const extra = FOLD[name.charCodeAt(taken)] ?? 0;
      if (extra === 0 || extra === DOT) return false;
      taken -= 1;
      at = taken;
      wanted = star - 1;
    }
  }
  return onlyStars(pattern, wanted);
}

function globAcross(name: string, pattern: string): boolean {
  let at = endOf(name) - 1;
  let wanted = pattern.length - 1;
  let star = -1;
  let taken = -1;
  while (at >= 0) {
    const next = wanted < 0 ? -1 : pattern.charCodeAt(wanted);
    if (next === STAR) {
      star = wanted;
      taken = at;
      wanted -= 1;
    } else if (next === FOLD[name.charCodeAt(at)]) {
      at -= 1;
      wanted -= 1;
    } else {
      if (star < 0) return false;
      taken -= 1;
      at = taken;
      wanted = star - 1;
    }
  }
  return onlyStars(pattern, wanted);
}

function onlyStars(pattern: string, last: number): boolean {
  for (let index = last; index >= 0; index -= 1) if (pattern.charCodeAt(index) !== STAR) return false;
  return true;
}
