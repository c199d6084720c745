/** The live log port: reads the containers' logs through the API server and hands each to `analyse.ts`; built in `compose.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { LogReport, LogRequest, SeenUrl } from '../core/model/logs.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { Container, Pod } from '../core/model/workload.ts';
import { clean } from '../core/text/clean.ts';
import type { KubeConnection } from '../kube/connection.ts';
import type { LogSource } from '../ports/log-source.ts';
import { analyse, type LogFindings, latestFirst, signedFirst } from './analyse.ts';
import { compilePattern } from './safe-pattern/compile.ts';

/** A bound that the API server applies, so that a chatty pod costs neither it nor us more. */
const MAX_BYTES_PER_CONTAINER = 4 * 1024 * 1024;
const MAX_MATCHES = 200;
const MAX_MATCH_CHARS = 500;

interface Job {
  readonly container: string;
  readonly previous: boolean;
}
interface Part {
  readonly container: string;
  readonly findings: LogFindings;
  readonly truncated: boolean;
}

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
      const wanted = request.pattern === undefined ? undefined : compilePattern(request.pattern);
      const pod = await podOf(request.pod, signal);
      if (!pod.ok) return pod;
      const reads = await Promise.all(jobsOf(pod.value, request).map((job) => readPart(kube, request, job, signal)));
      const parts = reads.flatMap((read) => (read.ok ? [read.value] : []));
      const notRead = reads.flatMap((read) => (read.ok ? [] : [read.notRead]));
      if (parts.length === 0) return { ok: false, notRead: notRead[0] ?? noContainer(request) };
      return { ok: true, value: reportOf(request, parts, notRead, wanted) };
    },
  };
}

/** A previous instance exists only where the kubelet counted a restart. */
function jobsOf(pod: Pod, request: LogRequest): readonly Job[] {
  const chosen = pod.containers.filter((c) =>
    request.container === undefined ? c.role !== 'ephemeral' : c.name === request.container,
  );
  return chosen
    .filter(hasStarted)
    .flatMap(({ name, restarts }) => [
      { container: name, previous: false },
      ...(request.previous && restarts > 0 ? [{ container: name, previous: true }] : []),
    ]);
}

/** A container that never ran has no log, and asking for it is an error of the API, not a finding. */
function hasStarted({ state, stateReason, restarts }: Container): boolean {
  return state !== 'waiting' || restarts > 0 || stateReason === 'CrashLoopBackOff';
}

async function readPart(kube: KubeConnection, request: LogRequest, job: Job, signal: AbortSignal): Promise<Read<Part>> {
  const { sinceSeconds, tailLines } = request;
  const options = { ...job, sinceSeconds, tailLines, limitBytes: MAX_BYTES_PER_CONTAINER };
  const read = await kube.readLog(request.pod, options, signal);
  if (!read.ok) return read;
  const findings = analyse(read.value, job.container);
  const truncated = findings.lines.length >= tailLines || Buffer.byteLength(read.value) >= MAX_BYTES_PER_CONTAINER;
  return { ok: true, value: { container: job.container, findings, truncated } };
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

function reportOf(
  request: LogRequest,
  parts: readonly Part[],
  notRead: readonly NotRead[],
  wanted: ((line: string) => boolean) | undefined,
): LogReport {
  const matches = wanted ? parts.flatMap((part) => matchesOf(part, wanted)) : [];
  return {
    pod: request.pod,
    containers: [...new Set(parts.map(({ container }) => container))],
    linesRead: parts.reduce((sum, { findings }) => sum + findings.lines.length, 0),
    truncated: parts.some(({ truncated }) => truncated) || matches.length > MAX_MATCHES,
    failures: latestFirst(parts.flatMap(({ findings }) => findings.failures)),
    urls: mergeUrls(parts.flatMap(({ findings }) => findings.urls)),
    matches: matches.slice(-MAX_MATCHES),
    ...(notRead.length > 0 && { notRead }),
  };
}

function matchesOf({ container, findings }: Part, wanted: (line: string) => boolean): LogReport['matches'] {
  return findings.lines
    .filter(({ text }) => wanted(text))
    .map(({ when, text }) => ({ container, ...(when !== undefined && { when }), line: clean(text, MAX_MATCH_CHARS) }));
}

function mergeUrls(urls: readonly SeenUrl[]): readonly SeenUrl[] {
  const merged = new Map<string, SeenUrl>();
  for (const url of urls) {
    const key = [url.host, url.port, url.presigned].join('|');
    const known = merged.get(key);
    merged.set(key, known ? { ...known, count: known.count + url.count } : url);
  }
  return signedFirst([...merged.values()]);
}
