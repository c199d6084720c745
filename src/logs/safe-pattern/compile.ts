/** The caller's own log pattern as a test of one line; used by `log-source.ts` before anything is read. */
import { compileTree } from './machine.ts';
import { invalidPattern, parsePattern } from './parse.ts';
import { wordsOf } from './words.ts';

const MAX_LENGTH = 200;
/** What stands for a secret in the text to test: no symbol of a pattern reads it, so that no answer depends on the secret. */
const HIDDEN = '\uffff';

export interface Pattern {
  /** `[redacted]` in the line matches nothing. */
  readonly test: (line: string) => boolean;
  /** Bytes (a code unit each) of which every matching line holds one, in either case; absent where nothing is sure. */
  readonly words?: readonly string[];
}

/**
 * Plain text is looked for as it stands, ignoring case. `/like this/` (or `/…/i`) is a regular expression of a subset that runs in
 * linear time whatever the log holds.
 * @throws DiagnoseError (usage) PATTERN_INVALID naming the rule that is broken.
 */
export function compilePattern(pattern: string): Pattern {
  if (pattern === '') throw invalidPattern('is empty');
  if (pattern.length > MAX_LENGTH) throw invalidPattern(`has more than ${MAX_LENGTH} characters`);
  const [, source, flag] = /^\/(.+)\/(i?)$/s.exec(pattern) ?? [];
  if (source === undefined) return plainText(pattern.toLowerCase());
  const ignoresCase = flag === 'i';
  // Escapes such as \D change their meaning with their case, so only what is no escape is lowered.
  const written = ignoresCase
    ? source.replace(/\\.|[A-Z]/gs, (part) => (part.length > 1 ? part : part.toLowerCase()))
    : source;
  const tree = parsePattern(written);
  const test = compileTree(tree);
  const words = wordsOf(tree);
  return {
    test: (line) => test(hidden(ignoresCase ? line.toLowerCase() : line)),
    ...(words && { words }),
  };
}

function plainText(wanted: string): Pattern {
  const words = wordsOf({
    kind: 'row',
    parts: wanted.split('').map((unit) => ({ kind: 'one', unit, accepts: () => false })),
  });
  return { test: (line) => hidden(line.toLowerCase()).includes(wanted), ...(words && { words }) };
}

function hidden(line: string): string {
  return line.includes('[redacted]') ? line.replaceAll('[redacted]', HIDDEN) : line;
}
