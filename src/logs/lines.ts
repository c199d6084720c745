/** Turns lines of a page into text that may leave: decoded, bounded, and without secrets where it may leave; used by `page-walk.ts`. */
import { redact } from '../core/text/redact.ts';
import { stripInvisible } from '../core/text/sanitise.ts';
import type { LogLine } from './event.ts';
import { endOf } from './line-index.ts';
import type { Page } from './region.ts';
import { tellingPlaces } from './tokens.ts';

/** A longer line is cut to its beginning and what stands around its telling words. */
const MAX_LINE_CHARS = 8192;
const BEGINNING_BYTES = 4096;
const AROUND_BYTES = 1024;
/** How often a progress bar may have written over the line; what it says last counts. */
const MAX_OVERWRITES = 20;

export interface Span {
  readonly first: number;
  readonly last: number;
}

/** As they were read but for what shows nothing: to look at, never to show. */
export function readLines(page: Page, { first, last }: Span): readonly LogLine[] {
  const lines: LogLine[] = [];
  for (let line = first; line <= last; line++) {
    for (const piece of piecesOf(page, line)) lines.push({ ...piece, text: stripInvisible(piece.text) });
  }
  return whole(lines);
}

/**
 * Without secrets: cleaned as a whole from `context` on, since a private key or a wrapped URL spans lines (redaction keeps the number
 * of lines); returned from `first` on.
 */
export function cleanLines(page: Page, span: Span & { readonly context: number }): readonly LogLine[] {
  const before = readLines(page, { first: span.context, last: span.first - 1 });
  const lines = readLines(page, span);
  const texts = redact([...before, ...lines].map(({ text }) => text).join('\n')).split('\n');
  return lines.map((line, at) => ({ ...line, text: texts[before.length + at] ?? '' }));
}

/** One line; several where a progress bar returned to its start instead of beginning a new one. */
function piecesOf(page: Page, line: number): readonly LogLine[] {
  const when = stampOf(page, line);
  const stamped = when === undefined ? {} : { when };
  const text = textOf(page, line);
  if (!text.includes('\r')) return [{ ...stamped, text }];
  const said = text.split('\r').filter((piece) => piece !== '');
  return said.length === 0
    ? [{ ...stamped, text: '' }]
    : said.slice(-MAX_OVERWRITES).map((piece) => ({ ...stamped, text: piece }));
}

/** The kubelet's time stamp (RFC 3339), copied out of the page. */
export function stampOf({ bytes, index }: Page, line: number): string | undefined {
  const start = index.starts[line] as number;
  const body = index.bodies[line] as number;
  return body > start ? bytes.toString('latin1', start, body - 1) : undefined;
}

/** As it was read: never shown. */
export function rawText(page: Page, line: number): string {
  return textOf(page, line).replace(/\r$/, '');
}

function textOf({ bytes, index }: Page, line: number): string {
  const start = index.bodies[line] as number;
  const end = endOf(bytes, index, line);
  if (end - start <= MAX_LINE_CHARS) return bytes.toString('utf8', start, end);
  const parts: [number, number][] = [[start, start + BEGINNING_BYTES]];
  let room = MAX_LINE_CHARS - BEGINNING_BYTES;
  for (const at of tellingPlaces(bytes, start + BEGINNING_BYTES, end)) {
    const open = parts.at(-1) as [number, number];
    const from = Math.max(open[1], at - AROUND_BYTES);
    const to = Math.min(end, at + AROUND_BYTES);
    room -= to - from;
    if (room < 0) break;
    if (from <= open[1]) open[1] = to;
    else parts.push([from, to]);
  }
  return parts.map(([from, to]) => bytes.toString('utf8', from, to)).join(' … ');
}

/** Containerd's and CRI-O's own marks, and a stamp that older kubelets put into the middle of a line longer than 16 KiB. */
const RUNTIME_MARK = /^std(?:out|err) ([PF])(?::[A-Z0-9:]{0,20})? /;

/** Joins what a runtime's marks say is one line. */
function whole(lines: readonly LogLine[]): readonly LogLine[] {
  const joined: LogLine[] = [];
  let partial = false;
  for (const line of lines) {
    const mark = RUNTIME_MARK.exec(line.text);
    const text = mark ? line.text.slice(mark[0].length) : line.text;
    const before = joined.at(-1);
    if (partial && before)
      joined[joined.length - 1] = { ...before, text: `${before.text}${text}`.slice(0, MAX_LINE_CHARS) };
    else joined.push(mark ? { ...line, text } : line);
    partial = mark?.[1] === 'P';
  }
  return joined;
}
