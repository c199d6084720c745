/** What a line must hold for a pattern to match, so that most lines need no closer look; used by `compile.ts`. */
import type { Tree } from './parse.ts';

/** A longer one tells no more, and many alternatives would fill the table that looks for them. */
const MAX_WORD = 12;
const MAX_WORDS = 20;
/** One letter stands in every line. */
const MIN_WORD = 2;

/** Words of which each match holds one; undefined where the pattern is too open for that. ASCII, since only that has a case in bytes. */
export function wordsOf(tree: Tree): readonly string[] | undefined {
  const sets = candidates(tree).filter((set) => set.length <= MAX_WORDS && shortest(set) >= MIN_WORD);
  return sets.toSorted((a, b) => shortest(b) - shortest(a) || a.length - b.length)[0];
}

const shortest = (set: readonly string[]): number => Math.min(...set.map((word) => word.length));

/** Each set on its own is such a set of words. */
function candidates(tree: Tree): readonly (readonly string[])[] {
  if (tree.kind === 'either') {
    const each = tree.parts.map((part) => wordsOf(part));
    return each.every((set) => set !== undefined) ? [each.flat()] : [];
  }
  if (tree.kind === 'times') return tree.min > 0 ? candidates(tree.part) : [];
  if (tree.kind === 'one') return [];
  const runs: string[] = [];
  let run = '';
  for (const part of tree.parts) {
    const unit = part.kind === 'one' ? part.unit : undefined;
    if (unit !== undefined && /^[\x20-\x7e]$/.test(unit)) run += unit;
    else {
      runs.push(run);
      run = '';
    }
  }
  const inside = tree.parts.flatMap((part) => (part.kind === 'one' ? [] : candidates(part)));
  return [...[...runs, run].filter((word) => word !== '').map((word) => [word.slice(0, MAX_WORD)]), ...inside];
}
