/** The smallest policy change that lets the pod through, proved by evaluating the patched state; last pure step of a diagnosis. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Remedy } from '../model/diagnosis.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';

export function proposeRemedy(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  evaluation: Evaluation,
): Remedy | undefined {
  void [state, pod, destination, evaluation];
  return undefined;
}
