/** Which engine enforces which kind of policy: a policy nobody enforces does nothing, and saying so is a finding. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Policy } from '../model/policy.ts';
import type { EngineSettings } from './engine.ts';
import { indexOf } from './state-index.ts';
import type { Tri } from './tri.ts';

export interface Enforcement {
  readonly enforced: Tri;
  /** Why not, or why it cannot be told; continues `it is not enforced: …`. */
  readonly why: string;
}

const YES: Enforcement = { enforced: 'yes', why: '' };

/** Does the cluster's engine take policies of this kind into account at all? */
export function enforcementOf(kind: Policy['kind'], state: ClusterState): Enforcement {
  const { settings } = indexOf(state);
  if (!settings.cilium) return kind === 'NetworkPolicy' ? YES : foreign(kind, state);
  return switchedOn(kind, settings) ? YES : { enforced: 'no', why: `Cilium's configuration turns ${kind} off` };
}

function switchedOn(kind: Policy['kind'], settings: EngineSettings): boolean {
  if (kind === 'NetworkPolicy') return settings.networkPolicies;
  return kind === 'CiliumNetworkPolicy' ? settings.namespacedPolicies : settings.clusterwidePolicies;
}

function foreign(kind: string, state: ClusterState): Enforcement {
  return { enforced: 'no', why: `the network plugin (${state.engine.cni}) does not enforce ${kind}` };
}
