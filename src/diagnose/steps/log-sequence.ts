/** Since when the host that failed last fails, beside the last rollout: a finding of `grepPodLogs`. One list of revisions; policies are not read here. */
import type { Finding } from '../../core/model/evidence.ts';
import type { LogFailure, LogReport } from '../../core/model/logs.ts';
import type { Pod } from '../../core/model/workload.ts';
import { lastFailing, logSequence } from '../../core/timeline/log-sequence.ts';
import type { Deps, Run } from '../deps.ts';
import { confirmed } from '../finding.ts';

export async function sequenceFinding(
  deps: Deps,
  { pod, report }: { readonly pod: Pod; readonly report: LogReport },
  run: Run,
): Promise<readonly Finding[]> {
  const host = lastFailing(report);
  if (host === undefined) return [];
  const history = await deps.cluster.readHistory(pod, run.signal);
  const asOf = deps.clock.now().toISOString();
  const sequence = logSequence(report, host, { history, asOf });
  if (sequence === undefined) return [];
  const where = history.ok
    ? `${history.value.workload.kind} ${history.value.workload.namespace ?? ''}/${history.value.workload.name}`
    : `pod ${report.pod.namespace}/${report.pod.name}`;
  const alone = toldByOneLine(report, host);
  const what = `${alone === undefined ? '' : `${alone}; `}when policies were written is not part of this: diagnoseEgress joins them`;
  return [confirmed('timeline', sequence.sentence, { source: 'cluster', where, what, when: sequence.first })];
}

/**
 * The first failure on record is a single line of another kind than those that came again: anybody whose words the application logs can
 * have it say one, so that the reader should see since when the others are.
 */
function toldByOneLine({ failures }: LogReport, host: string): string | undefined {
  const timed = failures.filter((failure) => failure.host === host && failure.firstSeen !== undefined);
  const [first, next] = timed.toSorted((a, b) => (a.firstSeen ?? '').localeCompare(b.firstSeen ?? ''));
  if (first === undefined || next === undefined || first.count > 1 || next.count < 2) return undefined;
  const kind = (failure: LogFailure): string =>
    `${failure.class}${failure.library === undefined ? '' : ` (${failure.library})`}`;
  return `the first is one line, ${kind(first)}; ${kind(next)}, ${next.count}×, begins ${next.firstSeen}`;
}
