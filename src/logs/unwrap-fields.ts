/** Opens the quoted values of a logfmt line (`err="…\n…"`), so that the patterns see what a person would; used by `events.ts`. */

const LOGFMT = /(?:^|\s)(?:level|lvl|severity|msg|message|err|error|exception|stack(?:trace)?)=/;
const QUOTED = /(?<==)"((?:[^"\\]|\\.){1,8000})"/g;

/** The line itself unless it holds such fields. */
export function unwrapFields(line: string): string {
  if (!line.includes('="') || !line.includes('\\') || !LOGFMT.test(line)) return line;
  return line.replace(QUOTED, (_whole, value: string) => `"${unescape(value)}"`);
}

const PLAIN: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '' };

function unescape(value: string): string {
  return value.replace(/\\(.)/g, (_whole, char: string) => PLAIN[char] ?? char);
}
