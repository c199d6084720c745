/** Writes the unified diff of two texts, as `git apply` and `patch -p1` take it; the fix people read comes from here. */
import { redact } from '../text/redact.ts';
import { editScript, type Line } from './line-diff.ts';

export interface DiffInput {
  /** Path in the repository, forward slashes, no leading slash. */
  readonly path: string;
  /** Absent for a file that does not exist yet. */
  readonly before?: string;
  readonly after: string;
}

const CONTEXT = 3;
/** YAML 1.2, 9.1.2: what separates documents. */
const DOCUMENT_END = /^(?:---|\.\.\.)(?:\s|$)/;
const NO_NEWLINE = '\\ No newline at end of file';

/** Empty when nothing changes. Lines keep their own endings, so CRLF files stay CRLF. */
export function unifiedDiff(input: DiffInput): string {
  const before = splitLines(input.before ?? '');
  const script = editScript(before, splitLines(input.after));
  const hunks = hunksOf(script);
  if (hunks.length === 0) return '';
  const from = input.before === undefined ? '/dev/null' : fileName('a', input.path);
  return [`--- ${from}\n+++ ${fileName('b', input.path)}\n`, ...hunks.map((hunk) => hunkText(script, hunk))].join('');
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Git's rules: quote unusual characters the C way, and end a name that has spaces with a tab. */
function fileName(side: 'a' | 'b', path: string): string {
  const name = `${side}/${path}`;
  if (!/[\u0000-\u001f"\\\u007f-\uffff]/.test(name)) return name.includes(' ') ? `${name}\t` : name;
  const bytes = [...new TextEncoder().encode(name)];
  const quoted = bytes.map((byte) => {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${quoted.join('')}"`;
}

interface Hunk {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

function hunksOf(script: readonly Line[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const [at, line] of script.entries()) {
    if (line.kind === ' ') continue;
    const range = { start: at - contextOf(script, at, -1), end: at + 1 + contextOf(script, at, 1) };
    const last = hunks.at(-1);
    if (last !== undefined && range.start <= last.end) hunks[hunks.length - 1] = { start: last.start, end: range.end };
    else hunks.push(range);
  }
  return hunks;
}

/**
 * How many unchanged lines go with the line at `at` on one side. A file may hold a Secret beside the policy, and a diff is shown as it is:
 * so the context ends with the line that separates YAML documents, and before a line that redaction would change. One line below stays in
 * any case, since a hunk without it would only fit the file's end.
 */
function contextOf(script: readonly Line[], at: number, step: 1 | -1): number {
  for (let count = 0; count < CONTEXT; count++) {
    const line = script[at + step * (count + 1)];
    if (line === undefined) return count;
    const needed = step === 1 && count === 0;
    if (!needed && line.kind === ' ' && redact(line.text) !== line.text) return count;
    if (line.kind === ' ' && DOCUMENT_END.test(line.text)) return count + 1;
  }
  return CONTEXT;
}

function hunkText(script: readonly Line[], hunk: Hunk): string {
  const lines = script.slice(hunk.start, hunk.end);
  const prior = script.slice(0, hunk.start);
  const old = range(prior, lines, '+');
  const fresh = range(prior, lines, '-');
  const body = lines.map(({ kind, text }) =>
    text.endsWith('\n') ? `${kind}${text}` : `${kind}${text}\n${NO_NEWLINE}\n`,
  );
  return `@@ -${old} +${fresh} @@\n${body.join('')}`;
}

/** `start,count` of one side; a side without lines names the line before it, as POSIX says. */
function range(prior: readonly Line[], lines: readonly Line[], otherSide: '+' | '-'): string {
  const count = lines.filter((line) => line.kind !== otherSide).length;
  const start = prior.filter((line) => line.kind !== otherSide).length + (count > 0 ? 1 : 0);
  return count === 1 ? `${start}` : `${start},${count}`;
}
