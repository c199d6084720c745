/** Reads the regular-expression subset callers may use into a tree; refuses what cannot run in linear time. */
import { DiagnoseError } from '../../core/errors.ts';

export type Tree =
  /** `unit`: the only character that is accepted, where it is one. */
  | { readonly kind: 'one'; readonly accepts: (unit: number) => boolean; readonly unit?: string }
  | { readonly kind: 'row'; readonly parts: readonly Tree[] }
  | { readonly kind: 'either'; readonly parts: readonly Tree[] }
  | { readonly kind: 'times'; readonly part: Tree; readonly min: number; readonly max: number };

/** What stands for the line's ends, so that `^` and `$` are symbols like any other. */
export const LINE_START = -1;
export const LINE_END = -2;

const MAX_REPEAT = 50;
const CLASSES: Readonly<Record<string, RegExp>> = { d: /[0-9]/, w: /\w/, s: /\s/, D: /[^0-9]/, W: /\W/, S: /\S/ };

export function invalidPattern(reason: string): DiagnoseError {
  return new DiagnoseError(
    'usage',
    'PATTERN_INVALID',
    `the log pattern ${reason}`,
    'Give plain text, or /…/ with literals, classes, |, groups, ^ $ . * + ? {m,n} and at most 200 characters.',
  );
}

/** What stands where a secret stood; not a character of any text. */
const HIDDEN_UNIT = 0xffff;

function single(accepts: (unit: number) => boolean, only?: string): Tree {
  const one = { kind: 'one', accepts: (unit: number) => unit >= 0 && unit !== HIDDEN_UNIT && accepts(unit) } as const;
  return only === undefined ? one : { ...one, unit: only };
}

function exactly(char: string): Tree {
  const wanted = char.charCodeAt(0);
  return single((unit) => unit === wanted, char);
}

function byClass(expression: RegExp): Tree {
  return single((unit) => expression.test(String.fromCharCode(unit)));
}

class Reader {
  readonly source: string;
  at = 0;
  constructor(source: string) {
    this.source = source;
  }

  get next(): string {
    return this.source[this.at] ?? '';
  }

  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }
}

export function parsePattern(source: string): Tree {
  const reader = new Reader(source);
  const tree = either(reader, 0);
  if (reader.next === ')') throw invalidPattern('closes a group that is not open');
  return tree;
}

function either(reader: Reader, depth: number): Tree {
  if (depth > 20) throw invalidPattern('nests groups too deeply');
  const parts = [row(reader, depth)];
  while (reader.take('|')) parts.push(row(reader, depth));
  return parts.length === 1 ? (parts[0] as Tree) : { kind: 'either', parts };
}

function row(reader: Reader, depth: number): Tree {
  const parts: Tree[] = [];
  while (reader.next !== '' && reader.next !== '|' && reader.next !== ')') parts.push(repeated(reader, depth));
  return { kind: 'row', parts };
}

function repeated(reader: Reader, depth: number): Tree {
  const part = atom(reader, depth);
  const times = quantifier(reader);
  if (!times) return part;
  if (holdsQuantifier(part)) throw invalidPattern('repeats a repetition, e.g. (a+)+');
  // A lazy mark changes what is caught, never whether the line matches.
  reader.take('?');
  if (quantifier(reader)) throw invalidPattern('has two quantifiers in a row');
  return { kind: 'times', part, ...times };
}

function holdsQuantifier(tree: Tree): boolean {
  if (tree.kind === 'times') return true;
  return tree.kind !== 'one' && tree.parts.some(holdsQuantifier);
}

function quantifier(reader: Reader): { min: number; max: number } | undefined {
  if (reader.take('*')) return { min: 0, max: Infinity };
  if (reader.take('+')) return { min: 1, max: Infinity };
  if (reader.take('?')) return { min: 0, max: 1 };
  const braces = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(reader.source.slice(reader.at));
  if (!braces) return undefined;
  reader.at += braces[0].length;
  const min = Number(braces[1]);
  const max = braces[2] === undefined ? min : braces[3] === undefined ? Infinity : Number(braces[3]);
  if (min > max) throw invalidPattern('has a range whose end is before its start');
  if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT))
    throw invalidPattern(`repeats more than ${MAX_REPEAT} times`);
  return { min, max };
}

function atom(reader: Reader, depth: number): Tree {
  if (reader.take('(')) return group(reader, depth);
  if (reader.take('[')) return set(reader);
  if (reader.take('.')) return single(() => true);
  if (reader.take('^')) return { kind: 'one', accepts: (unit) => unit === LINE_START };
  if (reader.take('$')) return { kind: 'one', accepts: (unit) => unit === LINE_END };
  if (/[*+?]/.test(reader.next)) throw invalidPattern('has a quantifier with nothing before it');
  if (reader.take('\\')) return escaped(reader);
  reader.at += 1;
  return exactly(reader.source[reader.at - 1] ?? '');
}

function group(reader: Reader, depth: number): Tree {
  if (reader.next === '?' && !reader.take('?:')) throw invalidPattern('uses a lookaround, flag or named group');
  const inner = either(reader, depth + 1);
  if (!reader.take(')')) throw invalidPattern('leaves a group open');
  return inner;
}

function escaped(reader: Reader): Tree {
  const char = reader.next;
  if (char === '') throw invalidPattern('ends in a backslash');
  reader.at += 1;
  const named = CLASSES[char];
  if (named) return byClass(named);
  if (/[1-9k]/.test(char)) throw invalidPattern('uses a back-reference');
  if (char === 't') return single((unit) => unit === 9);
  if (/[A-Za-z0]/.test(char)) throw invalidPattern(`uses \\${char}, which is not supported`);
  return exactly(char);
}

/** A bracket expression; handed to the platform's own class, which looks at one character only. */
function set(reader: Reader): Tree {
  const body = /^\^?(?:\\[dwsDWStn\]\\^[\-./]|[^\]\\[]){1,100}\]/.exec(reader.source.slice(reader.at));
  if (!body) throw invalidPattern('has a [class] that is empty, open or not supported');
  reader.at += body[0].length;
  try {
    return byClass(new RegExp(`[${body[0]}`));
  } catch {
    throw invalidPattern('has a [class] with a range the wrong way round');
  }
}
