/** The words of Calico's selector language (libcalico-go/lib/selector/tokenizer/tokenizer.go); read by `selector.ts`. */

type Symbol = '(' | ')' | '{' | '}' | ',' | '==' | '!=' | '!' | '&&' | '||';
export type Operator = 'contains' | 'starts with' | 'ends with' | 'in' | 'not in';

export type Token =
  | { readonly kind: Symbol | Operator | 'all' | 'global' | 'end' }
  | { readonly kind: 'label' | 'text' | 'has'; readonly value: string };

/** Why a selector is refused, in the tokenizer's and the parser's own terms. */
export class SelectorError extends Error {}

const SYMBOLS: readonly Symbol[] = ['==', '!=', '&&', '||', '(', ')', '{', '}', ',', '!'];
/** Two words may stand together or apart: `notin`, `not in`. A word ends where no identifier could go on. */
const OPERATORS: readonly (readonly [RegExp, Operator])[] = [
  [/^contains(?![\w./-])/, 'contains'],
  [/^starts[ \t]*with[ \t]*(?![\w./-])/, 'starts with'],
  [/^ends[ \t]*with[ \t]*(?![\w./-])/, 'ends with'],
  [/^not[ \t]*in[ \t]*(?![\w./-])/, 'not in'],
  [/^in(?![\w./-])/, 'in'],
];
const CALLS: readonly (readonly [RegExp, 'all' | 'global'])[] = [
  [/^all\([ \t]*\)/, 'all'],
  [/^global\([ \t]*\)/, 'global'],
];
const IDENTIFIER = /^[\w./-]+/;
const LONGEST_LABEL = 512;

/** @throws SelectorError */
export function tokensOf(selector: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = trimmed(selector);
  while (rest !== '') {
    const [token, length] = nextToken(rest, tokens.at(-1)?.kind === 'label');
    tokens.push(token);
    rest = trimmed(rest.slice(length));
  }
  return [...tokens, { kind: 'end' }];
}

/** Only blanks and tabs stand between words: a line break is an error. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+/, '');
}

function nextToken(rest: string, afterLabel: boolean): readonly [Token, number] {
  const symbol = SYMBOLS.find((one) => rest.startsWith(one));
  if (symbol) return [{ kind: symbol }, symbol.length];
  const first = rest[0] ?? '';
  if (first === '"' || first === "'") return quoted(rest, first);
  if ('=&|'.includes(first)) throw new SelectorError(`expected ${first === '=' ? '==' : first + first}`);
  return afterLabel ? operator(rest) : operand(rest);
}

/** Strings know no escapes: they end at the next quote of their kind. */
function quoted(rest: string, quote: string): readonly [Token, number] {
  const end = rest.indexOf(quote, 1);
  if (end === -1) throw new SelectorError('unterminated string');
  return [{ kind: 'text', value: rest.slice(1, end) }, end + 1];
}

function operator(rest: string): readonly [Token, number] {
  for (const [pattern, kind] of OPERATORS) {
    const [found] = pattern.exec(rest) ?? [];
    if (found !== undefined) return [{ kind }, found.length];
  }
  throw new SelectorError('expected an operator after the label');
}

function operand(rest: string): readonly [Token, number] {
  const has = /^has\([ \t]*([\w./-]+)[ \t]*\)/.exec(rest);
  if (has?.[1] !== undefined) return [{ kind: 'has', value: labelName(has[1]) }, has[0].length];
  for (const [pattern, kind] of CALLS) {
    const [found] = pattern.exec(rest) ?? [];
    if (found !== undefined) return [{ kind }, found.length];
  }
  const [call] = /^(?:has|all|global)\(/.exec(rest) ?? [];
  if (call !== undefined) throw new SelectorError(`no closing ')' after ${call}`);
  const [name] = IDENTIFIER.exec(rest) ?? [];
  if (name === undefined) throw new SelectorError('expected identifier');
  return [{ kind: 'label', value: labelName(name) }, name.length];
}

function labelName(name: string): string {
  if (name.length > LONGEST_LABEL) throw new SelectorError('label too long');
  return name;
}
