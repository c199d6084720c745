/** The caller's own log pattern as a test of one line; used by `log-source.ts` before anything is read. */
import { compileTree } from './machine.ts';
import { invalidPattern, parsePattern } from './parse.ts';

const MAX_LENGTH = 200;

/**
 * Plain text is looked for as it stands, ignoring case. `/like this/` (or `/…/i`) is a regular expression of a subset that runs in
 * linear time whatever the log holds.
 * @throws DiagnoseError (usage) PATTERN_INVALID naming the rule that is broken.
 */
export function compilePattern(pattern: string): (line: string) => boolean {
  if (pattern === '') throw invalidPattern('is empty');
  if (pattern.length > MAX_LENGTH) throw invalidPattern(`has more than ${MAX_LENGTH} characters`);
  const [, source, flag] = /^\/(.+)\/(i?)$/s.exec(pattern) ?? [];
  if (source === undefined) {
    const wanted = pattern.toLowerCase();
    return (line) => line.toLowerCase().includes(wanted);
  }
  if (flag !== 'i') return compileTree(parsePattern(source));
  // Escapes such as \D change their meaning with their case, so only what is no escape is lowered.
  const test = compileTree(
    parsePattern(source.replace(/\\.|[A-Z]/gs, (part) => (part.length > 1 ? part : part.toLowerCase()))),
  );
  return (line) => test(line.toLowerCase());
}
