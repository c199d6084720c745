/** Calico's selector language, parsed and matched with three values; used by the files of this room. */
import type { Tri } from '../../tri.ts';
import { triAny, triNot, triOf } from '../../tri.ts';
import type { Operator, Token } from './selector-tokens.ts';
import { SelectorError, tokensOf } from './selector-tokens.ts';

type Comparison = '==' | '!=' | Operator;

/** `global()` and `all()` are told apart because a namespaceSelector reads them in its own way. */
export type Selector =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Selector[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'all' | 'global' }
  | { readonly kind: 'has'; readonly label: string }
  | { readonly kind: Comparison; readonly label: string; readonly values: readonly string[] };

export type Parsed = { readonly selector: Selector } | { readonly problem: string };

/** The labels of one thing that selectors may find; `unread` where the value was not in what was read. */
export type LabelLookup = (label: string) => string | undefined | typeof UNREAD;
export const UNREAD = Symbol('unread');

/** libcalico-go/lib/selector/parser/parser.go: `||` binds least, then `&&`, then `!`; an empty text selects everything. */
export function parseSelector(text: string): Parsed {
  try {
    const tokens = tokensOf(text);
    if (tokens[0]?.kind === 'end') return { selector: { kind: 'all' } };
    const reader: Reader = { tokens, at: 0 };
    const selector = either(reader);
    if (peek(reader).kind !== 'end') throw new SelectorError('unexpected content at end of selector');
    return { selector };
  } catch (error) {
    if (error instanceof SelectorError) return { problem: error.message };
    throw error;
  }
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

const END: Token = { kind: 'end' };

function peek(reader: Reader): Token {
  return reader.tokens[reader.at] ?? END;
}

function take(reader: Reader, kind: Token['kind']): boolean {
  if (peek(reader).kind !== kind) return false;
  reader.at += 1;
  return true;
}

function either(reader: Reader): Selector {
  const of = [both(reader)];
  while (take(reader, '||')) of.push(both(reader));
  return joined('or', of);
}

function both(reader: Reader): Selector {
  const of = [negated(reader)];
  while (take(reader, '&&')) of.push(negated(reader));
  return joined('and', of);
}

function joined(kind: 'and' | 'or', of: readonly Selector[]): Selector {
  const [only, ...others] = of;
  return only && others.length === 0 ? only : { kind, of };
}

function negated(reader: Reader): Selector {
  return take(reader, '!') ? { kind: 'not', of: negated(reader) } : term(reader);
}

function term(reader: Reader): Selector {
  const token = peek(reader);
  reader.at += 1;
  switch (token.kind) {
    case 'has':
      return { kind: 'has', label: token.value };
    case 'all':
    case 'global':
      return { kind: token.kind };
    case 'label':
      return comparison(reader, token.value);
    case '(': {
      const inner = either(reader);
      if (!take(reader, ')')) throw new SelectorError('expected )');
      return inner;
    }
    case 'end':
      throw new SelectorError('unexpected end of string looking for op');
    default:
      throw new SelectorError(`unexpected ${token.kind === 'text' ? `string "${token.value}"` : token.kind}`);
  }
}

function comparison(reader: Reader, label: string): Selector {
  const { kind } = peek(reader);
  reader.at += 1;
  switch (kind) {
    case '==':
    case '!=':
    case 'contains':
    case 'starts with':
    case 'ends with':
      return { kind, label, values: [string(reader)] };
    case 'in':
    case 'not in':
      return { kind, label, values: set(reader) };
    case 'end':
      throw new SelectorError('unexpected end of string looking for op');
    default:
      throw new SelectorError('expected == or !=');
  }
}

function string(reader: Reader): string {
  const token = peek(reader);
  if (token.kind !== 'text') throw new SelectorError('expected string');
  reader.at += 1;
  return token.value;
}

/** A comma may follow the last element. */
function set(reader: Reader): string[] {
  if (!take(reader, '{')) throw new SelectorError('expected set literal');
  const values: string[] = [];
  while (peek(reader).kind === 'text') {
    values.push(string(reader));
    if (!take(reader, ',')) break;
  }
  if (!take(reader, '}')) throw new SelectorError('expected }');
  return values;
}

/** ast.go: `!=` and `not in` take what lacks the label, every other comparison wants it. */
export function matchSelector(selector: Selector, labels: LabelLookup): Tri {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return 'yes';
    case 'not':
      return triNot(matchSelector(selector.of, labels));
    case 'or':
      return triAny(selector.of.map((one) => matchSelector(one, labels)));
    case 'and':
      return triNot(triAny(selector.of.map((one) => triNot(matchSelector(one, labels)))));
    case 'has':
      return known(labels(selector.label), (value) => value !== undefined);
    default:
      return known(labels(selector.label), (value) => compare(selector, value));
  }
}

function known(value: ReturnType<LabelLookup>, test: (value: string | undefined) => boolean): Tri {
  return value === UNREAD ? 'unknown' : triOf(test(value));
}

type Comparer = (value: string, values: readonly string[]) => boolean;

const one =
  (test: (value: string, wanted: string) => boolean): Comparer =>
  (value, [wanted = '']) =>
    test(value, wanted);
const among: Comparer = (value, values) => values.includes(value);
const notAmong: Comparer = (value, values) => !values.includes(value);

const COMPARE: Readonly<Record<Comparison, Comparer>> = {
  '==': among,
  in: among,
  '!=': notAmong,
  'not in': notAmong,
  contains: one((value, wanted) => value.includes(wanted)),
  'starts with': one((value, wanted) => value.startsWith(wanted)),
  'ends with': one((value, wanted) => value.endsWith(wanted)),
};

function compare({ kind, values }: Selector & { readonly kind: Comparison }, value: string | undefined): boolean {
  if (value === undefined) return kind === '!=' || kind === 'not in';
  return COMPARE[kind](value, values);
}

/** The selector with other labels or other meanings of `all()` and `global()` in it. */
export function mapSelector(
  selector: Selector,
  map: { readonly label: (label: string) => string; readonly all: Selector; readonly global: Selector },
): Selector {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return map[selector.kind];
    case 'not':
      return { kind: 'not', of: mapSelector(selector.of, map) };
    case 'and':
    case 'or':
      return { kind: selector.kind, of: selector.of.map((one) => mapSelector(one, map)) };
    default:
      return { ...selector, label: map.label(selector.label) };
  }
}

/** True when `global()` stands anywhere in it. */
export function namesGlobal(selector: Selector): boolean {
  if (selector.kind === 'not') return namesGlobal(selector.of);
  if (selector.kind === 'and' || selector.kind === 'or') return selector.of.some(namesGlobal);
  return selector.kind === 'global';
}
