/** What Whisker is asked for, as a path; `whisker-source.ts` sends it. API: projectcalico/calico, whisker-backend/pkg/apis/v1/flows.go. */
import type { FlowRequest, FlowVerdict } from '../../core/model/flow.ts';

/**
 * How far the time that a flow bears may be from that of its packet: Felix waits 5 s for more of a connection, counts flows from one
 * flush to the next (15 s and a tenth) and names the beginning (felix/collector: InitialReportingDelay, FlowLogsFlushInterval as the
 * operator sets it); Goldmane sorts by that into its own 15 s. So up to 26 s before, and 7 s after.
 */
const SKEW_SECONDS = 30;

/** Of what happened so shortly before now nothing is told yet (5 s, then the next flush): a window until now begins earlier by that. */
const LATE_SECONDS = 30;

/** Goldmane keeps 242 of those (goldmane/pkg/goldmane, numBuckets). */
export const HISTORY_SECONDS = 3600;

/**
 * Later than any clock of the cluster. Goldmane takes "now" for the end of a bucket, so that a connection which only the one that is
 * being filled knows would come without time and packets (goldmane/pkg/storage, GetWindows).
 */
const FAR_FUTURE = Date.UTC(2100, 0, 1) / 1000;

const ACTIONS: Readonly<Record<FlowVerdict, 'Allow' | 'Deny' | undefined>> = {
  forwarded: 'Allow',
  dropped: 'Deny',
  // What staged policies would deny is let through.
  audit: 'Allow',
  redirected: undefined,
  error: undefined,
  other: undefined,
};

/** Empty where the verdicts asked for are none that Calico has. */
export function actionsFor(verdicts: readonly FlowVerdict[]): readonly string[] {
  const wanted = verdicts.length === 0 ? (['forwarded', 'dropped'] as const) : verdicts;
  return [...new Set(wanted.flatMap((verdict) => ACTIONS[verdict] ?? []))];
}

/** Negative times count from Goldmane's own now, so that only its clock matters. `name` is the pod's as flows have it. */
export function flowsPath({ pod, sinceSeconds, untilSeconds, verdicts }: FlowRequest, name: string): string {
  const since = Math.ceil(sinceSeconds) + SKEW_SECONDS + (untilSeconds === undefined ? LATE_SECONDS : 0);
  const until = untilSeconds === undefined ? 0 : Math.trunc(untilSeconds) - SKEW_SECONDS;
  const filters = {
    source_namespaces: [{ value: pod.namespace, type: 'Exact' }],
    source_names: [{ value: name, type: 'Exact' }],
    actions: actionsFor(verdicts),
  };
  const query = new URLSearchParams({
    startTimeGte: String(-since),
    startTimeLt: String(until > 0 ? -until : FAR_FUTURE),
    sortBy: 'Time',
    filters: JSON.stringify(filters),
  });
  return `/whisker-backend/flows?${query.toString()}`;
}
