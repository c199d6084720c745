/** One way of reading flows; `flow-source.ts` tries them in turn. And what all of them share: the report and its window. */
import type { Read } from '../core/model/cluster-state.ts';
import type { Flow, FlowGap, FlowReport, FlowRequest, Followed } from '../core/model/flow.ts';
import type { FlowCollector } from './collect-flows.ts';

export interface FlowListener {
  readonly ready: () => void;
  readonly flow: (flow: Flow) => void;
}

export interface FlowReader {
  observe(request: FlowRequest, signal: AbortSignal): Promise<Read<FlowReport>>;
  follow(request: FlowRequest, on: FlowListener, signal: AbortSignal): Promise<Read<Followed | undefined>>;
}

/** A drop is two events, so twice as many are asked for as are wanted. */
const MAX_EVENTS = 2000;

/** How many events to ask for at most. Of a window that ended before now Hubble would give the oldest ones, so all that are allowed. */
export function eventLimit({ limit, untilSeconds }: FlowRequest): number {
  return untilSeconds === undefined ? Math.min(MAX_EVENTS, Math.max(1, Math.trunc(limit) * 2)) : MAX_EVENTS;
}

export interface Collected {
  readonly flows: readonly Flow[];
  readonly collector: FlowCollector;
  /** Something ended the listing before the sender did. */
  readonly cut: boolean;
}

/** The newest first, so that a bound on the list keeps what happened last. */
export function reportOf(
  request: FlowRequest,
  source: string,
  { flows, collector, cut }: Collected,
  more: readonly FlowGap[] = [],
): FlowReport {
  const missing = [...collector.missing(), ...more];
  const full = collector.events >= eventLimit(request) || flows.length >= request.limit;
  return {
    flows: newestFirst(flows).slice(0, request.limit),
    source,
    truncated: cut || full || missing.length > 0,
    ...(missing.length > 0 && { missing }),
  };
}

/** Times come with none to nine digits after the second; within a millisecond the order in which they were told counts. */
function newestFirst(flows: readonly Flow[]): readonly Flow[] {
  return flows.toReversed().toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time));
}

/** Tolerates what clocks and the start of a process are off. */
const SLACK_MS = 1500;

/**
 * Hubble keeps a fixed number of events a node (4,095 unless set), which on a busy node are the last few seconds. `oldest` is the
 * time of the first event that it still has.
 */
export function gapBefore(oldest: string | undefined, windowBegins: number): readonly FlowGap[] {
  if (oldest === undefined) return [{ kind: 'buffer_empty' }];
  const late = Date.parse(oldest) - windowBegins;
  if (!(late > SLACK_MS)) return [];
  return [{ kind: 'buffer_begins', at: oldest, seconds: Math.round(late / 1000) }];
}
