/** Splits a container's log into stamped lines; first step of `analyse.ts`. */
import type { LogLine } from './event.ts';

/** A longer line is cut: what tells the failure stands at its beginning in every client seen. */
export const MAX_LINE_CHARS = 8192;

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?/;

/** Takes the kubelet's time stamp off each line (the API's `timestamps=true`) and drops the last, empty one. */
export function splitLines(text: string): readonly LogLine[] {
  const raw = text.split('\n');
  if (raw.at(-1) === '') raw.pop();
  return raw.map((line) => {
    const when = STAMP.exec(line);
    const body = (when ? line.slice(when[0].length) : line).replace(/\r$/, '').slice(0, MAX_LINE_CHARS);
    return when?.[1] === undefined ? { text: body } : { when: when[1], text: body };
  });
}
