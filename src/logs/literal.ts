/** What every text that matches an expression holds word for word; lets `classify.ts` pass over most rows without running them. */

const SHORTEST = 3;

/** Words of which every match holds one: one for each alternative. Undefined where an alternative has none; for the tables' own syntax. */
export function literalsOf(source: string): readonly string[] | undefined {
  const literals: string[] = [];
  let longest = '';
  let run = '';
  const close = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  const alternative = (): void => {
    close();
    literals.push(longest);
    longest = '';
  };
  for (let at = 0; at < source.length; at++) {
    const char = source[at] ?? '';
    if (char === '|') alternative();
    else if (char === '(' || char === '[') {
      close();
      at = endOfGroup(source, at);
    } else if (/[?*+{]/.test(char)) {
      // What stands before a quantifier may be absent.
      run = run.slice(0, -1);
      close();
      if (char === '{') at = source.indexOf('}', at);
    } else if (char === '\\' && !/[A-Za-z0-9]/.test(source[at + 1] ?? '')) {
      at += 1;
      run += source[at] ?? '';
    } else if (/[\\.^$]/.test(char)) {
      close();
      if (char === '\\') at += 1;
    } else run += char;
  }
  alternative();
  return literals.every((literal) => literal.length >= SHORTEST) ? literals : undefined;
}

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
