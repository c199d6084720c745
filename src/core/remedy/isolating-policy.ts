/** Whether a change makes a rule for one pod into a rule for many: in a policy that only isolates, or in one of the whole cluster; for `propose.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import { policyName } from '../policy/explain/sentences.ts';
import { isForDns } from '../policy/near-miss/dns-target.ts';
import { podPolicyOf, selectingOf } from '../policy/rules/pod-policy.ts';

/** A rule of its own there: anything narrower that works is better. */
export function opensForMany(state: ClusterState, pod: Pod, changes: readonly PolicyChange[]): boolean {
  const added = changes.filter(({ path }) => path.at(-1) === '-' && path.at(-2) === 'egress');
  return added.some(
    ({ policy }) =>
      policy.kind === 'CiliumClusterwideNetworkPolicy' ||
      (onlyIsolates(state, pod, policy) && takesOthers(state, pod, policy)),
  );
}

/** It allows lookups at most: a default deny, which is nobody's list of destinations. */
function onlyIsolates(state: ClusterState, pod: Pod, policy: ObjectRef): boolean {
  const name = policyName(policy);
  const { selecting, rules } = podPolicyOf(state, pod);
  const allows = rules.filter((rule) => rule.effect === 'allow' && policyName(rule.policy) === name);
  const selects = selecting.some(({ translated }) => policyName(translated.ref) === name);
  return selects && allows.every((rule) => isForDns({ rule, rules: [rule] }));
}

function takesOthers(state: ClusterState, pod: Pod, policy: ObjectRef): boolean {
  const name = policyName(policy);
  const space = pod.meta.namespace ?? 'default';
  return state.pods.some(
    (one) =>
      one !== pod &&
      (one.meta.namespace ?? 'default') === space &&
      selectingOf(state, one).some(({ translated }) => policyName(translated.ref) === name),
  );
}
