/** Reads what `dig NAME A NAME AAAA` prints, question by question; used by `tool-output.ts`. */
import type { LookupOutcome } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import type { ToolAnswer } from './nslookup-output.ts';

const QUESTIONS = ['A', 'AAAA'] as const;
type Question = (typeof QUESTIONS)[number];

/** RFC 1035 §4.1.1 by the names that BIND gives them. */
const BY_STATUS: Readonly<Record<string, LookupOutcome>> = {
  NXDOMAIN: 'nxdomain',
  SERVFAIL: 'servfail',
  REFUSED: 'refused',
};

const MOST = 16;

/** `cutOff`: dig was ended from outside. A question without an answer was met by silence. */
export function parseDig(lines: readonly string[], cutOff: boolean): readonly ToolAnswer[] {
  const answers = blocks(lines).flatMap((block) => readBlock(block) ?? []);
  if (answers.length === 0 && !cutOff && !lines.some((line) => SILENCE.test(line))) return [failed(lines)];
  const missing = QUESTIONS.filter((question) => !answers.some((answer) => answer.question === question));
  return [...answers, ...missing.map((question) => silent(question, lines))];
}

/** From one header of an answer to the next. */
function blocks(lines: readonly string[]): readonly (readonly string[])[] {
  const starts = lines.flatMap((line, index) => (line.includes('->>HEADER<<-') ? [index] : []));
  return starts.map((start, index) => lines.slice(start, starts[index + 1]));
}

/** `name. 60 IN A 203.0.113.1`; a name server may put a comment before the type. */
const RECORD = /^(\S+)\s+(\d{1,10})\s+IN\s+(A|AAAA|CNAME)\s+(\S+)$/;

function readBlock(block: readonly string[]): ToolAnswer | undefined {
  const question = block.flatMap((line) => /^;\S+\s+IN\s+(A|AAAA)\s*$/.exec(line)?.[1] ?? [])[0];
  if (question === undefined) return undefined;
  const records = block.flatMap((line) => {
    const match = RECORD.exec(line);
    return match === null ? [] : [{ ttl: Number(match[2]), type: match[3], value: match[4] ?? '' }];
  });
  const addresses = records.flatMap(({ type, value }) => (type === question && isAddress(value) ? [value] : []));
  const cnames = records.flatMap(({ type, value }) => (type === 'CNAME' ? value.replace(/\.$/, '').toLowerCase() : []));
  const status = /status: ([A-Z]{1,12})/.exec(block[0] ?? '')?.[1] ?? '';
  const answered = addresses.length > 0 ? 'resolved' : 'nodata';
  return {
    ...serverOf(block),
    question: question === 'A' ? 'A' : 'AAAA',
    outcome: status === 'NOERROR' ? answered : byStatus(status),
    cnames: cnames.filter((name) => /^[a-z0-9_.-]{1,254}$/.test(name)).slice(0, MOST),
    addresses: addresses.slice(0, MOST),
    ...(addresses.length === 0 ? {} : { ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) }),
  };
}

const byStatus = (status: string): LookupOutcome =>
  Object.hasOwn(BY_STATUS, status) ? (BY_STATUS[status] ?? 'failed') : 'failed';

function serverOf(block: readonly string[]): { readonly server?: string } {
  const server = block.flatMap((line) => /^;; SERVER: ([0-9A-Fa-f.:]{2,45})#\d/.exec(line)?.[1] ?? [])[0];
  return server === undefined ? {} : { server };
}

const SILENCE = /timed out|no servers could be reached|no response from/i;

function silent(question: Question, lines: readonly string[]): ToolAnswer {
  const error = lines.find((line) => SILENCE.test(line));
  return { question, outcome: 'timeout', cnames: [], addresses: [], ...(error === undefined ? {} : { error }) };
}

function failed(lines: readonly string[]): ToolAnswer {
  const error = lines.find((line) => line.trim() !== '');
  return { outcome: 'failed', cnames: [], addresses: [], ...(error === undefined ? {} : { error }) };
}
