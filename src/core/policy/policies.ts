/** All policies of a state, translated once; `pod-policy.ts` picks those that select a pod. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { TranslatedPolicy } from './rule.ts';
import { KINDS, translate } from './translate/registry.ts';

const EVERYWHERE = '';
const cache = new WeakMap<ClusterState, Map<string, readonly TranslatedPolicy[]>>();

/** Policies that may govern pods of the namespace: its own and the clusterwide ones, whether enforced here or not. */
export function policiesFor(state: ClusterState, namespace: string): readonly TranslatedPolicy[] {
  const groups = cache.get(state) ?? group(state);
  return [...(groups.get(namespace) ?? []), ...(groups.get(EVERYWHERE) ?? [])];
}

/** Every policy of the state, for near misses in other namespaces. */
export function allPolicies(state: ClusterState): readonly TranslatedPolicy[] {
  return [...(cache.get(state) ?? group(state)).values()].flat();
}

function group(state: ClusterState): Map<string, readonly TranslatedPolicy[]> {
  const groups = new Map<string, TranslatedPolicy[]>();
  for (const policy of state.policies) {
    const key = KINDS[policy.kind].clusterwide ? EVERYWHERE : (policy.meta.namespace ?? 'default');
    const list = groups.get(key) ?? [];
    list.push(translate(policy, state));
    groups.set(key, list);
  }
  cache.set(state, groups);
  return groups;
}
