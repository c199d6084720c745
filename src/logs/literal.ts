/** What every text that matches an expression holds word for word; lets `classify.ts` pass over most rows without running them. */

const SHORTEST = 3;

/** Words of which every match holds one: one for each alternative. Undefined where an alternative has none; for the tables' own syntax. */
export function literalsOf(source: string): readonly string[] | undefined {
  const literals = alternativesOf(source).map((runs) => runs.reduce((a, b) => (b.length > a.length ? b : a), ''));
  return literals.every((literal) => literal.length >= SHORTEST) ? literals : undefined;
}

/** For each alternative, the runs of characters that stand in every match. */
function alternativesOf(source: string): readonly (readonly string[])[] {
  const alternatives: string[][] = [['']];
  for (let at = 0; at < source.length; at++) {
    const runs = alternatives.at(-1) as string[];
    const char = source[at] ?? '';
    const literal = char === '\\' ? escaped(source[at + 1] ?? '') : plain(char);
    if (literal !== undefined) runs[runs.length - 1] += literal;
    else if (char === '|') alternatives.push(['']);
    else {
      // What stands before a quantifier may be absent.
      if (/[?*+{]/.test(char)) runs[runs.length - 1] = (runs.at(-1) ?? '').slice(0, -1);
      runs.push('');
    }
    at = lastOf(source, at);
  }
  return alternatives;
}

/** Where what begins at `at` ends: an escape, a count, a group or a class. */
function lastOf(source: string, at: number): number {
  const char = source[at];
  if (char === '\\') return at + 1;
  if (char === '{') return source.indexOf('}', at);
  return char === '(' || char === '[' ? endOfGroup(source, at) : at;
}

const plain = (char: string): string | undefined => (/[?*+{|([.^$]/.test(char) ? undefined : char);
/** A letter behind a backslash is a class or a bound. */
const escaped = (char: string): string | undefined => (/[A-Za-z0-9]/.test(char) ? undefined : char);

/** The bracket that closes the one at `open`. */
function endOfGroup(source: string, open: number): number {
  let depth = 0;
  let inClass = false;
  for (let at = open; at < source.length; at++) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (inClass) {
      if (char === ']') inClass = false;
    } else if (char === '[') inClass = true;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth === 0 && !inClass) return at;
  }
  return source.length;
}
