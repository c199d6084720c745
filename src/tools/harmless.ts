/** The last look at an answer before it is rendered and sent; part of every tool through `tool.ts`. */
import { bound, stripInvisible } from '../core/text/sanitise.ts';

const MAX_STRING = 4000;

/**
 * The answer with every string free of control and invisible characters, and bounded. Adapters clean what they read; a capture
 * was written by somebody else's machine, and answers are made from it as it stands.
 */
export function harmless<T>(value: T): T {
  return cleaned('', value) as T;
}

function cleaned(key: string, value: unknown): unknown {
  if (typeof value === 'string') return key === 'diff' ? patchText(value) : bound(stripInvisible(value), MAX_STRING);
  if (Array.isArray(value)) return value.map((item) => cleaned(key, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cleaned(name, item)]));
}

/** Line ends as they are in the file, or the patch would not apply; a carriage return elsewhere only hides what stands before it. */
function patchText(text: string): string {
  return text.split('\r\n').map(stripInvisible).join('\r\n');
}
