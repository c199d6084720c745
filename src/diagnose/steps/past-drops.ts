/** Step 3, beside the probe: what the engine dropped when the logs show the last failure; what packets do now may be another story. */
import type { Read } from '../../core/model/cluster-state.ts';
import type { FlowReport } from '../../core/model/flow.ts';
import type { LogReport } from '../../core/model/logs.ts';
import type { Pod } from '../../core/model/workload.ts';
import type { Deps, Run } from '../deps.ts';
import { podRef } from '../locate.ts';

/** What a log tells is when a client gave up: its time-outs lie between, after the packets. */
const BEFORE_SECONDS = 75;
const AFTER_SECONDS = 5;
/** What is so recent is told by the flows of the probe and what surrounds it. */
const RECENT_SECONDS = 15;
const LIMIT = 200;

/** Undefined where the logs show no failure, or one that is not over yet. */
export async function pastDrops(
  deps: Deps,
  { pod, logs }: { readonly pod: Pod; readonly logs: Read<LogReport> },
  run: Run,
): Promise<Read<FlowReport> | undefined> {
  const last = logs.ok ? lastFailure(logs.value) : undefined;
  if (last === undefined) return undefined;
  const ago = (deps.clock.now().getTime() - last) / 1000;
  if (ago < RECENT_SECONDS) return undefined;
  const node = pod.nodeName === undefined ? {} : { nodeName: pod.nodeName };
  const window = {
    sinceSeconds: Math.ceil(ago) + BEFORE_SECONDS,
    untilSeconds: Math.max(1, Math.floor(ago) - AFTER_SECONDS),
  };
  return deps.flows.observe({ pod: podRef(pod), ...node, ...window, verdicts: ['dropped'], limit: LIMIT }, run.signal);
}

function lastFailure({ failures }: LogReport): number | undefined {
  const times = failures.map(({ lastSeen = '' }) => Date.parse(lastSeen)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}
