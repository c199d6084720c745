/** What the next sync means for this pod and this endpoint: the policies evaluated as they will be; for the finding and the next step on Git. */
import { isList, type JsonRecord, setText } from '../drift/json.ts';
import { toManifest } from '../drift/manifest.ts';
import { normalise } from '../drift/normalise.ts';
import type { ClusterState } from '../model/cluster-state.ts';
import type { FieldDifference, PolicyDrift } from '../model/drift.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import { isPatchable, type PatchablePolicy } from '../model/policy.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import { applyChanges } from '../remedy/apply-change.ts';
import type { Case, EndpointCase } from './case.ts';
import { withCreated } from './created-policy.ts';
import { gitChanges, stepsOf } from './git-state.ts';

/** `loses` and `gains` the connection; undefined where nothing changes for it, or that cannot be told. */
export function afterSync(seen: Case, endpoint: EndpointCase, drift: PolicyDrift): 'loses' | 'gains' | undefined {
  const after = stateAfter(seen.state, drift);
  const before = endpoint.evaluation.decision;
  if (after === undefined || before === 'unknown') return undefined;
  const { decision } = evaluateEgress(after, seen.pod, endpoint.evaluation.destination);
  if (decision === before || decision === 'unknown') return undefined;
  return decision === 'allowed' ? 'gains' : 'loses';
}

function stateAfter(state: ClusterState, drift: PolicyDrift): ClusterState | undefined {
  const created = withCreated(state, drift);
  if (created !== undefined) return created;
  const live = state.policies.filter(isPatchable).find((one) => isThis(one, drift));
  if (live === undefined) return undefined;
  if (drift.forecast?.outcome === 'pruned') return { ...state, policies: state.policies.filter((one) => one !== live) };
  return drift.forecast?.outcome === 'reverted' ? asInGit(state, live, drift) : undefined;
}

function isThis({ kind, meta }: PatchablePolicy, { policy }: PolicyDrift): boolean {
  return kind === policy.kind && meta.name === policy.name && meta.namespace === policy.namespace;
}

/** All differences made Git's; undefined where one cannot be, because half of a change would be another policy. */
function asInGit(state: ClusterState, live: PatchablePolicy, drift: PolicyDrift): ClusterState | undefined {
  const normal = normalise(live.kind, toManifest(live).manifest);
  if (!normal.ok) return undefined;
  const added = drift.differences
    .filter(({ git }) => git !== undefined)
    .flatMap((one) => gitChanges(drift.policy, one));
  const removals: PolicyChange[] = [];
  for (const difference of drift.differences.filter((one) => one.live !== undefined)) {
    const paths = removedPaths(normal.normal, difference);
    if (paths === undefined) return undefined;
    removals.push(
      ...paths.map((path) => ({ policy: drift.policy, op: 'remove' as const, path, why: 'as Git has it' })),
    );
  }
  // From the end, so that the indices of the live object hold throughout; additions go behind what is there.
  const fromEnd = removals.toSorted((a, b) => compare(b.path, a.path));
  return applyChanges(state, [...added, ...fromEnd]);
}

type Steps = readonly (string | number)[];

function compare(a: Steps, b: Steps): number {
  for (const [at, step] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (step === other) continue;
    if (typeof step === 'number' && typeof other === 'number') return step - other;
    return String(step) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}

/** Where the live-only part is; none where Git's value replaces it. */
function removedPaths(normal: JsonRecord, { path, live, git }: FieldDifference): Steps[] | undefined {
  const steps = stepsOf(path);
  if (!Array.isArray(live)) return git === undefined ? [steps] : [];
  const whole = valueAt(normal, steps);
  if (!isList(whole)) return undefined;
  const wanted = new Set(live.map((one) => setText(one)));
  const indices = whole.flatMap((one, at) => (wanted.has(setText(one)) ? [at] : []));
  if (indices.length !== wanted.size) return undefined;
  // Whether Git has an empty list or none is not in the difference, and means the opposite for lists that select.
  const emptied = indices.length === whole.length && git === undefined;
  if (emptied && steps.at(-1) !== 'egressDeny') return undefined;
  return indices.map((at) => [...steps, at]);
}

function valueAt(normal: JsonRecord, steps: Steps): unknown {
  let at: unknown = normal;
  for (const step of steps)
    at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined;
  return at;
}
