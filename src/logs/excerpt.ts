/** Picks the few lines of an event that tell the failure; used by `fold-failures.ts`. */
import { clean } from '../core/text/clean.ts';

const MAX_EXCERPT = 800;
const MAX_LINES = 4;
/** Stack frames and the carets under them tell where, not what. */
const BOILERPLATE = /^(?:Traceback \(most recent|During handling of the above|The above exception was)/;
const FRAME = /^\s*(?:at\s|File "|\^|~+\^|\.{3} \d+ more)|^\s{4,}\S.*[^:{]$/;

/** Lines around the deciding one, without frames; `at` is the position of the deciding words in the joined text. */
export function excerptOf(lines: readonly string[], at: number): string {
  let deciding = 0;
  for (let end = lines[0]?.length ?? 0; end < at && deciding < lines.length - 1; ) {
    deciding += 1;
    end += 1 + (lines[deciding]?.length ?? 0);
  }
  const kept = lines
    .map((text, index) => ({ text, index }))
    .filter(
      ({ text, index }) => index === deciding || (text.trim() !== '' && !FRAME.test(text) && !BOILERPLATE.test(text)),
    );
  const centre = kept.findIndex(({ index }) => index === deciding);
  const from = Math.max(0, Math.min(centre - 1, kept.length - MAX_LINES));
  return clean(
    kept
      .slice(from, from + MAX_LINES)
      .map(({ text }) => text)
      .join('\n'),
    MAX_EXCERPT,
  );
}
