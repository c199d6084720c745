/** Places in a text and replacements there; shared by the `splice-*` files. */

import type { HouseStyle } from './house-style.ts';

export interface Editing {
  readonly text: string;
  readonly style: HouseStyle;
  readonly eol: '\n' | '\r\n';
}

export function replaceRange(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** Where the line that holds `at` begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the line that holds `at` ends, before its line break; a comment on the line is inside. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** Where the next line begins, or the end of the text. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** True when only white space stands before `at` in its line. */
export function startsLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** Takes whole lines out; at the end of a text without a final line break the break before goes instead. */
export function removeLines(text: string, from: number, to: number): string {
  const [start, end] = [lineStart(text, from), nextLine(text, to)];
  if (end < text.length || text.endsWith('\n')) return text.slice(0, start) + text.slice(end);
  return text.slice(0, start).replace(/\r?\n$/, '');
}
