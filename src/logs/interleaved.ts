/**
 * Tells where the lines of two traces lie mixed in one event: threads of one program that write to one stream without a prefix. Nothing
 * tells then whose frames and whose host they are, so each line is taken by itself. Used by `events.ts`.
 */

const JAVA_FRAME = /^\s+at \S/;
const JAVA_MORE = /^\s+\.\.\. \d{1,5} (?:more|common)/;
const DOTNET_INNER = /^ ---> /;
const DOTNET_END = /^\s*-{3,} End of inner exception stack trace/;
/** A field of what Node prints behind an error's frames, e.g. `  code: 'ECONNREFUSED',`; group 1 is its depth and name. */
const NODE_FIELD = /^( {1,40}\[?[\w$]{1,60}\]?): /;
const NODE_FRAME = /^ {4,}at \S/;
const NODE_CLOSE = /^\s{0,40}[\]}]/;

/**
 * What no single trace has: a frame or another end behind `... 3 more`, more ends than inner exceptions, the same field twice in one object,
 * an object that ends twice or goes on behind its end.
 */
export function isInterleaved(lines: readonly string[]): boolean {
  return lines.length > 2 && (hasBrokenFrames(lines) || hasBrokenInner(lines) || hasBrokenObject(lines));
}

/** An exception by itself, without a logger's words before it. */
const BARE_HEAD = /^(?:[A-Za-z_$][\w$]*\.){0,12}[A-Za-z_$][\w$]*(?:Error|Exception)\b(?: \[\w+\])?(?:: |$)/;

/** Two heads in a row: what stands below may be of either. */
export function areRivals(above: string, text: string): boolean {
  return above !== text && BARE_HEAD.test(above) && BARE_HEAD.test(text);
}

function hasBrokenFrames(lines: readonly string[]): boolean {
  return lines.some((line, at) => {
    const above = lines[at - 1] ?? '';
    return JAVA_MORE.test(above) && (JAVA_FRAME.test(line) || (JAVA_MORE.test(line) && indent(line) === indent(above)));
  });
}

const indent = (line: string): number => line.length - line.trimStart().length;

function hasBrokenInner(lines: readonly string[]): boolean {
  let open = 0;
  for (const line of lines) {
    if (DOTNET_INNER.test(line)) open += 1;
    else if (DOTNET_END.test(line)) open -= 1;
    if (open < 0) return true;
  }
  return false;
}

function hasBrokenObject(lines: readonly string[]): boolean {
  return lines.some((line, at) => goesOnWrongly(lines[at - 1] ?? '', line)) || hasFieldTwice(lines);
}

function goesOnWrongly(above: string, line: string): boolean {
  if (above === '}') return /^(?:[\]}]+[;,]?$| )/.test(line);
  // What opens behind the last frame holds fields, no further frame.
  return NODE_FRAME.test(line) && NODE_FRAME.test(above) && above.endsWith('{') && indent(line) === indent(above);
}

function hasFieldTwice(lines: readonly string[]): boolean {
  const fields = new Set<string>();
  return lines.some((line) => {
    const field = NODE_FIELD.exec(line)?.[1];
    if (field !== undefined && fields.has(field)) return true;
    if (field !== undefined) fields.add(field);
    // Another object begins or ends: its fields may have the same names.
    if (NODE_CLOSE.test(line) || /[[{]$/.test(line)) fields.clear();
    return false;
  });
}
