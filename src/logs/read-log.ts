/**
 * Reads one container's log as it comes and keeps what it tells of failing connections; made by `log-source.ts` for each stream.
 * Memory is bounded whatever the log holds: a page of bytes, and what was found. Only lines that hold a telling word (`tokens.ts`) are
 * decoded at all.
 */
import type { LogFailure, SeenUrl } from '../core/model/logs.ts';
import { createLineIndex, indexLines } from './line-index.ts';
import type { Match } from './matches.ts';
import { PageWalk } from './page-walk.ts';
import type { Pattern } from './safe-pattern/compile.ts';
import { automatonFor } from './tokens.ts';

export interface LogFindings {
  readonly lines: number;
  readonly bytes: number;
  /** Stamps of the first and the last line. */
  readonly from?: string;
  readonly to?: string;
  readonly failures: readonly LogFailure[];
  readonly urls: readonly SeenUrl[];
  /** How many places were given up for newer ones. */
  readonly urlsNotKept: number;
  readonly matches: readonly Match[];
  /** There were more kinds of failure, or more matching lines, than are kept. */
  readonly more: boolean;
}

/** Of which container, and what it is to its pod. */
export type LogOrigin = Pick<LogFailure, 'container' | 'previous' | 'role' | 'pod'>;

export interface LogReader {
  push(chunk: Uint8Array): void;
  finish(): LogFindings;
}

/** New bytes that are looked at together. */
const PAGE_BYTES = 256 * 1024;
/** Besides them, what is kept of the page before and what waits for the rest of its trace. */
const CAPACITY = PAGE_BYTES + 128 * 1024;
/** How far before its end a line that fills a page may be cut at a seam. */
const SEAM_BYTES = 4096;
const NEWLINE = 10;

export function createLogReader(origin: LogOrigin, pattern?: Pattern): LogReader {
  const automaton = automatonFor(pattern && (pattern.words ?? []));
  const walk = new PageWalk(origin, pattern);
  const bytes = Buffer.allocUnsafe(CAPACITY);
  const page = { bytes, index: createLineIndex(CAPACITY) };
  let read = 0;
  let size = 0;
  /** Where in `bytes` begins what was not looked at yet, and whether that is inside a line. */
  let fresh = 0;
  let inLine = false;

  /** Looks at the whole lines that are there and makes room. */
  const turn = (last: boolean): void => {
    const end = last ? size : endOfPage(bytes, fresh, size);
    indexLines(bytes, end, automaton, page.index);
    const next = walk.take(page, { fresh, inLine, size, offset: read - size, last });
    inLine = bytes[next.fresh - 1] !== NEWLINE;
    const keep = inLine ? next.fresh : next.keep;
    bytes.copyWithin(0, keep, size);
    size -= keep;
    fresh = next.fresh - keep;
  };

  return {
    push: (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + PAGE_BYTES + fresh - size);
        bytes.set(part, size);
        size += part.length;
        read += part.length;
        at += part.length;
        if (size - fresh >= PAGE_BYTES) turn(false);
      }
    },
    finish: () => {
      if (fresh < size) turn(true);
      return { bytes: read, ...walk.findings() };
    },
  };
}

/** Behind the last whole line; inside a line that fills the page, behind a character that no secret goes over. */
function endOfPage(bytes: Buffer, fresh: number, size: number): number {
  const newline = bytes.lastIndexOf(NEWLINE, size - 1);
  if (newline >= fresh) return newline + 1;
  const seam = Math.max(...[' ', ',', '&'].map((char) => bytes.lastIndexOf(char, size - 1)));
  return seam >= Math.max(fresh, size - SEAM_BYTES) ? seam + 1 : size;
}
