/** Step 6: the smallest change that lets this endpoint through, proved by re-evaluation, rendered as a diff. */

import type { ClusterState } from '../../core/model/cluster-state.ts';
import type { Fix, Remedy } from '../../core/model/diagnosis.ts';
import { isPatchable } from '../../core/model/policy.ts';
import type { Pod } from '../../core/model/workload.ts';
import { hostAdvice } from '../../core/remedy/host-advice.ts';
import { proposeRemedy } from '../../core/remedy/propose.ts';
import type { EndpointCase } from '../../core/verdict/case.ts';
import type { RepositoryRef } from '../../ports/gitops-source.ts';
import type { Deps, Run } from '../deps.ts';

export interface FixRequest {
  readonly state: ClusterState;
  readonly pod: Pod;
  /** With the probe's report, where one was made: its lookup tells how long answers hold. */
  readonly endpoint: Pick<EndpointCase, 'evaluation'> & Partial<Pick<EndpointCase, 'probe'>>;
  readonly repository: RepositoryRef | undefined;
}

export async function proposeFix(deps: Deps, request: FixRequest, run: Run): Promise<Fix | undefined> {
  const { state, pod, endpoint } = request;
  const remedy = proposeRemedy(state, pod, endpoint.evaluation.destination, endpoint.evaluation);
  if (remedy === undefined) return undefined;
  const warnings = [...new Set([...adviceFor(request), ...remedy.warnings])];
  return renderFix(deps, { ...remedy, warnings }, request, run);
}

/** What to mind about the host itself, whether or not a change was found. */
export function adviceFor({ state, pod, endpoint: { evaluation, probe } }: FixRequest): readonly string[] {
  const { destination } = evaluation;
  return hostAdvice({ state, pod, destination, ...(probe?.ok ? { lookup: probe.value.lookup } : {}) });
}

async function renderFix(deps: Deps, remedy: Remedy, { state, repository }: FixRequest, run: Run): Promise<Fix> {
  const patch = await deps.gitops.patch(remedy.changes, state.policies.filter(isPatchable), repository, run.signal);
  if (!patch.ok) {
    const warning = `the diff could not be rendered: ${patch.notRead.reason}`;
    return { ...remedy, diff: '', file: '', inGit: false, warnings: [...remedy.warnings, warning] };
  }
  const { diff, file, inGit, note } = patch.value;
  return { ...remedy, diff, file, inGit, warnings: note === undefined ? remedy.warnings : [...remedy.warnings, note] };
}
