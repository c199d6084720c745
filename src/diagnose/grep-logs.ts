/** What the pod's own logs say about failing connections: `grepPodLogs`. */
import type { LogsAnswer } from '../core/model/answers.ts';
import type { Evidence, Finding } from '../core/model/evidence.ts';
import type { LogFailure, LogReport } from '../core/model/logs.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut } from './finding.ts';
import { podRef, requireContainer, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';
import { sequenceFinding } from './steps/log-sequence.ts';

export interface GrepLogsInput {
  readonly workload: WorkloadRef;
  readonly container?: string;
  readonly pattern?: string;
  readonly sinceSeconds: number;
  readonly previous: boolean;
}

const TAIL_LINES = 5000;
const MAX_FAILURES = 20;
const MAX_URLS = 30;
const MAX_MATCHES = 50;
const STATEMENT = 'The logs show a failing connection.';

export async function grepLogs(deps: Deps, input: GrepLogsInput, run: Run): Promise<LogsAnswer> {
  const pod = await requirePod(deps, input.workload, run);
  requireContainer(pod, input.container);
  const subject = subjectOf(deps, pod, input.container === undefined ? {} : { container: input.container });

  run.progress(`Reading the logs of ${pod.meta.name}`);
  const request = {
    pod: podRef(pod),
    ...(input.container === undefined ? {} : { container: input.container }),
    ...(input.pattern === undefined ? {} : { pattern: input.pattern }),
    sinceSeconds: input.sinceSeconds,
    tailLines: TAIL_LINES,
    previous: input.previous,
  };
  const read = await deps.logs.grep(request, run.signal);
  if (!read.ok) {
    const findings = [notChecked('log-failure', STATEMENT, read.notRead)];
    return { subject, linesRead: 0, truncated: false, failures: [], urls: [], matches: [], findings };
  }
  const answer = fromReport(read.value, deps.clock.now().toISOString());
  const sequence = await sequenceFinding(deps, { pod, report: read.value }, run);
  return { subject, ...answer, findings: [...answer.findings, ...sequence] };
}

function fromReport(report: LogReport, when: string): Omit<LogsAnswer, 'subject'> {
  const failures = bounded(report.failures, MAX_FAILURES);
  const urls = bounded(report.urls, MAX_URLS);
  const matches = bounded(report.matches, MAX_MATCHES);
  return {
    linesRead: report.linesRead,
    truncated: report.truncated,
    failures: failures.kept,
    urls: urls.kept,
    matches: matches.kept,
    findings: [failureFinding(report, when)],
    ...leftOutOf({ failures, urls, matches }),
  };
}

function failureFinding(report: LogReport, when: string): Finding {
  const where = `logs of pod ${report.pod.namespace}/${report.pod.name} (${report.containers.join(', ')})`;
  if (report.failures.length > 0) {
    return confirmed(
      'log-failure',
      STATEMENT,
      ...report.failures.slice(0, 3).map((failure) => failureEvidence(failure, where, when)),
    );
  }
  const what = `${report.linesRead} lines read, no known error text in them`;
  return ruledOut('log-failure', STATEMENT, { source: 'log', where, what, when });
}

function failureEvidence(failure: LogFailure, where: string, when: string): Evidence {
  const host = failure.host ?? failure.address;
  const target = host === undefined ? '' : ` to ${host}${failure.port === undefined ? '' : `:${failure.port}`}`;
  return {
    source: 'log',
    where,
    what: `${failure.class}${target}, ${failure.count}×${failure.library === undefined ? '' : ` (${failure.library})`}`,
    when: failure.lastSeen ?? when,
    untrusted: failure.excerpt,
  };
}
