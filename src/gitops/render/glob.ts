/** Glob patterns as Argo CD matches them (util/glob over gobwas/glob, without separators: `*` crosses folders); used by `directory.ts`. */

interface Token {
  readonly kind: 'star' | 'one';
  readonly test: (char: string) => boolean;
}

const MAX_PATTERN = 500;
const MAX_ALTERNATIVES = 64;

export type Glob = (text: string) => boolean;

/** Undefined for a pattern that is broken or beyond reason: then nobody can say what it selects. */
export function compileGlob(pattern: string): Glob | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const alternatives = expand(pattern);
  const compiled = alternatives?.map(tokensOf);
  if (compiled === undefined || compiled.some((tokens) => tokens === undefined)) return undefined;
  return (text) => compiled.some((tokens) => tokens !== undefined && matches(tokens, Array.from(text)));
}

/** `{a,b}` in every combination, nested ones too. */
function expand(pattern: string): string[] | undefined {
  const open = indexOutside(pattern, '{', 0);
  if (open < 0) return [pattern];
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const char = pattern[at];
    if (char === '\\') at += 1;
    else if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth > 0) continue;
      parts.push(pattern.slice(start, at));
      return combine(pattern.slice(0, open), parts, pattern.slice(at + 1));
    }
  }
  return undefined;
}

function combine(before: string, parts: readonly string[], after: string): string[] | undefined {
  // gobwas/glob v0.2.3 gives up a star in braces too early when something follows them: nothing to rely on.
  if (after !== '' && parts.some((part) => indexOutside(part, '*', 0) >= 0)) return undefined;
  const all: string[] = [];
  for (const part of parts) {
    const rest = expand(before + part + after);
    if (rest === undefined || all.length + rest.length > MAX_ALTERNATIVES) return undefined;
    all.push(...rest);
  }
  return all;
}

function indexOutside(pattern: string, wanted: string, from: number): number {
  for (let at = from; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === wanted) return at;
  }
  return -1;
}

function tokensOf(pattern: string): readonly Token[] | undefined {
  const chars = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star', test: () => true });
    } else if (char === '?') tokens.push({ kind: 'one', test: () => true });
    else if (char === '[') {
      const close = chars.indexOf(']', at + 2);
      if (close < 0) return undefined;
      tokens.push({ kind: 'one', test: setOf(chars.slice(at + 1, close)) });
      at = close;
    } else {
      const escaped = char === '\\';
      if (escaped) at += 1;
      const literal = escaped ? chars[at] : char;
      if (literal === undefined) return undefined;
      tokens.push({ kind: 'one', test: (candidate) => candidate === literal });
    }
  }
  return tokens;
}

/** `[abc]`, `[a-z]`, `[!abc]`. */
function setOf(inside: readonly string[]): (char: string) => boolean {
  const negated = inside[0] === '!';
  const members = negated ? inside.slice(1) : inside;
  const isRange = members.length === 3 && members[1] === '-';
  const [low = '', , high = ''] = members;
  const has = (char: string): boolean => (isRange ? char >= low && char <= high : members.includes(char));
  return (char) => has(char) !== negated;
}

/** Goes back to the last star only, so that no pattern takes more than length times length. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let [token, at, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    const current = tokens[token];
    if (current?.kind === 'star') {
      star = token;
      mark = at;
      token += 1;
    } else if (current?.test(text[at] ?? '') === true) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      mark += 1;
      at = mark;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'star');
}
