/** Turns what a program says about a connection attempt (errno name, exit code, a tool's text) into an outcome; used by `collector.ts`. */
import type { ConnectOutcome, ConnectReport } from '../core/model/probe.ts';
import { clean } from '../core/text/clean.ts';
import { numberOf, type ProbeRecord, valueOf } from './record.ts';

const BY_ERRNO: Readonly<Record<string, ConnectOutcome>> = {
  ETIMEDOUT: 'timeout',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  EPERM: 'not_permitted',
  EACCES: 'not_permitted',
};

/** strerror texts of glibc, musl and busybox, in the C locale. */
const BY_TEXT: readonly (readonly [RegExp, ConnectOutcome])[] = [
  [/connection refused/i, 'refused'],
  [/connection reset/i, 'reset'],
  [
    /no route to host|network (?:is )?unreachable|host (?:is )?unreachable|address family not supported/i,
    'unreachable',
  ],
  [/not permitted|permission denied/i, 'not_permitted'],
  [/timed out|timeout/i, 'timeout'],
];

/** Exit codes of `timeout`: GNU, and busybox's of either age (killed by TERM or KILL). */
export const CUT_OFF: ReadonlySet<number> = new Set([124, 137, 143]);

export function connectReport(record: ProbeRecord, address: string): ConnectReport {
  const ms = numberOf(record, 'ms');
  const { outcome, error } = judge(record);
  return { address, outcome, ...(ms === undefined ? {} : { ms }), ...(error ? { error: clean(error, 200) } : {}) };
}

interface Judged {
  readonly outcome: ConnectOutcome;
  readonly error?: string;
}

function judge(record: ProbeRecord): Judged {
  if (valueOf(record, 'ok') === '1') return { outcome: 'connected' };
  const errno = valueOf(record, 'err');
  if (errno === 'metadata') return { outcome: 'not_checked', error: 'a cloud metadata address: never contacted' };
  if (errno !== undefined) return { outcome: byErrno(errno), error: errno };
  const exit = numberOf(record, 'exit');
  if (exit === undefined) return { outcome: 'failed' };
  return byTool(valueOf(record, 'tool') ?? '', exit, valueOf(record, 'text') ?? '');
}

const byErrno = (name: string): ConnectOutcome =>
  Object.hasOwn(BY_ERRNO, name) ? (BY_ERRNO[name] ?? 'failed') : 'failed';

function byTool(tool: string, exit: number, text: string): Judged {
  if (exit === 0) return { outcome: 'connected' };
  const known = BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return { outcome: known, error: text };
  if (!CUT_OFF.has(exit)) return { outcome: 'failed', error: text || `exit code ${exit}` };
  // A plain nc's own -w would have ended a silent attempt before it was cut off, but not every nc has -w mean that.
  if (tool === 'plain') return { outcome: 'not_checked', error: 'this nc neither failed nor ended; see limits' };
  return { outcome: 'timeout', error: text || 'no answer within the time allowed' };
}
