/** What the pod's own logs say about failing connections: `grepPodLogs`. */
import { formOf, varied } from '../core/logs/form.ts';
import { targetText } from '../core/logs/target-text.ts';
import type { LogsAnswer } from '../core/model/answers.ts';
import type { Evidence, Finding } from '../core/model/evidence.ts';
import type { LogFailure, LogReport, LogRequest } from '../core/model/logs.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut } from './finding.ts';
import { requireContainer, subjectOf } from './locate.ts';
import { requirePods } from './steps/gather.ts';
import { sequenceFinding } from './steps/log-sequence.ts';
import { workloadLogs } from './steps/workload-logs.ts';

export interface GrepLogsInput {
  readonly workload: WorkloadRef;
  readonly container?: string;
  readonly pattern?: string;
  readonly sinceSeconds: number;
  readonly previous: boolean;
}

const MAX_FAILURES = 20;
const MAX_URLS = 30;
const MAX_WINDOWS = 30;
const MAX_MATCHES = 50;
const STATEMENT = 'The logs show a failing connection.';

export async function grepLogs(deps: Deps, input: GrepLogsInput, run: Run): Promise<LogsAnswer> {
  const pods = await requirePods(deps, input.workload, run);
  const [pod] = pods;
  requireContainer(pod, input.container);
  const subject = subjectOf(deps, pod, input.container === undefined ? {} : { container: input.container });
  const read = await workloadLogs(deps, pods, askedOf(input), run);
  if (!read.ok) {
    const findings = [notChecked('log-failure', STATEMENT, read.notRead)];
    return { subject, linesRead: 0, truncated: false, windows: [], failures: [], urls: [], matches: [], findings };
  }
  const answer = fromReport(read.value, deps.clock.now().toISOString());
  const sequence = await sequenceFinding(deps, { pod, report: read.value }, run);
  return { subject, ...answer, findings: [...answer.findings, ...sequence] };
}

function askedOf({ container, pattern, sinceSeconds, previous }: GrepLogsInput): Omit<LogRequest, 'pod' | 'tailLines'> {
  return {
    ...(container === undefined ? {} : { container }),
    ...(pattern === undefined ? {} : { pattern }),
    sinceSeconds,
    previous,
  };
}

function fromReport(report: LogReport, when: string): Omit<LogsAnswer, 'subject'> {
  // A flood of made-up hosts in one message must not hide what another message tells.
  const failures = {
    kept: varied(report.failures, MAX_FAILURES, ({ excerpt }) => formOf(excerpt)),
    leftOut: Math.max(0, report.failures.length - MAX_FAILURES),
  };
  const urls = bounded(report.urls, MAX_URLS);
  const windows = bounded(report.windows ?? [], MAX_WINDOWS);
  // The newest stand last.
  const matches = {
    kept: report.matches.slice(-MAX_MATCHES),
    leftOut: Math.max(0, report.matches.length - MAX_MATCHES),
  };
  return {
    ...(report.pods && { pods: report.pods }),
    linesRead: report.linesRead,
    truncated: report.truncated,
    windows: windows.kept,
    failures: failures.kept,
    urls: urls.kept,
    matches: matches.kept,
    findings: [failureFinding(report, when), ...gapFindings(report), ...urlGap(report)],
    ...leftOutOf({ failures, urls, matches, windows }),
  };
}

/** More places than are kept, whatever named them: one that is missing from the list may still have been called. */
function urlGap({ urls, urlsNotKept = 0 }: LogReport): readonly Finding[] {
  if (urlsNotKept === 0) return [];
  const reason = `the logs name more endpoints than are kept: ${urls.length} are, and ${urlsNotKept} that came up once were given up for newer ones`;
  const nextStep = 'Ask for a shorter time or one container, or search for the name with pattern.';
  return [
    notChecked('log-endpoints', 'All endpoints that the logs name are listed.', {
      what: 'further endpoints in the logs',
      code: 'unsupported',
      reason,
      nextStep,
    }),
  ];
}

/** Logs that could not be read, or were not, beside those that were: nothing is ruled out for them. */
function gapFindings({ notRead }: LogReport): readonly Finding[] {
  const [first, ...others] = notRead ?? [];
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : `; and ${others.length} more: ${others.map(({ what }) => what).join(', ')}`;
  return [notChecked('logs-not-read', 'All logs were read.', { ...first, reason: `${first.reason}${more}` })];
}

function failureFinding(report: LogReport, when: string): Finding {
  const where = whereOf(report);
  if (report.failures.length > 0) {
    return confirmed(
      'log-failure',
      STATEMENT,
      ...report.failures.slice(0, 3).map((failure) => failureEvidence(failure, where, when)),
    );
  }
  const what = `${report.linesRead} lines read, no known error text in them`;
  const [gap] = report.notRead ?? [];
  if (report.truncated || gap !== undefined) {
    const missing = gap ?? {
      what: 'earlier lines',
      code: 'unsupported' as const,
      reason: 'reading was cut short by its limit',
    };
    return notChecked('log-failure', STATEMENT, { ...missing, reason: `${what}; ${missing.reason}` });
  }
  if (report.linesRead === 0)
    return notChecked('log-failure', STATEMENT, {
      what: where,
      code: 'not_found',
      reason: 'no container wrote a line in that time: the application may log elsewhere',
    });
  return ruledOut('log-failure', STATEMENT, { source: 'log', where, what, when });
}

function whereOf({ pod, pods, containers }: LogReport): string {
  const names = `(${containers.join(', ')})`;
  const others = (pods?.length ?? 1) - 1;
  return `logs of pod ${pod.namespace}/${pod.name}${others === 0 ? '' : ` and ${others} more`} ${names}`;
}

function failureEvidence(failure: LogFailure, where: string, when: string): Evidence {
  const place = targetText(failure);
  const target = place === undefined ? '' : ` to ${place}`;
  return {
    source: 'log',
    where,
    what: `${failure.class}${target}, ${failure.count}×${failure.library === undefined ? '' : ` (${failure.library})`}`,
    when: failure.lastSeen ?? when,
    untrusted: failure.excerpt,
  };
}
