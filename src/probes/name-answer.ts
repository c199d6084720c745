/** One name server's answer to one question, from a `dns` record or a tool's text; between `target-handlers.ts` and `lookup-report.ts`. */
import type { LookupOutcome, NameAnswer } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import { type DnsReply, parseDnsReply } from './dns-reply.ts';
import type { ToolAnswer } from './nslookup-output.ts';
import { numberOf, type ProbeRecord, valueOf } from './record.ts';

export interface ServerAnswer extends NameAnswer {
  /** errno name, or the tool's own line (untrusted). */
  readonly error?: string;
}

const MOST_ADDRESSES = 16;
/** RFC 1035 §4.1.1. */
const BY_RCODE: Readonly<Record<number, LookupOutcome>> = { 2: 'servfail', 3: 'nxdomain', 5: 'refused' };

/** `host` in lower case without a final dot. */
export function packetAnswer(record: ProbeRecord, host: string): ServerAnswer {
  const name = askedName(record, host);
  const ms = numberOf(record, 'ms');
  const common = {
    server: serverOf(valueOf(record, 'server')),
    name,
    question: valueOf(record, 'q') === 'AAAA' ? 'AAAA' : 'A',
    via: valueOf(record, 'via') === 'tcp' ? 'tcp' : 'udp',
    ...(ms === undefined ? {} : { ms }),
  } as const;
  const reply = parseDnsReply(valueOf(record, 'hex') ?? '', name);
  return reply === undefined ? { ...common, ...silence(record) } : { ...common, ...content(reply) };
}

function content(reply: DnsReply): Omit<NameAnswer, 'server' | 'name' | 'question' | 'via'> {
  const answered = reply.addresses.length > 0 ? 'resolved' : 'nodata';
  // A cut answer without an address says nothing about there being none.
  const whole = reply.truncated && answered === 'nodata' ? 'failed' : answered;
  return {
    outcome: reply.rcode === 0 ? whole : (BY_RCODE[reply.rcode] ?? 'failed'),
    cnames: reply.cnames,
    addresses: reply.addresses.slice(0, MOST_ADDRESSES),
    ...(reply.ttlSeconds === undefined ? {} : { ttlSeconds: reply.ttlSeconds }),
    ...(reply.truncated ? { truncated: true } : {}),
  };
}

function silence(record: ProbeRecord): Pick<ServerAnswer, 'outcome' | 'cnames' | 'addresses' | 'error'> {
  const error = valueOf(record, 'err') ?? '';
  const nothing = { cnames: [], addresses: [] } as const;
  if (error === 'timeout' || error === 'ETIMEDOUT') return { outcome: 'timeout', ...nothing };
  if (error === 'metadata') return { outcome: 'not_checked', ...nothing };
  return { outcome: 'failed', ...nothing, ...(/^E[A-Z]{2,15}$/.test(error) ? { error } : {}) };
}

/** A tool asks for A and AAAA in one. `end`: the record that closes its output. */
export function toolAnswer(end: ProbeRecord, host: string, answer: ToolAnswer): ServerAnswer {
  const { server, ...rest } = answer;
  const ms = numberOf(end, 'ms');
  return {
    server: serverOf(server),
    name: askedName(end, host),
    question: 'any',
    via: 'tool',
    ...rest,
    ...(ms === undefined ? {} : { ms }),
  };
}

/** The host, or the host with the search domain that the record names. */
function askedName(record: ProbeRecord, host: string): string {
  const suffix = valueOf(record, 'suffix') ?? '';
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}$/.test(suffix)
    ? `${host}.${suffix.toLowerCase().replace(/\.$/, '')}`
    : host;
}

/** With the zone that resolv.conf may give a link-local one. */
const serverOf = (text = ''): string => (isAddress(text.replace(/%[\w.-]{1,16}$/, '')) ? text : '');

/** The same question to the same server by the same way: what is said of it first counts. */
export const isSameQuestion = (one: NameAnswer, other: NameAnswer): boolean =>
  one.server === other.server && one.name === other.name && one.question === other.question && one.via === other.via;

/** As it is reported: a tool's own words stay out. */
export function reported(answer: ServerAnswer): NameAnswer {
  const { server, name, question, via, outcome, cnames, addresses, ttlSeconds, truncated, ms } = answer;
  return {
    server,
    name,
    question,
    via,
    outcome,
    cnames,
    addresses,
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    ...(truncated === undefined ? {} : { truncated }),
    ...(ms === undefined ? {} : { ms }),
  };
}
