/** Reads the logs of a pod, or of every pod of a workload as one report; first step of `grep-logs.ts`. */
import { mergeReports } from '../../core/logs/merge.ts';
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { LogReport, LogRequest } from '../../core/model/logs.ts';
import type { Pod } from '../../core/model/workload.ts';
import type { Deps, Run } from '../deps.ts';
import { podRef } from '../locate.ts';

/** Those that fail, and the newest of the others; a hundred replicas say the same a hundred times. */
const MAX_PODS = 20;
const MAX_READY = 10;
const AT_ONCE = 3;
const TAIL_LINES = 50_000;
const TAIL_LINES_OF_EACH = 10_000;

export async function workloadLogs(
  deps: Deps,
  pods: readonly Pod[],
  asked: Omit<LogRequest, 'pod' | 'tailLines'>,
  run: Run,
): Promise<Read<LogReport>> {
  const chosen = choose(pods);
  const tailLines = chosen.length === 1 ? TAIL_LINES : TAIL_LINES_OF_EACH;
  const reads: Read<LogReport>[] = [];
  for (let at = 0; at < chosen.length; at += AT_ONCE) {
    const some = chosen.slice(at, at + AT_ONCE);
    run.progress(`Reading the logs of ${some.map(({ meta }) => meta.name).join(', ')}`);
    reads.push(
      ...(await Promise.all(some.map((pod) => deps.logs.grep({ ...asked, pod: podRef(pod), tailLines }, run.signal)))),
    );
  }
  const [first, ...others] = reads.flatMap((read) => (read.ok ? [read.value] : []));
  const gaps = [...reads.flatMap((read) => (read.ok ? [] : [read.notRead])), ...leftOut(pods, chosen)];
  if (first === undefined) return { ok: false, notRead: gaps[0] ?? nothingAsked };
  const merged = mergeReports([first, ...others]);
  return { ok: true, value: gaps.length === 0 ? merged : { ...merged, notRead: [...(merged.notRead ?? []), ...gaps] } };
}

const nothingAsked: NotRead = { what: 'logs', code: 'not_found', reason: 'there is no pod to read' };

/** The order of `findPods` is kept: what fails comes first. */
function choose(pods: readonly Pod[]): readonly Pod[] {
  let ready = 0;
  return pods.filter((pod) => !looksWell(pod) || ++ready <= MAX_READY).slice(0, MAX_PODS);
}

function looksWell({ phase, containers }: Pod): boolean {
  return (
    phase !== 'Failed' &&
    containers.every(({ state, restarts, role }) => role !== 'app' || (state === 'running' && restarts === 0))
  );
}

function leftOut(pods: readonly Pod[], chosen: readonly Pod[]): readonly NotRead[] {
  const left = pods.length - chosen.length;
  if (left === 0) return [];
  return [
    {
      what: `logs of ${left} more pod(s)`,
      code: 'unsupported',
      reason: `the workload has ${pods.length} pods, and ${chosen.length} were read: those that fail or restarted, and the newest`,
      nextStep: 'Name one of the others as the workload: pod/NAME.',
    },
  ];
}
