/** Takes PEM private keys out of text, whole or cut off, also with escaped newlines; used by `redact.ts`. */

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;
/** A line of a key's body, perhaps behind a log prefix: a long run of base64 at its end; or a PEM header; or nothing. */
const BODY_LINE =
  /(?:^|[^A-Za-z0-9+/=])[A-Za-z0-9+/=]{16,100}\\?["',]{0,3}\s{0,4}$|^[^\n]{0,80}(?:Proc-Type|DEK-Info): |^\s*$/;

/** Keeps the line count, so that a caller that numbers lines is not thrown off. */
function blank(part: string): string {
  return `[redacted]${'\n'.repeat(part.split('\n').length - 1)}`;
}

/** Where a key that has no end mark stops: after the last line that looks like a key's body. */
function bodyEnd(text: string, from: number): number {
  let end = text.indexOf('\n', from);
  if (end < 0) return text.length;
  for (;;) {
    const next = text.indexOf('\n', end + 1);
    const stop = next < 0 ? text.length : next;
    if (stop - end > 300 || !BODY_LINE.test(text.slice(end + 1, stop))) return end;
    if (next < 0) return text.length;
    end = next;
  }
}

/** A key's last line may be short. */
const LAST_LINE = /(?:^|[^A-Za-z0-9+/=])[A-Za-z0-9+/=]{2,100}\s{0,4}$/;

/** Start of the body lines right before an end mark whose begin mark was cut off. */
function bodyStart(text: string, floor: number, endMark: number): number {
  let start = text.lastIndexOf('\n', endMark - 1) + 1;
  for (let shape = LAST_LINE; start > floor; shape = BODY_LINE) {
    const previous = text.lastIndexOf('\n', start - 2) + 1;
    const line = text.slice(previous, start - 1);
    if (previous < floor || line.length > 300 || !shape.test(line) || line.trim() === '') break;
    start = previous;
  }
  return Math.max(start, floor);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A begin mark belongs to the next end mark only if no key could be longer than what lies between. */
const MAX_KEY_CHARS = 16_384;

function spansOf(text: string): readonly Span[] {
  const ends = [...text.matchAll(END)].map((m) => ({ from: m.index, to: m.index + m[0].length }));
  const spans: Span[] = [];
  let floor = 0;
  let e = 0;
  const closeBefore = (limit: number): void => {
    for (; (ends[e]?.from ?? Infinity) < limit; e++) {
      const end = ends[e] as Span;
      if (end.from >= floor) spans.push({ from: bodyStart(text, floor, end.from), to: end.to });
      floor = Math.max(floor, end.to);
    }
  };
  for (const begin of text.matchAll(BEGIN)) {
    closeBefore(begin.index);
    if (begin.index < floor) continue;
    const end = ends[e];
    const to = end && end.to - begin.index <= MAX_KEY_CHARS ? end.to : bodyEnd(text, begin.index);
    spans.push({ from: begin.index, to });
    floor = to;
  }
  closeBefore(Infinity);
  return spans;
}

/** Replaces each key by `[redacted]` and as many newlines as it had. */
export function redactPrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  let out = '';
  let done = 0;
  for (const { from, to } of spansOf(text)) {
    out += text.slice(done, from) + blank(text.slice(from, to));
    done = to;
  }
  return out + text.slice(done);
}
