/** What each record about a target adds to its state; the table behind `collector.ts`. First word wins: a step is reported once. */
import type { ProbeEvent } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import { CUT_OFF, connectReport } from './connect-outcome.ts';
import { parseDnsReply } from './dns-reply.ts';
import { LIBRARY_FORMS, type LibraryAnswer, lookupReport, type ServerAnswer } from './lookup-report.ts';
import { parseNslookup } from './nslookup-output.ts';
import { parseOpenssl } from './openssl-output.ts';
import { numberOf, type ProbeRecord, type RecordKind, valueOf, valuesOf } from './record.ts';
import type { TargetState } from './target-state.ts';
import { tlsReport } from './tls-report.ts';

interface Context {
  readonly now: Date;
  readonly event: (event: ProbeEvent) => void;
}

const MOST_ANSWERS = 12;
const MOST_ADDRESSES = 16;
const MOST_CONNECTS = 8;
const MOST_RAW_LINES = 80;

const BY_RCODE: Readonly<Record<number, ServerAnswer['outcome']>> = { 2: 'servfail', 3: 'nxdomain', 5: 'refused' };

export const TARGET_HANDLERS: Partial<
  Record<RecordKind, (state: TargetState, record: ProbeRecord, context: Context) => void>
> = {
  library: (state, record) => {
    if (state.library.length < MOST_ANSWERS) state.library.push(libraryAnswer(record));
  },
  dns: (state, record) => {
    if (state.server.length < MOST_ANSWERS) state.server.push(packetAnswer(state, record));
  },
  looked: finishLookup,
  trying: (state, record) => {
    const address = addressOf(record);
    if (address !== undefined && state.tried.size < MOST_CONNECTS) state.tried.add(address);
  },
  connect: finishConnect,
  tls: (state, record, context) => finishTls(state, context, () => tlsReport(record, context.now)),
  raw: noteRaw,
  end: finishTool,
};

function libraryAnswer(record: ProbeRecord): LibraryAnswer {
  const error = [valueOf(record, 'err'), valueOf(record, 'text')].filter((part) => part).join(' ');
  const ms = numberOf(record, 'ms');
  return {
    form: LIBRARY_FORMS.find((form) => form === valueOf(record, 'form')) ?? 'app',
    addresses: valuesOf(record, 'addr').filter(isAddress).slice(0, MOST_ADDRESSES),
    ...(error === '' ? {} : { error }),
    ...(ms === undefined ? {} : { ms }),
  };
}

function packetAnswer(state: TargetState, record: ProbeRecord): ServerAnswer {
  const question = valueOf(record, 'q') === 'AAAA' ? 'AAAA' : 'A';
  const ms = numberOf(record, 'ms');
  const common = { question, via: 'packet', ...(ms === undefined ? {} : { ms }) } as const;
  const reply = parseDnsReply(valueOf(record, 'hex') ?? '', state.target.host);
  if (reply === undefined) {
    const outcome = valueOf(record, 'err') === 'timeout' ? 'timeout' : 'failed';
    return { ...common, outcome, cnames: [], addresses: [] };
  }
  const answered = reply.addresses.length > 0 ? 'resolved' : 'nodata';
  const outcome = reply.rcode === 0 ? answered : (BY_RCODE[reply.rcode] ?? 'failed');
  return { ...common, outcome, cnames: reply.cnames, addresses: reply.addresses };
}

function finishLookup(state: TargetState, _record: ProbeRecord, { event }: Context): void {
  if (state.lookup !== undefined) return;
  state.lookup = lookupReport(state);
  event({ kind: 'lookup', id: state.target.id, lookup: state.lookup });
}

function finishConnect(state: TargetState, record: ProbeRecord, { event }: Context): void {
  const address = addressOf(record);
  if (address === undefined || state.connects.has(address) || state.connects.size >= MOST_CONNECTS) return;
  const connect = connectReport(record, address);
  state.connects.set(address, connect);
  event({ kind: 'connect', id: state.target.id, connect });
}

function finishTls(state: TargetState, { event }: Context, report: () => ReturnType<typeof tlsReport>): void {
  if (state.tls !== undefined || !state.target.tls) return;
  state.tls = report();
  event({ kind: 'tls', id: state.target.id, tls: state.tls });
}

/** The tool's line may hold tabs of its own. */
function noteRaw(state: TargetState, record: ProbeRecord): void {
  const tool = valueOf(record, 'tool');
  if (tool !== 'nslookup' && tool !== 'openssl') return;
  const lines = state.raw.get(tool) ?? [];
  if (lines.length < MOST_RAW_LINES) lines.push(record.fields.slice(1).join('\t'));
  state.raw.set(tool, lines);
}

function finishTool(state: TargetState, record: ProbeRecord, context: Context): void {
  const tool = valueOf(record, 'tool') ?? '';
  const lines = state.raw.get(tool) ?? [];
  const exit = numberOf(record, 'exit');
  const ms = numberOf(record, 'ms');
  if (tool === 'openssl') finishTls(state, context, () => parseOpenssl(lines, exit, ms));
  if (tool !== 'nslookup' || state.server.length >= MOST_ANSWERS) return;
  const answer = parseNslookup(lines, exit !== undefined && CUT_OFF.has(exit));
  state.server.push({ question: 'any', via: 'nslookup', ...answer, ...(ms === undefined ? {} : { ms }) });
}

/** Only what reads as an address counts; a record without one says nothing. */
function addressOf(record: ProbeRecord): string | undefined {
  const address = valueOf(record, 'addr');
  return address !== undefined && isAddress(address) ? address : undefined;
}
