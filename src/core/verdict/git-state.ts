/** The cluster as it would be with Git's version of a policy, so that drift is judged by the engine's rules; used by `drift-cause.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { FieldDifference, PolicyDrift } from '../model/drift.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import { jsonPath } from '../policy/change/changes.ts';
import { applyChanges } from '../remedy/apply-change.ts';

/**
 * What only Git has is added and what differs is replaced; of what only the live object has, labels of selectors and whole deny
 * rules go. Other live-only members stay: without them Git could only allow less, or it cannot be told from the difference.
 */
export function withGitVersion(state: ClusterState, drift: PolicyDrift): ClusterState {
  const changes = drift.differences.flatMap((difference) => gitChanges(drift.policy, difference));
  // Removals last and from the end, so that the indices of the live object hold throughout.
  const removals = changes.filter(({ op }) => op === 'remove').toReversed();
  return applyChanges(state, [...changes.filter(({ op }) => op !== 'remove'), ...removals]);
}

const WHY = 'as Git has it';

/** What one difference asks for; also for `after-sync.ts`. */
export function gitChanges(policy: PolicyDrift['policy'], { path, live, git }: FieldDifference): PolicyChange[] {
  const steps = stepsOf(path);
  if (Array.isArray(git))
    return git.map((value: unknown) => ({ policy, op: 'add', path: [...steps, '-'], value, why: WHY }));
  if (git !== undefined) return [{ policy, op: 'replace', path: steps, value: git, why: WHY }];
  const removable = /\.matchLabels\.|\.egressDeny\[\d+\]$/.test(path);
  return live !== undefined && removable ? [{ policy, op: 'remove', path: steps, why: WHY }] : [];
}

/** Label keys may have dots of their own. */
export function stepsOf(path: string): readonly (string | number)[] {
  const label = /^(.*\.matchLabels)\.(.+)$/.exec(path);
  return label === null ? jsonPath(path) : [...jsonPath(label[1] ?? ''), label[2] ?? ''];
}
