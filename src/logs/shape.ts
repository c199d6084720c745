/** Tells by its beginning whether a line goes on with what stands above it, whatever the language; used by `region.ts` and `events.ts`. */

/** `on`: goes on. `head`: the first line of a trace that a logger's own line may stand above. `free`: anything else. */
export type Shape = 'on' | 'head' | 'free';

/** What begins no line of its own: frames, causes, closing brackets, sections of a trace. */
const ON =
  /^(?:[ \t]+\S|[}\])]+[;,]?$|Caused by: |Caused by:$|Suppressed: |\.\.\. \d+ (?:more|common)|Emitted 'error' event|During handling of the above|The above exception was|Node\.js v\d| ---> |--- End of |-{3,} inner|goroutine \d+ \[|created by |(?:[\w.-]+\/)*[\w-]+\.(?:\(\*?\w+\)\.)?[\w.]+\((?:\)|0x|\{0x|\.\.\.)|panic\(|#\d+ [ {/]|Stack trace:|stack backtrace:|Stack backtrace:|Previous exception|Next [A-Z]\w*\\?\w*[:(]|\|  |\+-[+ -]|thrown in )/;

/** Java, .NET, Python, Go, Rust, PHP, Ruby, Node: the exception or the banner above the frames. */
const HEAD =
  /^(?:Exception in thread |Unhandled exception|PHP (?:Fatal|Warning)|(?:[A-Za-z_$][\w$]*\.){1,12}[A-Z][\w$]*(?:Exception|Error|Throwable)\b|(?:[a-z_]\w*\.){1,8}(?:[A-Z]\w*|\w*error): |Traceback \(most recent call last\):|panic: |fatal error: |--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  http|thread '|Error: |(?:\w+)?Error(?: \[\w+\])?: )/;

/** What GNU Wget says step by step below the line with the URL. */
const WGET =
  /^(?:Resolving \S+ \(\S+\)\.\.\. |Connecting to \S+ \(\S+\)|HTTP request sent, awaiting response|Location: \S+ \[following\]|GnuTLS: |OpenSSL: error:|Unable to establish SSL connection|Proxy tunneling failed: |Proxy request sent|ERROR: (?:The certificate of |cannot verify |no certificate subject )|The certificate(?:'s owner does not| has expired)|wget: unable to resolve host address |Giving up\.$|Retrying\.$)/;

const CURL = /^(?:\* |[{}] \[\d+ bytes data\]|[<>] ?)/;
const RUBY = /^\S{1,250}\.rb:\d{1,7}:in /;

/**
 * Lines that go on with nothing but an event that begins as the other says: what curl says with `-v` of a call, the causes that Ruby prints
 * as lines of their own, what pip and Busybox's wget say of where they went.
 */
export const FORMS: readonly { readonly line: RegExp; readonly first: RegExp }[] = [
  { line: CURL, first: CURL },
  { line: RUBY, first: RUBY },
  {
    line: /^(?:WARNING: (?:Retrying \(Retry\(|The repository located)|ERROR: (?:Could not find a version|No matching distribution)|Could not fetch URL )/,
    first: /^Looking in indexes: /,
  },
  // psycopg's attempts, one a line.
  { line: /^(?:Multiple connection attempts failed\. |- host: ')/, first: /Traceback|psycopg/ },
  { line: /^wget: (?!unable to resolve)/, first: /^Connecting to \S{1,260} \(\S{1,60}\)$/ },
];
/** PHP's streams warn three times of one failure; the last tells the URL. */
const PHP_STREAM =
  /^(?:PHP )?Warning: {1,2}\w{1,40}\((?:\)|[a-z]{3,6}:\/\/[^)]{1,2000}\)): [Ff]ailed to (?:enable crypto|open stream: operation failed)|^error:[0-9A-F]{8}:SSL routines/;

export const PYTHON_TRACE: RegExp = /^\s*(?:[|+ -]+ )?Traceback \(most recent call last\):/;
export const CHAIN: RegExp = /^(?:During handling of the above|The above exception was)/;

export function shapeOf(text: string): Shape {
  if (ON.test(text) || WGET.test(text) || PHP_STREAM.test(text) || FORMS.some(({ line }) => line.test(text)))
    return 'on';
  return HEAD.test(text) ? 'head' : 'free';
}
