/** Joins failures, rollouts, restarts, policy writes and drops into one sequence, and says what changed shortly before the first failure; called by `diagnose/steps/timeline.ts`. */
import type { ClusterState, Read } from '../model/cluster-state.ts';
import type { Flow } from '../model/flow.ts';
import type { WorkloadHistory } from '../model/history.ts';
import type { LogFailure, LogReport } from '../model/logs.ts';
import type { Timeline } from '../model/timeline.ts';
import type { Pod } from '../model/workload.ts';
import { changedOf } from './changed.ts';
import { eventsOf } from './events.ts';
import { failureSpan, isTime, timeOf } from './failures.ts';
import type { Committed, Known, Seen } from './known.ts';
import { linesOf } from './lines.ts';
import { rolloutOf } from './rollout.ts';
import { rulesOf } from './rules.ts';

export interface TimelineInput {
  /** RFC 3339: when the diagnosis began. */
  readonly asOf: string;
  readonly host: string;
  readonly pod: Pod;
  readonly state: ClusterState;
  readonly logs: Read<LogReport>;
  readonly isAbout: (failure: LogFailure) => boolean;
  readonly history: Read<WorkloadHistory>;
  /** Towards the host, as the engine reported them. */
  readonly drops: readonly Flow[];
  /** A connection to it opens now. */
  readonly worksNow?: boolean;
  /** Of the policies around the pod, where Git's history was asked. */
  readonly commits?: readonly Committed[];
}

/** Nothing where neither logs nor flows tell a time of a failure. */
export function buildTimeline(input: TimelineInput): Timeline | undefined {
  const seen = seenOf(input);
  if (seen === undefined) return undefined;
  const { asOf, pod, state, history } = input;
  const rollout = history.ok ? rolloutOf(history.value) : undefined;
  const known: Known = {
    asOf,
    pod,
    seen,
    worksNow: input.worksNow === true,
    rules: rulesOf(state, pod, input.host),
    commits: (input.commits ?? []).filter(({ at }) => isTime(at)),
    ...(rollout !== undefined && { rollout }),
    ...(!history.ok && { rolloutNotRead: history.notRead }),
  };
  const { changed, why } = changedOf(known);
  return { host: input.host, events: eventsOf(known), changed, lines: linesOf(known, changed, why) };
}

/** A drop is a failure too, but the engine's buffer is short: what it does not hold may have been. */
function seenOf({ logs, isAbout, drops }: TimelineInput): Seen | undefined {
  const failures = logs.ok ? failureSpan(logs.value, isAbout) : undefined;
  const times = drops
    .map(({ time }) => time)
    .filter(isTime)
    .toSorted((a, b) => timeOf(a) - timeOf(b));
  const dropped = times[0] === undefined ? {} : { drops: { first: times[0], count: times.length } };
  if (failures !== undefined) return { ...failures, ...dropped, from: 'log' };
  if (times[0] === undefined) return undefined;
  return { first: times[0], last: times.at(-1) ?? times[0], count: times.length, ...dropped, from: 'flow' };
}
