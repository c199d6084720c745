/** Where the lines of a page of log bytes are and what each may hold; first step of `read-log.ts`, and the only one that looks at every byte. */
import type { Automaton } from './automaton.ts';

/** Lines of the page in order; line `i` ends before line `i + 1` starts. */
export interface LineIndex {
  count: number;
  readonly starts: Int32Array;
  /** Behind the kubelet's stamp. */
  readonly bodies: Int32Array;
  readonly kinds: Uint8Array;
}

export function createLineIndex(capacity: number): LineIndex {
  return {
    count: 0,
    starts: new Int32Array(capacity + 2),
    bodies: new Int32Array(capacity + 1),
    kinds: new Uint8Array(capacity + 1),
  };
}

const NEWLINE = 10;

/** Fills `index` with the lines of `bytes` up to `end`. */
export function indexLines(bytes: Uint8Array, end: number, automaton: Automaton, index: LineIndex): void {
  const { column, next, shift, telling, kinds } = automaton;
  let at = 0;
  let line = 0;
  for (; at < end; line++) {
    index.starts[line] = at;
    at = bodyAt(bytes, at, end);
    index.bodies[line] = at;
    let state = 0;
    let found = 0;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === NEWLINE) break;
      state = next[(state << shift) | (column[byte] as number)] as number;
      if (state >= telling) found |= kinds[state] as number;
    }
    index.kinds[line] = found;
    at += 1;
  }
  index.starts[line] = Math.min(at, end);
  index.count = line;
}

const DASH = 45;
const LETTER_T = 84;
const SPACE = 32;
const SHORTEST_STAMP = 20;
const LONGEST_STAMP = 36;

/** `2026-11-24T10:00:00.123456789Z `, as the API's `timestamps=true` puts before each line (RFC 3339, fraction without trailing zeros). */
function bodyAt(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start + 4] !== DASH || bytes[start + 10] !== LETTER_T) return start;
  const latest = Math.min(start + LONGEST_STAMP, end);
  for (let at = start + SHORTEST_STAMP; at < latest; at++) if (bytes[at] === SPACE) return at + 1;
  return start;
}

/** Where the text of a line ends: its newline, or the end of what was read. */
export function endOf(bytes: Uint8Array, index: LineIndex, line: number): number {
  const next = index.starts[line + 1] as number;
  return bytes[next - 1] === NEWLINE ? next - 1 : next;
}
