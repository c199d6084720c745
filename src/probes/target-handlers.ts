/** What each record about a target adds to its state; the table behind `collector.ts`. First word wins: a step is reported once. */
import type { ProbeEvent, TlsReport } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import { connectReport } from './connect-outcome.ts';
import { httpReport, proxyReport } from './http-report.ts';
import { LIBRARY_FORMS, type LibraryAnswer, lookupReport } from './lookup-report.ts';
import { isSameQuestion, packetAnswer, type ServerAnswer, toolAnswer } from './name-answer.ts';
import { numberOf, type ProbeRecord, type RecordKind, valueOf, valuesOf } from './record.ts';
import type { TargetState } from './target-state.ts';
import { tlsOutcome, tlsReport } from './tls-report.ts';
import { isKnownTool, readTool } from './tool-output.ts';

interface Context {
  readonly now: Date;
  readonly event: (event: ProbeEvent) => void;
}

const MOST_LIBRARY_ANSWERS = 12;
/** Two questions by two ways to three servers, and each search domain. */
const MOST_SERVER_ANSWERS = 32;
const MOST_ADDRESSES = 16;
const MOST_CONNECTS = 8;
/** A long certificate has a hundred. */
const MOST_RAW_LINES = 150;
/** Of a tool's line: its patterns look for words anywhere in it, so that a hostile one takes the square of its length. */
const LONGEST_RAW_LINE = 1000;

export const TARGET_HANDLERS: Partial<
  Record<RecordKind, (state: TargetState, record: ProbeRecord, context: Context) => void>
> = {
  library: (state, record) => {
    if (state.library.length < MOST_LIBRARY_ANSWERS) state.library.push(libraryAnswer(record));
  },
  dns: (state, record) => noteAnswer(state, packetAnswer(record, state.host)),
  looked: finishLookup,
  trying: (state, record) => {
    const address = addressOf(record);
    if (address !== undefined && state.tried.size < MOST_CONNECTS) state.tried.add(address);
  },
  connect: finishConnect,
  tls: (state, record, context) => finishTls(state, context, tlsReport(record, context.now)),
  segment: (state, record, { now }) => {
    state.segment ??= tlsOutcome(record, now);
  },
  http: finishHttp,
  proxy: (state, record) => {
    state.proxy ??= proxyReport(record);
  },
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

function noteAnswer({ server }: TargetState, answer: ServerAnswer): void {
  if (server.length >= MOST_SERVER_ANSWERS || server.some((known) => isSameQuestion(known, answer))) return;
  server.push(answer);
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

function finishTls(state: TargetState, { event }: Context, tls: TlsReport): void {
  if (state.tls !== undefined || !state.target.tls) return;
  state.tls = tls;
  event({ kind: 'tls', id: state.target.id, tls });
}

function finishHttp(state: TargetState, record: ProbeRecord, { event }: Context): void {
  if (state.http !== undefined || state.target.path === undefined) return;
  state.http = httpReport(record, state.target);
  event({ kind: 'http', id: state.target.id, http: state.http });
}

/** The tool's line may hold tabs of its own. */
function noteRaw(state: TargetState, record: ProbeRecord): void {
  const tool = valueOf(record, 'tool') ?? '';
  if (!isKnownTool(tool)) return;
  const lines = state.raw.get(tool) ?? [];
  if (lines.length < MOST_RAW_LINES) lines.push(record.fields.slice(1).join('\t').slice(0, LONGEST_RAW_LINE));
  state.raw.set(tool, lines);
}

/** The tool may run again for the next name. */
function finishTool(state: TargetState, record: ProbeRecord, context: Context): void {
  const tool = valueOf(record, 'tool') ?? '';
  const lines = state.raw.get(tool) ?? [];
  state.raw.delete(tool);
  const { lookups = [], tls } = readTool(tool, { lines, exit: numberOf(record, 'exit'), ms: numberOf(record, 'ms') });
  for (const lookup of lookups) noteAnswer(state, toolAnswer(record, state.host, lookup));
  if (tls !== undefined) finishTls(state, context, tls);
}

/** Only what reads as an address counts; a record without one says nothing. */
function addressOf(record: ProbeRecord): string | undefined {
  const address = valueOf(record, 'addr');
  return address !== undefined && isAddress(address) ? address : undefined;
}
