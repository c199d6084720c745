/** Step 3, beside the probe: live policies compared with the repository, where one was named, and the GitOps controllers that apply them. */

import { trackingMarks } from '../../core/drift/ownership.ts';
import { renderingFor } from '../../core/drift/rendering.ts';
import { revisionsOf } from '../../core/drift/same-source.ts';
import { withForecast } from '../../core/drift/with-forecast.ts';
import type { ClusterState, Read } from '../../core/model/cluster-state.ts';
import type { DriftReport } from '../../core/model/drift.ts';
import type { ObjectMeta } from '../../core/model/object-meta.ts';
import { isPatchable, type PatchablePolicy } from '../../core/model/policy.ts';
import type { SyncState } from '../../core/model/sync.ts';
import type { Pod } from '../../core/model/workload.ts';
import { policiesInReach } from '../../core/policy/in-reach.ts';
import { notRead } from '../../core/verdict/case.ts';
import { repositoriesToGive } from '../../core/verdict/source-of-truth.ts';
import type { RepositoryRef } from '../../ports/gitops-source.ts';
import type { Deps, Run } from '../deps.ts';

const NAME_IT =
  'Name the repository that holds the policies (repository: URL or path, and path: its folder); a change made only in the cluster may be reverted by the next sync';

export interface CompareRequest {
  readonly pod: Pod;
  readonly state: ClusterState;
  readonly repository: RepositoryRef | undefined;
  /** Whose rules the history of the files is read for. */
  readonly host: string;
}

export interface GitSeen {
  readonly drift: Read<DriftReport>;
  readonly sync?: SyncState;
}

export async function compareWithGit(deps: Deps, request: CompareRequest, run: Run): Promise<GitSeen> {
  const { pod, state, repository, host } = request;
  const namespace = pod.meta.namespace ?? 'default';
  const live = policiesInReach(state, namespace).filter(isPatchable);
  if (repository === undefined) return ownersOnly(deps, live, run);
  // The address is not printed: whether it carries credentials is checked where it is opened.
  run.progress('comparing live policies with Git');
  const sync = await deps.cluster.readSync(deps.clock.now(), run.signal);
  const drift = await deps.gitops.compare(asApplied(repository, sync, host), live, namespace, run.signal);
  return { drift: forecastOf(drift, { live, sync, path: repository.path ?? '' }), sync };
}

/**
 * The folder as its controller turns it into objects, where one applies exactly this folder; with the history of what differs, and what the
 * revisions of the controllers are to a clone.
 */
export function asApplied(repository: RepositoryRef, sync: SyncState, host?: string): RepositoryRef {
  const rendering = renderingFor(sync, repository);
  const revisions = revisionsOf(sync);
  const history = { ...(host === undefined ? {} : { host }), ...(revisions.length > 0 && { revisions }) };
  return { ...repository, ...(rendering && { rendering }), history };
}

export function forecastOf(drift: Read<DriftReport>, input: Parameters<typeof withForecast>[1]): Read<DriftReport> {
  return drift.ok ? { ok: true, value: withForecast(drift.value, input) } : drift;
}

/** Nobody asked about Git: only policies that say that they are tracked are worth a look at who tracks them. */
async function ownersOnly(deps: Deps, live: readonly PatchablePolicy[], run: Run): Promise<GitSeen> {
  if (!live.some(({ meta }) => isMarked(meta))) return { drift: notAsked(NAME_IT) };
  const sync = await deps.cluster.readSync(deps.clock.now(), run.signal);
  const [given = NAME_IT] = repositoriesToGive(live, sync);
  return { drift: notAsked(given), sync };
}

/** Older releases of Argo CD track by a label that charts set as well: no proof, but a reason to look. */
function isMarked(meta: ObjectMeta): boolean {
  return trackingMarks(meta).length > 0 || meta.labels['app.kubernetes.io/instance'] !== undefined;
}

function notAsked(nextStep: string): Read<never> {
  const reason = 'no repository was named, so live policies were not compared with Git';
  return notRead('Git repository of the policies', 'not_asked', reason, nextStep);
}
