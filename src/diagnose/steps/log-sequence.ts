/** Since when the host that failed last fails, beside the last rollout: a finding of `grepPodLogs`. One list of revisions; policies are not read here. */
import type { Finding } from '../../core/model/evidence.ts';
import type { LogReport } from '../../core/model/logs.ts';
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
  const what = 'when policies were written is not part of this: diagnoseEgress joins them';
  return [confirmed('timeline', sequence.sentence, { source: 'cluster', where, what, when: sequence.first })];
}
