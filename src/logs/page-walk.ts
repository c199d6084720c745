/** Goes over the lines of each page and hands what they may hold to whoever counts it; used by `read-log.ts`. */
import { stripInvisible } from '../core/text/sanitise.ts';
import { joinEvents } from './events.ts';
import { createFailureFold } from './fold-failures.ts';
import { createUrlFold } from './fold-urls.ts';
import { endOf } from './line-index.ts';
import { cleanLines, rawText, readLines, stampOf } from './lines.ts';
import { createMatchRing } from './matches.ts';
import type { LogFindings, LogOrigin } from './read-log.ts';
import { type Page, regionAround } from './region.ts';
import type { Pattern } from './safe-pattern/compile.ts';
import { BANNER, FAILURE, INVISIBLE, KEY, URL, WANTED } from './tokens.ts';

interface PageState {
  /** Where in the page begins what was not looked at yet, and whether that is inside a line. */
  readonly fresh: number;
  readonly inLine: boolean;
  /** Up to where there are bytes, also of a line that has no end yet. */
  readonly size: number;
  /** Of the log, the byte with which the page begins. */
  readonly offset: number;
  /** Nothing comes after it. */
  readonly last: boolean;
}

/** A longer trace is not waited for. */
const MAX_OPEN_BYTES = 64 * 1024;
/** A private key is not longer (`core/text/private-keys.ts`); enough of the page before for a trace, too. */
export const KEPT_BYTES: number = 16 * 1024;

export class PageWalk {
  readonly #failures;
  readonly #urls;
  readonly #matches;
  /** Which lines the caller's pattern is tried on. */
  readonly #wanted: number;
  /** The pattern tells no word that a line must hold. */
  readonly #testsAll: boolean;
  #lines = 0;
  #from: string | undefined;
  #to: string | undefined;
  /** In bytes of the log: up to where lines belong to an event already, and where a private key begins. */
  #taken = 0;
  #keyAt = Number.NEGATIVE_INFINITY;

  constructor(origin: LogOrigin, pattern: Pattern | undefined) {
    this.#failures = createFailureFold(origin);
    this.#urls = createUrlFold(origin.container);
    this.#matches = pattern && createMatchRing(pattern);
    this.#wanted = pattern ? WANTED | INVISIBLE : 0;
    this.#testsAll = pattern !== undefined && pattern.words === undefined;
  }

  /** `fresh`: up to where it was looked at. `keep`: from where on the page may still be needed. */
  take(page: Page, state: PageState): { fresh: number; keep: number } {
    const { index } = page;
    const first = lineAt(page, state.fresh);
    let line = first;
    for (; line < index.count; line++) {
      const kinds = index.kinds[line] as number;
      if (kinds === 0 && !this.#testsAll) continue;
      if ((kinds & KEY) !== 0) this.#noteKey(page, line, state.offset);
      if ((kinds & FAILURE) !== 0 && !this.#takeEvents(page, line, state)) break;
      this.#takeLine(page, line, kinds, state.offset);
    }
    if (line > first) this.#noteSpan(page, first, line - 1, state.inLine);
    const fresh = index.starts[line] as number;
    return { fresh, keep: index.starts[lineAt(page, fresh - KEPT_BYTES)] as number };
  }

  #noteSpan(page: Page, first: number, last: number, inLine: boolean): void {
    this.#from ??= stampOf(page, first);
    this.#to = stampOf(page, last) ?? this.#to;
    this.#lines += last - first + (inLine ? 0 : 1);
  }

  findings(): Omit<LogFindings, 'bytes'> {
    const { matches, more } = this.#matches?.newest() ?? { matches: [], more: false };
    return {
      lines: this.#lines,
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#to !== undefined && { to: this.#to }),
      failures: this.#failures.failures(),
      urls: this.#urls.urls(),
      urlsNotKept: this.#urls.notKept(),
      matches,
      more: more || this.#failures.full(),
    };
  }

  /** The events around a telling line; false where the rest of them is still to come. */
  #takeEvents(page: Page, line: number, { offset, last, size }: PageState): boolean {
    const { starts } = page.index;
    const start = starts[line] as number;
    if (offset + start < this.#taken) return true;
    const region = regionAround(page, line, lineAt(page, this.#taken - offset));
    if (region.open && !last && size - start <= MAX_OPEN_BYTES) return false;
    // A private key's end is told from its beginning, which may be outside of the event.
    const inKey = this.#keyAt >= offset + (starts[region.first] as number) - KEPT_BYTES;
    const context = this.#contextOf(page, region.first, offset);
    const lines = inKey ? cleanLines(page, { ...region, context }) : readLines(page, region);
    const above = readLines(page, { first: region.first - 1, last: region.first - 1 })[0]?.text;
    for (const event of joinEvents(lines, above)) this.#failures.add(event);
    this.#taken = offset + (starts[region.last + 1] as number);
    return true;
  }

  #takeUrls(page: Page, line: number, offset: number): void {
    const { bytes, index } = page;
    const clean = () => cleanLines(page, { context: this.#contextOf(page, line, offset), first: line, last: line });
    this.#urls.add({
      raw: bytes.toString('latin1', index.bodies[line], endOf(bytes, index, line)),
      clean: () =>
        clean()
          .map(({ text }) => text)
          .join('\n'),
      when: () => stampOf(page, line),
    });
  }

  #takeLine(page: Page, line: number, kinds: number, offset: number): void {
    if ((kinds & URL) !== 0) this.#takeUrls(page, line, offset);
    if ((kinds & BANNER) !== 0) this.#failures.banner(rawText(page, line));
    if (this.#testsAll || (kinds & this.#wanted) !== 0) this.#takeMatch(page, line, kinds, offset);
  }

  #takeMatch(page: Page, line: number, kinds: number, offset: number): void {
    const at = offset + (page.index.starts[line] as number);
    const when = stampOf(page, line);
    const stamped = when === undefined ? {} : { when };
    const inKey = this.#keyAt >= at - KEPT_BYTES;
    const context = inKey ? this.#contextOf(page, line, offset) : line;
    const read = inKey ? (cleanLines(page, { context, first: line, last: line })[0]?.text ?? '') : rawText(page, line);
    const text = (kinds & INVISIBLE) === 0 ? read : stripInvisible(read);
    this.#matches?.add({ ...stamped, text }, () => (inKey || line === 0 ? '' : rawText(page, line - 1)), at);
  }

  #noteKey(page: Page, line: number, offset: number): void {
    const at = offset + (page.index.starts[line] as number);
    const text = rawText(page, line);
    if (text.lastIndexOf('-----BEGIN') > text.lastIndexOf('-----END')) {
      this.#keyAt = at;
      return;
    }
    if (this.#keyAt < at - KEPT_BYTES) this.#matches?.hideSince(at - KEPT_BYTES);
    this.#keyAt = Number.NEGATIVE_INFINITY;
  }

  /** The line from which on text is cleaned together: a private key's first, else the one above. */
  #contextOf(page: Page, line: number, offset: number): number {
    const above = Math.max(0, line - 1);
    const start = offset + (page.index.starts[line] as number);
    return this.#keyAt >= start - KEPT_BYTES ? Math.min(above, lineAt(page, this.#keyAt - offset)) : above;
  }
}

/** The first line that begins at or behind a place of the page. */
function lineAt({ index }: Page, at: number): number {
  let low = 0;
  let high = index.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((index.starts[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
