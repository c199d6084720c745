/** Policies that could govern a pod of a namespace; those of other namespaces are known for near misses only. For counts and comparisons. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Policy } from '../model/policy.ts';
import { KINDS } from './translate/registry.ts';

export function policiesInReach({ policies }: ClusterState, namespace: string): readonly Policy[] {
  return policies.filter(({ kind, meta }) => KINDS[kind].clusterwide || (meta.namespace ?? 'default') === namespace);
}
