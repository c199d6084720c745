/** Puts stack traces back together, so that one failure counts once however many lines it took; between `lines.ts` and `fold-failures.ts`. */
import { classify } from './classify.ts';
import type { LogEvent, LogLine } from './event.ts';
import { withoutWhatWasSent } from './inbound.ts';
import { areRivals, isInterleaved } from './interleaved.ts';
import { CHAIN, FORMS, PYTHON_TRACE, shapeOf } from './shape.ts';
import { unwrapFields } from './unwrap-fields.ts';
import { unwrapJson } from './unwrap-json.ts';
import { urlPlaces } from './urls.ts';

const MAX_EVENT_LINES = 200;
/** Events that lines of other threads came between and that may still go on. */
const MAX_OPEN = 4;
/** How many lines of others may come between. */
const FOREIGN = 3;

/** Head of a Java or .NET trace that follows the logger's own line. */
const EXCEPTION_HEAD =
  /^(?:[a-z_$][\w$]*\.){1,12}[A-Z][\w$]*(?:Exception|Error)\b|^(?:[A-Z]\w*\.){1,8}\w*Exception: |^\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):/;
const TROUBLED = /error|exception|fail|warn|critical|fatal|panic|timed? ?out/i;
/** A new record of a logger: a time, a level, JSON, logfmt. */
const RECORD =
  /^(?:\{"|\[?\d{4}[-/]\d\d[-/]\d\d[T ,]|\d\d:\d\d:\d\d|(?:time|ts|level|lvl)=|[IWEF]\d{4} \d\d:|\[?(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b)/;

/** A frame of Python's, also in a group's margin, or the exception: a name with dots, then a colon or nothing. */
const IN_TRACE = /^(?:[\s|+]|[A-Za-z_][\w.]*(?::|$|\())/;

/** Between Go's panic and its goroutines, before Rust's causes, between PHP's exceptions. */
const GOES_ON_AFTER_GAP = /^(?:goroutine \d+ \[|Caused by:|Stack backtrace:|stack backtrace:|Next |Node\.js v)/;

interface Draft {
  when?: string;
  /** The line that it begins with, as it stood; how many lines that one is by itself. */
  first: string;
  own: number;
  lines: string[];
  above?: string;
  /** A Python trace runs until its first line that is not indented, which is the exception. */
  trace: 'none' | 'open' | 'ended';
  /** Empty lines seen since, which belong to it only if the trace goes on. */
  gap: number;
  /** Lines of others since its last one. */
  foreign: number;
  /** Another trace began inside of it, so that its lines may be the other's. */
  mixed: boolean;
}

/** `above`: the line that stood above the first. */
export function joinEvents(lines: readonly LogLine[], above?: string): readonly LogEvent[] {
  const drafts: Draft[] = [];
  let before = above;
  for (const line of lines) {
    const open = drafts.filter(({ foreign }) => foreign <= FOREIGN).slice(-MAX_OPEN);
    const owner = ownerOf(open, line.text);
    if (owner && line.text === '') owner.gap += 1;
    else if (owner) append(owner, line.text);
    else if (line.text !== '') drafts.push(beginBeside(open, line, before));
    for (const draft of open) if (draft !== owner && line.text !== '') draft.foreign += 1;
    before = line.text;
  }
  return drafts.flatMap(finished);
}

/** A trace of Python ends with its exception: one that begins before that is another thread's; so may be what stands below two heads. */
function beginBeside(open: readonly Draft[], line: LogLine, before: string | undefined): Draft {
  const draft = begin(line, before);
  const newest = open.at(-1);
  const unfinished = draft.trace === 'open' ? open.filter(({ trace }) => trace === 'open') : [];
  for (const one of unfinished) one.mixed = true;
  const isBelowRival = newest?.lines.length === 1 && newest.foreign === 0 && areRivals(newest.first, line.text);
  draft.mixed = unfinished.length > 0 || isBelowRival;
  return draft;
}

/** The newest event that the line goes on with; an older one where the newest is no trouble, or where the line begins none of its own. */
function ownerOf(open: readonly Draft[], text: string): Draft | undefined {
  const newest = open.at(-1);
  if (!newest || text === '') return newest;
  if (closeContested(open, text)) return undefined;
  const mayBeNewest = belongs(newest, text);
  if (mayBeNewest && !isQuiet(newest)) return newest;
  const older = shapeOf(text) === 'free' && !endsTrace(open, text) ? undefined : olderOwner(open, newest, text);
  return older ?? (mayBeNewest ? newest : undefined);
}

/** Two threads' messages wait for their exceptions, and each names another host: whose is whose, nothing tells, so neither goes on. */
function closeContested(open: readonly Draft[], text: string): boolean {
  if (!EXCEPTION_HEAD.test(text)) return false;
  const waiting = open.filter((draft) => isHeadAfterMessage(draft, text));
  const messages = waiting.flatMap(({ first, above = '' }) => [first, above]).filter(mayWait);
  if (new Set(messages.map(placesText)).size < 2) return false;
  for (const draft of waiting) draft.foreign = FOREIGN + 1;
  return true;
}

/** A message of trouble that does not say itself what failed. */
function mayWait(text: string): boolean {
  return TROUBLED.test(text) && placesText(text) !== '' && classify(text) === undefined;
}

const placesText = (text: string): string =>
  urlPlaces(text)
    .map(({ host, port }) => `${host}:${port}`)
    .join(' ');

/** Behind a record, any that tells of trouble; behind a line without form, only one that goes on already. */
function olderOwner(open: readonly Draft[], newest: Draft, text: string): Draft | undefined {
  const isOwner = (draft: Draft): boolean => RECORD.test(newest.first) || draft.lines.length > draft.own;
  return open
    .toReversed()
    .find((draft) => draft !== newest && isOwner(draft) && !isQuietRecord(draft) && belongs(draft, text));
}

/** One line that reports no trouble: the trace behind it is hardly its own. As it stood, since a record of JSON is told by its form. */
function isQuiet({ first, own, lines, trace }: Draft): boolean {
  return lines.length === own && trace !== 'open' && !TROUBLED.test(first);
}

const isQuietRecord = (draft: Draft): boolean => isQuiet(draft) && RECORD.test(draft.first);

/** Python's exception line, kept from its frames by a record of another thread. */
function endsTrace(open: readonly Draft[], text: string): boolean {
  return !RECORD.test(text) && open.some(({ trace }) => trace === 'open');
}

function begin({ when, text }: LogLine, above: string | undefined): Draft {
  const lines = unwrapFields(unwrapJson(withoutWhatWasSent(text))).split('\n');
  return {
    ...(when !== undefined && { when }),
    ...(above !== undefined && { above }),
    first: text,
    own: lines.length,
    lines,
    trace: PYTHON_TRACE.test(text) ? 'open' : 'none',
    gap: 0,
    foreign: 0,
    mixed: false,
  };
}

function belongs(draft: Draft, text: string): boolean {
  if (draft.lines.length >= MAX_EVENT_LINES) return false;
  return byForm(draft, text) ?? byTrace(draft, text) ?? (shapeOf(text) === 'on' || isHeadAfterMessage(draft, text));
}

/** What has a form of its own goes on with nothing but its like. */
function byForm({ lines }: Draft, text: string): boolean | undefined {
  const form = FORMS.find(({ line }) => line.test(text));
  return form && form.first.test(lines[0] ?? '') && !(lines.at(-1) ?? '').startsWith('* Closing connection');
}

function byTrace({ lines, trace, gap }: Draft, text: string): boolean | undefined {
  if (trace !== 'none' && CHAIN.test(text)) return true;
  if (gap <= 1 && CHAIN.test(lines.at(-1) ?? '')) return PYTHON_TRACE.test(text);
  if (gap > 0) return gap === 1 && GOES_ON_AFTER_GAP.test(text);
  return trace === 'open' ? IN_TRACE.test(text) && !RECORD.test(text) : undefined;
}

/** The logger's own line, then the exception it was given. */
function isHeadAfterMessage({ lines }: Draft, text: string): boolean {
  const [message = ''] = lines;
  // An exception is no message that another one explains.
  return lines.length === 1 && EXCEPTION_HEAD.test(text) && TROUBLED.test(message) && !EXCEPTION_HEAD.test(message);
}

function append(draft: Draft, text: string): void {
  draft.lines.push(text);
  draft.gap = 0;
  draft.foreign = 0;
  if (PYTHON_TRACE.test(text)) draft.trace = 'open';
  else if (draft.trace === 'open' && /^\S/.test(text)) draft.trace = 'ended';
}

/** Each line by itself where nothing tells whose it is. */
function finished({ when, lines, above, own, mixed }: Draft): readonly LogEvent[] {
  const stamped = when === undefined ? {} : { when };
  if (lines.length > own && (mixed || isInterleaved(lines))) {
    return lines.map((line, at) => ({ lines: [line], ...stamped, ...(at > 0 && { above: lines[at - 1] ?? '' }) }));
  }
  return [{ lines, ...stamped, ...(above !== undefined && { above }) }];
}
