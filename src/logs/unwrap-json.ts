/** Turns a JSON log line into the text a person would have seen, so that one set of patterns serves both; used by `events.ts`. */

import { namesSecret } from '../core/text/redact.ts';

/** Fields that hold what happened, in the order they are shown; compared in lower case without `_`, `.` and `-`. */
const TELLING = [
  'message',
  'msg',
  'error',
  'err',
  'exception',
  'cause',
  'detail',
  'stack',
  'stacktrace',
  'excinfo',
  'log',
];
const MAX_DEPTH = 6;
const MAX_LEAVES = 80;

interface Leaf {
  readonly rank: number;
  readonly text: string;
}

/** The line itself unless it is a JSON object; a cut-off or broken one keeps its text with the escapes undone. */
export function unwrapJson(line: string): string {
  const start = line.trimStart();
  if (!start.startsWith('{')) return line;
  try {
    const leaves: Leaf[] = [];
    collect(JSON.parse(start), TELLING.length, leaves, 0);
    leaves.sort((a, b) => a.rank - b.rank);
    return leaves.map(({ text }) => text).join('\n');
  } catch {
    return unescape(line);
  }
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:n|"|\/|u0026|t)/g,
    (escape) => ({ n: '\n', u: '&', t: ' ' })[escape[1] ?? ''] ?? escape.slice(1),
  );
}

function collect(value: unknown, rank: number, leaves: Leaf[], depth: number): void {
  if (depth > MAX_DEPTH || leaves.length >= MAX_LEAVES) return;
  if (typeof value === 'string') leaves.push({ rank, text: value });
  else if (Array.isArray(value)) collectItems(value, { rank, leaves, depth });
  else if (typeof value === 'object' && value !== null) collectFields(Object.entries(value), { rank, leaves, depth });
}

interface Place {
  readonly rank: number;
  readonly leaves: Leaf[];
  readonly depth: number;
}

/** Headers are also written one after the other, name and value. */
function collectItems(items: readonly unknown[], { rank, leaves, depth }: Place): void {
  for (const [at, item] of items.entries()) if (!isSecret(items[at - 1])) collect(item, rank, leaves, depth + 1);
}

/** Texts go on without their field's name, by which alone a password is told: such are left out. */
function collectFields(fields: readonly (readonly [string, unknown])[], at: Place): void {
  const named = fields.some(([key, inner]) => NAMING.test(key) && isSecret(inner));
  for (const [key, inner] of fields) {
    if (!isSecret(key) && !(named && key.toLowerCase() === 'value')) collectField(key, inner, at);
  }
}

/** Of a header or a variable that is written as a name and a value. */
const NAMING = /^(?:name|key|header)$/i;

const isSecret = (name: unknown): boolean => typeof name === 'string' && name.length <= 80 && namesSecret(name);

function collectField(key: string, inner: unknown, at: Place): void {
  const own = TELLING.indexOf(key.toLowerCase().replace(/[_.-]/g, ''));
  const rank = own < 0 ? at.rank : own;
  // Two letters that tell nothing without the field's name (Envoy's access log).
  if (typeof inner === 'string' && key === 'response_flags') at.leaves.push({ rank, text: `"${key}":"${inner}"` });
  else if (typeof inner === 'number' && /^(?:status|port|code|errno)/i.test(key))
    at.leaves.push({ rank, text: `${key}: ${inner}` });
  else collect(inner, rank, at.leaves, at.depth + 1);
}
