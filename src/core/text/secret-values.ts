/** Finds where the value of a secret ends; one forward scan each, so `redact.ts` stays linear. */

const QUOTE_OPEN = /[bru]?(\\*)(["'`])/y;
/** `,` ends a value only before white space, a quote or the next `name=`, since passwords and base64 variants may hold it. */
const PLAIN = /(?:[^\s&;,"'<>`\\]|,(?![\s"'\\]|[\w.-]{1,40}[=:])|\\(?![nrtu"'\\/]))*/y;
const ENCODED = /(?:(?!%26|%2526|%22|%20)[^\s&"'<>`\\])*/y;
const HEADER = /(?:[^\n\r\\]|\\(?![nr]))*/y;
const LIST = /\[(?!redacted\])(?:\[redacted\]|[^\]\n])*/y;

export interface ValueSpan {
  readonly start: number;
  readonly end: number;
}

function run(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/**
 * End of a string opened by `quote` behind `depth` backslashes. JSON in JSON doubles backslashes, so the closing quote is the
 * one with that many again once pairs of escaped backslashes are taken off; a line's end closes what was cut off.
 */
export function closingQuote(text: string, from: number, quote: string, depth: number): number {
  let slashes = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '\n') return i;
    if (char === quote && slashes % (2 * (depth + 1)) === depth) return i - depth;
    slashes = char === '\\' ? slashes + 1 : 0;
  }
  return text.length;
}

/** Quoted value after a name, or undefined when none begins at `at`. */
function quoted(text: string, at: number): ValueSpan | undefined {
  QUOTE_OPEN.lastIndex = at;
  const open = QUOTE_OPEN.exec(text);
  if (!open) return undefined;
  const start = QUOTE_OPEN.lastIndex;
  return { start, end: closingQuote(text, start, open[2] ?? '"', (open[1] ?? '').length) };
}

/** As headers and repeated fields are written in JSON: `["one", "two"]`. */
const MAX_LISTED = 20;
const BETWEEN = /[\s,]{0,8}/y;
const QUOTE_CLOSE = /\\*["'`]/y;

/** A list of quoted values, or undefined when none begins at `at`. */
function listed(text: string, at: number): ValueSpan | undefined {
  if (text[at] !== '[') return undefined;
  let end = at + 1;
  for (let count = 0; count < MAX_LISTED; count++) {
    const one = quoted(text, run(BETWEEN, text, end));
    if (one === undefined) break;
    end = run(QUOTE_CLOSE, text, one.end);
  }
  return end === at + 1 ? undefined : { start: at, end: text[end] === ']' ? end + 1 : end };
}

const GROUP = /\{[^{}\n]*\}?/y;

/** An object of which each field may be the secret. */
function grouped(text: string, at: number): ValueSpan | undefined {
  if (!/^\{\s{0,4}\\{0,7}["']/.test(text.slice(at, at + 16))) return undefined;
  return { start: at, end: run(GROUP, text, at) };
}

/** Value of `name=value`; `separator` tells whether it is percent-encoded. */
export function plainValue(text: string, at: number, separator: string): ValueSpan {
  if (separator.startsWith('%')) return { start: at, end: run(ENCODED, text, at) };
  return quoted(text, at) ?? listed(text, at) ?? grouped(text, at) ?? { start: at, end: run(PLAIN, text, at) };
}

/** Value of a header: quoted, a list, up to the quote that opened before its name, else the whole rest of the line. */
export function headerValue(text: string, at: number, nameAt: number): ValueSpan {
  const inQuotes = quoted(text, at);
  if (inQuotes) return inQuotes;
  const list = run(LIST, text, at);
  if (list > at) return { start: at + 1, end: list };
  const before = text[nameAt - 1] ?? '';
  if (!/["'`]/.test(before)) return { start: at, end: run(HEADER, text, at) };
  const slashes = /\\*$/.exec(text.slice(Math.max(0, nameAt - 9), nameAt - 1))?.[0].length ?? 0;
  return { start: at, end: closingQuote(text, at, before, slashes) };
}
