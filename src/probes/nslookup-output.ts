/** Reads what nslookup prints (busybox of every age, toybox-like and BIND's); used by `tool-output.ts`. */
import type { LookupOutcome, NameAnswer } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';

/** What a tool's text says about one name. */
export interface ToolAnswer {
  /** The server it says it asked. */
  readonly server?: string;
  /** Absent: both questions in one. */
  readonly question?: NameAnswer['question'];
  readonly outcome: LookupOutcome;
  readonly cnames: readonly string[];
  readonly addresses: readonly string[];
  readonly ttlSeconds?: number;
  /** The line that tells the failure (untrusted). */
  readonly error?: string;
}

/**
 * Busybox prints one line for each question (A, AAAA), so texts may differ; the more telling one counts. `can't resolve` is the
 * C library's failure of old builds, which hides the reason.
 */
const FAILURES: readonly (readonly [RegExp, LookupOutcome])[] = [
  [/\bREFUSED\b/, 'refused'],
  [/\bSERVFAIL\b/, 'servfail'],
  [/\bNXDOMAIN\b/, 'nxdomain'],
  [/connection refused/i, 'failed'],
  [/no servers could be reached|timed out|timeout/i, 'timeout'],
  [/no answer|can't find .*: no error/i, 'nodata'],
  [/try again|temporary failure/i, 'failed'],
  [/can't (?:resolve|find)|bad address|not known|does not resolve/i, 'failed'],
];

const CNAME = /^\S+\s+canonical name = ([A-Za-z0-9_.-]{1,254})$/;
const MOST = 16;

/** `cutOff`: the tool was ended from outside because it took too long. */
export function parseNslookup(lines: readonly string[], cutOff: boolean): ToolAnswer {
  const server = lines.flatMap((line) => /^Server:\s*(\S{1,60})/.exec(line)?.[1] ?? [])[0];
  return { ...(server === undefined ? {} : { server }), ...answerOf(lines, cutOff) };
}

function answerOf(lines: readonly string[], cutOff: boolean): ToolAnswer {
  const addresses = answerAddresses(lines).slice(0, MOST);
  const cnames = lines.flatMap((line) => CNAME.exec(line.trim())?.[1]?.replace(/\.$/, '').toLowerCase() ?? []);
  const chain = [...new Set(cnames)].slice(0, MOST);
  if (addresses.length > 0) return { outcome: 'resolved', cnames: chain, addresses };
  for (const [pattern, outcome] of FAILURES) {
    const error = lines.find((line) => pattern.test(line));
    if (error !== undefined) return { outcome, cnames: chain, addresses, error };
  }
  if (cutOff) return { outcome: 'timeout', cnames: chain, addresses };
  return { outcome: isEmpty(lines) ? 'nodata' : 'failed', cnames: chain, addresses };
}

/**
 * Where there is no record busybox prints nothing below the server and the heading of the answer section, which an answer with
 * authority (RFC 1035 §4.1.1, AA) does not have.
 */
function isEmpty(lines: readonly string[]): boolean {
  const heading = /^(?:Server:|Address(?: 1)?:|(?:Non-a|A)uthoritative answer)/i;
  return lines.some((line) => heading.test(line)) && lines.every((line) => line.trim() === '' || heading.test(line));
}

/** Addresses after the first `Name:`; those before it are the server's own. */
function answerAddresses(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.startsWith('Name:'));
  if (from === -1) return [];
  const found = lines.slice(from).flatMap((line) => /^Address(?: \d+)?:\s*(\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(found.filter((text) => isAddress(text)))];
}
