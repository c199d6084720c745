/** Step 6: the smallest change that lets this endpoint through, proved by re-evaluation, rendered as a diff. */

import type { ClusterState } from '../../core/model/cluster-state.ts';
import type { Fix, Remedy, Subject } from '../../core/model/diagnosis.ts';
import type { Finding } from '../../core/model/evidence.ts';
import { isPatchable } from '../../core/model/policy.ts';
import type { SyncState } from '../../core/model/sync.ts';
import type { Pod } from '../../core/model/workload.ts';
import { hostAdvice } from '../../core/remedy/host-advice.ts';
import { proposeRemedy } from '../../core/remedy/propose.ts';
import { pullRequestOf } from '../../core/remedy/pull-request.ts';
import type { EndpointCase } from '../../core/verdict/case.ts';
import type { RepositoryRef } from '../../ports/gitops-source.ts';
import type { Deps, Run } from '../deps.ts';
import { asApplied } from './drift.ts';

export interface FixRequest {
  readonly state: ClusterState;
  readonly pod: Pod;
  /** With the probe's report, where one was made: its lookup tells how long answers hold. */
  readonly endpoint: Pick<EndpointCase, 'evaluation'> & Partial<Pick<EndpointCase, 'probe'>>;
  readonly repository: RepositoryRef | undefined;
  /** Where it was read: what controllers have is compared with a clone's commit. */
  readonly sync?: SyncState;
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

async function renderFix(
  deps: Deps,
  remedy: Remedy,
  { state, endpoint, repository, sync }: FixRequest,
  run: Run,
): Promise<Fix> {
  const live = state.policies.filter(isPatchable);
  const { host } = endpoint.evaluation.destination;
  // Proved as its controller builds it: what that patches on the way would be lost otherwise.
  const asked = repository && asApplied(repository, sync ?? { controllers: [], notRead: [] }, host);
  const patch = await deps.gitops.patch(remedy.changes, live, asked, run.signal);
  if (!patch.ok) {
    const warning = `the diff could not be rendered: ${patch.notRead.reason}`;
    return { ...remedy, diff: '', file: '', inGit: false, warnings: [...remedy.warnings, warning] };
  }
  const { note, ...rest } = patch.value;
  return { ...remedy, ...rest, warnings: note === undefined ? remedy.warnings : [...remedy.warnings, note] };
}

/** The fix with its text for review; the evidence is known only when the findings are. */
export function withPullRequest(
  fix: Fix,
  { evaluation }: FixRequest['endpoint'],
  facts: { readonly subject: Subject; readonly findings: readonly Finding[] },
): Fix {
  const { host, addresses, port } = evaluation.destination;
  const stages = [evaluation.lookup, evaluation.connect, ...(evaluation.mesh ? [evaluation.mesh] : [])];
  const why = stages.filter(({ decision }) => decision !== 'allowed').map(({ explanation }) => explanation);
  const target = { host: host ?? addresses[0] ?? '', port };
  return {
    ...fix,
    pullRequest: pullRequestOf({
      remedy: fix,
      file: fix.file,
      target,
      why,
      ...facts,
      ...(fix.history && { history: fix.history }),
    }),
  };
}
