/** Picks from a trace the few frames that led to the failure, the application's own before those of libraries; used by `fold-failures.ts`. */
import { clean } from '../core/text/clean.ts';

const MAX_FRAMES = 5;
const MAX_CHARS = 160;

/** A frame as each language prints it; group 1 is what is kept. */
const FRAMES: readonly RegExp[] = [
  // Java, Kotlin, Scala; .NET; Node.
  /^\s*at ((?:async |new )?[^\n]{1,300})$/,
  // Python, then PHP, Ruby, Go's second line, Rust's backtrace.
  /^\s*(?:\| )*(File "[^"\n]{1,250}", line \d{1,7}(?:, in [^\n]{1,100})?)$/,
  /^#\d{1,4} ([^\n]{1,250}\(\d{1,7}\)[^\n]{0,150})$/,
  /^\s*(?:from |\d{1,4}: from )?([^\s:]{1,250}\.rb:\d{1,7}:in [^\n]{1,120})$/,
  /^\s+(\/?[^\s:]{1,250}\.go:\d{1,7})(?: \+0x[0-9a-f]{1,9})?$/,
  /^\s+at (\/?[^\s:]{1,250}\.rs:\d{1,7}(?::\d{1,5})?)$/,
];

/** Runtimes' and libraries' own frames: where, not why. */
const LIBRARY =
  /site-packages|dist-packages|\/lib\/python\d|<frozen |node_modules|node:internal|\(node:|^node:|<anonymous>$|^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|io\.netty|okhttp3|okio|retrofit2|reactor|org\.apache|org\.springframework|org\.eclipse\.jetty|org\.hibernate|com\.zaxxer|com\.amazonaws|software\.amazon|com\.azure|com\.google\.(?:api|cloud|common)|org\.postgresql|com\.mysql|redis\.clients|io\.lettuce|com\.mongodb|io\.grpc)[./]|^java\.base\/|^(?:System|Microsoft|Azure|Amazon|Google|Grpc|Npgsql|StackExchange)\.|\/vendor\/|\/gems\/|\/lib\/ruby\/|\/usr\/(?:local\/)?(?:lib|go)\/|\/go\/pkg\/mod\/|\/rustc\/|\.cargo\/registry|net\/http\/|\/library\/(?:std|core)\//;

/** Below this line stands what caused the exception above: Java, Node. .NET and Python print the cause first. */
const CAUSE = /^Caused by: |^\s+\[cause\]: |^\s+cause: /;

/** Innermost first; of libraries only where the application has none. Python prints the innermost last. */
export function framesOf(lines: readonly string[]): readonly string[] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (CAUSE.test(line)) sections.push([]);
    const frame = frameIn(line);
    if (frame !== undefined) sections.at(-1)?.push(frame);
  }
  const found = sections.toReversed().flat();
  const inOrder = found.some((frame) => frame.startsWith('File "')) ? found.toReversed() : found;
  const own = inOrder.filter((frame) => !LIBRARY.test(frame));
  const chosen = own.length > 0 ? own : inOrder.slice(0, 2);
  return [...new Set(chosen)].slice(0, MAX_FRAMES).map((frame) => clean(frame, MAX_CHARS));
}

function frameIn(line: string): string | undefined {
  for (const frame of FRAMES) {
    const caught = frame.exec(line)?.[1];
    if (caught !== undefined) return caught.trim();
  }
  return undefined;
}
