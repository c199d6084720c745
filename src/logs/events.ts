/** Puts stack traces back together, so that one failure counts once however many lines it took; second step of `analyse.ts`. */
import type { LogEvent, LogLine } from './event.ts';
import { unwrapJson } from './unwrap-json.ts';

const MAX_EVENT_LINES = 200;

/** Lines that go on with what stands above, whatever the language. */
const CONTINUES =
  /^(?:\s+\S|[}\])]+[;,]?$|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|Emitted 'error' event|During handling of the above|The above exception was|Node\.js v\d| ---> |--- End of (?:inner|stack)|goroutine \d+ \[|created by )/;
/** Head of a Java or .NET trace that follows the logger's own line. */
const EXCEPTION_HEAD =
  /^(?:[a-z_$][\w$]*\.){1,12}[A-Z][\w$]*(?:Exception|Error)\b|^Traceback \(most recent call last\):/;
const PYTHON_TRACE = /^Traceback \(most recent call last\):/;
const CHAIN = /^(?:During handling of the above|The above exception was)/;
const TROUBLED = /error|exception|fail|warn|critical|fatal|panic|timed? ?out/i;

interface Draft {
  when?: string;
  lines: string[];
  /** A Python trace runs until its first line that is not indented, which is the exception. */
  trace: 'none' | 'open' | 'ended';
  /** Empty lines seen since, which belong to it only if the trace goes on. */
  gap: number;
}

export function joinEvents(lines: readonly LogLine[]): readonly LogEvent[] {
  const events: LogEvent[] = [];
  let draft: Draft | undefined;
  for (const line of lines) {
    if (draft && line.text === '') {
      draft.gap += 1;
      continue;
    }
    if (draft && belongs(draft, line.text)) {
      append(draft, line.text);
      continue;
    }
    if (draft) events.push(finished(draft));
    draft = begin(line);
  }
  if (draft) events.push(finished(draft));
  return events;
}

function begin({ when, text }: LogLine): Draft {
  return {
    ...(when !== undefined && { when }),
    lines: unwrapJson(text).split('\n'),
    trace: PYTHON_TRACE.test(text) ? 'open' : 'none',
    gap: 0,
  };
}

function belongs(draft: Draft, text: string): boolean {
  const last = draft.lines.at(-1) ?? '';
  if (draft.lines.length >= MAX_EVENT_LINES) return false;
  if (draft.trace !== 'none' && CHAIN.test(text)) return true;
  if (draft.gap > 0) return draft.gap === 1 && PYTHON_TRACE.test(text) && CHAIN.test(last);
  return draft.trace === 'open' || CONTINUES.test(text) || isHeadAfterMessage(draft, text);
}

/** The logger's own line, then the exception it was given. */
function isHeadAfterMessage({ lines }: Draft, text: string): boolean {
  return lines.length === 1 && EXCEPTION_HEAD.test(text) && TROUBLED.test(lines[0] ?? '');
}

function append(draft: Draft, text: string): void {
  draft.lines.push(text);
  draft.gap = 0;
  if (PYTHON_TRACE.test(text)) draft.trace = 'open';
  else if (draft.trace === 'open' && /^\S/.test(text)) draft.trace = 'ended';
}

function finished({ when, lines }: Draft): LogEvent {
  return when === undefined ? { lines } : { when, lines };
}
