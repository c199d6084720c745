/** The live log port: reads the containers' logs through the API server and has each read as it comes; built in `compose.ts`. */
import { mergeFailures, mergeUrls } from '../core/logs/merge.ts';
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { LogMatch, LogReport, LogRequest, LogWindow } from '../core/model/logs.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { Pod } from '../core/model/workload.ts';
import type { KubeConnection } from '../kube/connection.ts';
import type { LogSource } from '../ports/log-source.ts';
import { followLog, type LogPart } from './follow-log.ts';
import { type LogJob, logJobs } from './log-jobs.ts';
import { compilePattern } from './safe-pattern/compile.ts';

/** The API server and the nodes' kubelets serve others, too. */
const AT_ONCE = 4;

/**
 * `podOf` tells which containers the pod has. A container whose log is refused is stated in the report's `notRead` while the others
 * are read; only when none could be read is the whole a failure.
 * @throws DiagnoseError (usage) PATTERN_INVALID before anything is read.
 */
export function createLogSource(
  kube: KubeConnection,
  podOf: (pod: PodRef, signal: AbortSignal) => Promise<Read<Pod>>,
): LogSource {
  return {
    grep: async (request, signal) => {
      const pattern = request.pattern === undefined ? undefined : compilePattern(request.pattern);
      const pod = await podOf(request.pod, signal);
      if (!pod.ok) return pod;
      const jobs = logJobs(pod.value, request);
      const reads = await inTurn(jobs, (job) => followLog(kube, { request, job, pattern }, signal));
      const parts = reads.flatMap((read) => (read.ok ? [read.value] : []));
      const notRead = reads.flatMap((read) => (read.ok ? [] : [read.notRead]));
      if (parts.length === 0) return { ok: false, notRead: notRead[0] ?? noContainer(request) };
      return { ok: true, value: reportOf(request, parts, notRead) };
    },
  };
}

async function inTurn(
  jobs: readonly LogJob[],
  read: (job: LogJob) => Promise<Read<LogPart>>,
): Promise<readonly Read<LogPart>[]> {
  const results: Promise<Read<LogPart>>[] = [];
  const waiting = [...jobs];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const result = read(job);
      results[jobs.indexOf(job)] = result;
      await result;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return Promise.all(results);
}

function noContainer(request: LogRequest): NotRead {
  const { namespace, name } = request.pod;
  const which =
    request.container === undefined ? 'no container has' : `container ${request.container} is not there or has not`;
  return {
    what: `logs of pod ${namespace}/${name}`,
    code: 'not_found',
    reason: `${which} started yet`,
    nextStep: `kubectl -n ${namespace} describe pod ${name}`,
  };
}

function reportOf(request: LogRequest, parts: readonly LogPart[], notRead: readonly NotRead[]): LogReport {
  const matches = parts.flatMap(matchesOf).slice(-MAX_MATCHES);
  const urlsNotKept = parts.reduce((sum, { findings }) => sum + findings.urlsNotKept, 0);
  return {
    pod: request.pod,
    containers: [...new Set(parts.map(({ job }) => job.container))],
    linesRead: parts.reduce((sum, { findings }) => sum + findings.lines, 0),
    truncated: parts.some(({ cutBy, findings }) => (cutBy !== undefined && cutBy !== 'since') || findings.more),
    windows: parts.map(windowOf),
    failures: mergeFailures(parts.flatMap(({ findings }) => findings.failures)),
    urls: mergeUrls(parts.flatMap(({ findings }) => findings.urls)),
    ...(urlsNotKept > 0 && { urlsNotKept }),
    matches,
    ...(notRead.length > 0 && { notRead }),
  };
}

/** Bounds what the report holds, whatever the number of containers. */
const MAX_MATCHES = 200;

function matchesOf({ job: { container }, findings }: LogPart): readonly LogMatch[] {
  return findings.matches.map((match) => ({ container, ...match }));
}

function windowOf({ job, findings: { from, to }, cutBy }: LogPart): LogWindow {
  return {
    container: job.container,
    ...(job.role && { role: job.role }),
    ...(job.previous && { previous: true }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(cutBy && { cutBy }),
  };
}
