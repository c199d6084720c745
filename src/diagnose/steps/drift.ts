/** Step 3, beside the probe: live policies compared with the repository, where one was named. */

import type { ClusterState, Read } from '../../core/model/cluster-state.ts';
import type { DriftReport } from '../../core/model/drift.ts';
import { isPatchable } from '../../core/model/policy.ts';
import type { Pod } from '../../core/model/workload.ts';
import { policiesInReach } from '../../core/policy/in-reach.ts';
import { notRead } from '../../core/verdict/case.ts';
import type { RepositoryRef } from '../../ports/gitops-source.ts';
import type { Deps, Run } from '../deps.ts';

const ASK: Read<never> = notRead(
  'Git repository of the policies',
  'not_asked',
  'no repository was named, so live policies were not compared with Git',
  'Name the repository that holds the policies (repository: URL or path, and path: its folder); a change made only in the cluster may be reverted by the next sync',
);

export interface CompareRequest {
  readonly pod: Pod;
  readonly state: ClusterState;
  readonly repository: RepositoryRef | undefined;
}

export async function compareWithGit(deps: Deps, request: CompareRequest, run: Run): Promise<Read<DriftReport>> {
  const { pod, state, repository } = request;
  if (repository === undefined) return ASK;
  // The address is not printed: whether it carries credentials is checked where it is opened.
  run.progress('comparing live policies with Git');
  const namespace = pod.meta.namespace ?? 'default';
  const live = policiesInReach(state, namespace).filter(isPatchable);
  return deps.gitops.compare(repository, live, namespace, run.signal);
}
