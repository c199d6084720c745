/** What a service mesh's proxy in the pod decides, apart from the network plugin (policy-semantics §5.8); called by `evaluate.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { StageVerdict } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';

/** Undefined where no mesh governs the pod's egress. */
export function meshStage(_state: ClusterState, _pod: Pod, _destination: Destination): StageVerdict | undefined {
  return undefined;
}
