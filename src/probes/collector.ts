/** Folds a program's records into reports and events as they come; between `record.ts` and `exec-runner.ts`. Never throws on any input. */
import type { ProbeEvent, ProbeReport, ProbeRequest, ResolverConfig, TargetReport } from '../core/model/probe.ts';
import { proxyValue } from '../core/text/proxy-value.ts';
import type { Clock } from '../ports/clock.ts';
import { clockSkew } from './clock-skew.ts';
import { limitOf } from './limits.ts';
import { createLineReader } from './line-reader.ts';
import { numberOf, type ProbeRecord, parseRecord, type RecordKind, valueOf, valuesOf } from './record.ts';
import { rungName } from './rung-name.ts';
import { TARGET_HANDLERS } from './target-handlers.ts';
import { newTargetState, type TargetState, targetReport } from './target-state.ts';

/** The longest true record is a certificate in hex. */
const LONGEST_LINE = 20_000;
const MOST_RECORDS = 5000;
const MOST_SERVERS = 8;
const MOST_SEARCH = 16;
const MOST_OPTIONS = 16;

/** `rung` is absent until the program said hello. */
export interface Collected
  extends Partial<Pick<ProbeReport, 'rung'>>,
    Pick<ProbeReport, 'limits' | 'resolver' | 'libc' | 'clockSkewSeconds' | 'proxyEnv'> {
  readonly targets: readonly TargetReport[];
  /** The end mark came: nothing is missing because of a cut. */
  readonly done: boolean;
}

export interface Collector {
  push(chunk: string): void;
  collected(): Collected;
}

interface Listener {
  readonly event: (event: ProbeEvent) => void;
  /** The ladder asks for a rung's program; heard once. */
  readonly need: (rung: string) => void;
  readonly done: () => void;
}

interface State {
  readonly startedAt: Date;
  rung: string | undefined;
  libc: ProbeReport['libc'];
  clockSkew: number | undefined;
  needed: string | undefined;
  done: boolean;
  records: number;
  readonly limits: Set<string>;
  readonly proxyEnv: Map<string, string>;
  readonly resolver: { nameservers: string[]; search: string[]; ndots: number; options: string[] };
  readonly targets: ReadonlyMap<string, TargetState>;
}

export function createCollector(request: ProbeRequest, nonce: string, clock: Clock, listener: Listener): Collector {
  const state = newState(request, clock.now());
  const reader = createLineReader(LONGEST_LINE, (line) => {
    const record = state.done ? undefined : parseRecord(line, nonce);
    if (record === undefined || ++state.records > MOST_RECORDS) return;
    const now = clock.now();
    const target = state.targets.get(record.target);
    if (target !== undefined)
      TARGET_HANDLERS[record.kind]?.(target, record, { now: inContainer(state, now), event: listener.event });
    else if (record.kind === 'need') noteNeed(state, record, listener);
    else RUN_HANDLERS[record.kind]?.(state, record, now);
    if (state.done) listener.done();
  });
  return { push: (chunk) => reader.push(chunk), collected: () => collected(state) };
}

/** The time by which the container judges certificates. */
const inContainer = ({ clockSkew: skew = 0 }: State, now: Date): Date => new Date(now.getTime() + skew * 1000);

function newState(request: ProbeRequest, startedAt: Date): State {
  return {
    startedAt,
    rung: undefined,
    libc: undefined,
    clockSkew: undefined,
    needed: undefined,
    done: false,
    records: 0,
    limits: new Set(),
    proxyEnv: new Map(),
    resolver: { nameservers: [], search: [], ndots: 1, options: [] },
    targets: new Map(request.targets.map((target, index) => [`t${index}`, newTargetState(target)])),
  };
}

const RUN_HANDLERS: Partial<Record<RecordKind, (state: State, record: ProbeRecord, now: Date) => void>> = {
  hello: noteHello,
  limit: (state, record) => {
    const limit = limitOf(record);
    if (limit !== undefined) state.limits.add(limit);
  },
  resolver: noteResolver,
  env: noteProxy,
  done: (state) => {
    state.done = state.rung !== undefined;
  },
};

function noteHello(state: State, record: ProbeRecord, now: Date): void {
  const rung = state.rung === undefined ? rungName(record) : undefined;
  if (rung === undefined) return;
  state.rung = rung;
  state.libc = (['glibc', 'musl'] as const).find((libc) => libc === valueOf(record, 'libc'));
  state.clockSkew = clockSkew(valueOf(record, 'time'), state.startedAt, now);
}

function noteNeed(state: State, record: ProbeRecord, { need }: Listener): void {
  if (state.needed !== undefined) return;
  state.needed = valueOf(record, 'rung') ?? '';
  need(state.needed);
}

function noteResolver({ resolver }: State, record: ProbeRecord): void {
  for (const server of valuesOf(record, 'nameserver')) {
    if (/^[0-9A-Fa-f.:]{2,45}(?:%[\w.-]{1,16})?$/.test(server) && resolver.nameservers.length < MOST_SERVERS)
      resolver.nameservers.push(server);
  }
  for (const domain of valuesOf(record, 'search')) {
    if (/^[A-Za-z0-9._-]{1,253}$/.test(domain) && resolver.search.length < MOST_SEARCH) resolver.search.push(domain);
  }
  for (const option of valuesOf(record, 'option')) {
    if (/^[a-z][a-z0-9:-]{0,31}$/.test(option) && resolver.options.length < MOST_OPTIONS) resolver.options.push(option);
  }
  resolver.ndots = numberOf(record, 'ndots') ?? resolver.ndots;
}

/** The programs take credentials off already. */
function noteProxy({ proxyEnv }: State, record: ProbeRecord): void {
  const name = valueOf(record, 'name') ?? '';
  const value = valueOf(record, 'value') ?? '';
  if (/^(?:https?|no|all)_proxy$/i.test(name)) proxyEnv.set(name, proxyValue(name, value));
}

function collected(state: State): Collected {
  const { rung, libc, clockSkew: skew } = state;
  const resolver = resolverConfig(state);
  return {
    ...(rung === undefined ? {} : { rung }),
    limits: [...state.limits],
    ...(resolver === undefined ? {} : { resolver }),
    ...(libc === undefined ? {} : { libc }),
    ...(skew === undefined ? {} : { clockSkewSeconds: skew }),
    proxyEnv: Object.fromEntries(state.proxyEnv),
    targets: [...state.targets.values()].map(targetReport),
    done: state.done,
  };
}

/** `ndots` has its own place. */
function resolverConfig({ resolver }: State): ResolverConfig | undefined {
  const { options, ...config } = resolver;
  const others = options.filter((option) => !option.startsWith('ndots:'));
  if (config.nameservers.length === 0) return undefined;
  return others.length === 0 ? config : { ...config, options: others };
}
