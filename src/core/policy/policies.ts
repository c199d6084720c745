/** All policies of a state, translated once; `pod-policy.ts` picks those that select a pod. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Policy } from '../model/policy.ts';
import type { EngineSettings } from './engine.ts';
import type { TranslatedPolicy } from './rule.ts';
import { translateCilium } from './translate/cilium.ts';
import { translateNetworkPolicy } from './translate/network-policy.ts';

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

/** Does the engine take policies of this kind into account at all? */
export function kindEnforced(kind: Policy['kind'], settings: EngineSettings): boolean {
  if (!settings.cilium) return kind === 'NetworkPolicy';
  if (kind === 'NetworkPolicy') return settings.networkPolicies;
  return kind === 'CiliumNetworkPolicy' ? settings.namespacedPolicies : settings.clusterwidePolicies;
}

function group(state: ClusterState): Map<string, readonly TranslatedPolicy[]> {
  const groups = new Map<string, TranslatedPolicy[]>();
  for (const policy of state.policies) {
    const key = policy.kind === 'CiliumClusterwideNetworkPolicy' ? EVERYWHERE : (policy.meta.namespace ?? 'default');
    const list = groups.get(key) ?? [];
    list.push(policy.kind === 'NetworkPolicy' ? translateNetworkPolicy(policy, state) : translateCilium(policy, state));
    groups.set(key, list);
  }
  cache.set(state, groups);
  return groups;
}
