/** First failure and rollout beside each other where only logs are read: for `diagnose/steps/log-sequence.ts`. */
import type { Read } from '../model/cluster-state.ts';
import type { WorkloadHistory } from '../model/history.ts';
import type { LogFailure, LogReport } from '../model/logs.ts';
import { failureSpan, isTime } from './failures.ts';
import { failurePart, rolloutPart } from './lines.ts';
import { rolloutOf } from './rollout.ts';

/** The host that failed last, if its failures have times. */
export function lastFailing({ failures }: LogReport): string | undefined {
  return failures.find(({ host, firstSeen }) => host !== undefined && isTime(firstSeen))?.host;
}

/** e.g. `files.vendor.example: first failure on record 14:02:11Z (…); app image 2.3 → 2.4 at 14:01:03Z.` */
export function logSequence(
  report: LogReport,
  host: string,
  { history, asOf }: { readonly history: Read<WorkloadHistory>; readonly asOf: string },
): { readonly sentence: string; readonly first: string } | undefined {
  const span = failureSpan(report, (failure: LogFailure) => failure.host === host);
  if (span === undefined) return undefined;
  const rollout = history.ok ? rolloutOf(history.value) : undefined;
  const known = {
    asOf,
    ...(rollout !== undefined && { rollout }),
    ...(!history.ok && { rolloutNotRead: history.notRead }),
  };
  const parts = [failurePart({ asOf, seen: { ...span, from: 'log' } }), rolloutPart(known)];
  return { sentence: `${host}: ${parts.join('; ')}.`, first: span.first };
}
