/** Steps 1 and 2: find the pod, then read policies and logs side by side. */

import { DiagnoseError } from '../../core/errors.ts';
import type { ClusterState, NotRead, Read } from '../../core/model/cluster-state.ts';
import type { WorkloadHistory } from '../../core/model/history.ts';
import type { LogReport } from '../../core/model/logs.ts';
import type { Pod } from '../../core/model/workload.ts';
import type { WorkloadRef } from '../../ports/cluster-source.ts';
import type { Deps, Run } from '../deps.ts';

/** A pod that isn't there is the caller's to correct, not a diagnosis: it ends the run with the next step. */
export async function requirePod(deps: Deps, workload: WorkloadRef, run: Run): Promise<Pod> {
  const pod = await deps.cluster.findPod(workload, run.signal);
  if (pod.ok) return pod.value;
  throw podError(pod.notRead);
}

/** All pods of the workload, the most telling first. */
export async function requirePods(deps: Deps, workload: WorkloadRef, run: Run): Promise<readonly [Pod, ...Pod[]]> {
  const pods = await deps.cluster.findPods(workload, run.signal);
  if (!pods.ok) throw podError(pods.notRead);
  const [first, ...others] = pods.value;
  if (first !== undefined) return [first, ...others];
  throw podError({ what: 'pods', code: 'not_found', reason: `${workload.kind} ${workload.name} has no pods` });
}

function podError(gap: NotRead): DiagnoseError {
  const next = gap.nextStep ?? 'check the name and namespace: kubectl get pods -A';
  const missing = gap.code === 'not_found' || gap.code === 'not_in_archive';
  const code = gap.code === 'forbidden' ? 'POD_FORBIDDEN' : missing ? 'POD_NOT_FOUND' : 'POD_NOT_READ';
  return new DiagnoseError(missing ? 'usage' : 'cluster', code, gap.reason, next);
}

export interface Gathered {
  readonly state: ClusterState;
  readonly logs: Read<LogReport>;
  readonly history: Read<WorkloadHistory>;
}

/** Read as they come, so that many cost time alone; the first failure tells what changed before it. */
const TAIL_LINES = 20_000;

export async function gather(deps: Deps, pod: Pod, sinceSeconds: number, run: Run): Promise<Gathered> {
  const ref = { namespace: pod.meta.namespace ?? 'default', name: pod.meta.name };
  const [state, history, logs] = await Promise.all([
    deps.cluster.readState(ref, run.signal),
    deps.cluster.readHistory(pod, run.signal),
    deps.logs.grep({ pod: ref, sinceSeconds, tailLines: TAIL_LINES, previous: true }, run.signal),
  ]);
  return { state, logs, history };
}
