/** What a service mesh's proxy in the pod decides, apart from the network plugin (policy-semantics §5.8); called by `evaluate.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import type { Pod } from '../../model/workload.ts';
import { istioStage } from '../mesh/istio.ts';
import { linkerdStage } from '../mesh/linkerd.ts';
import { meshOf } from '../mesh/proxy.ts';
import { allows } from '../mesh/words.ts';
import { indexOf } from '../state/state-index.ts';

/** Undefined where no mesh governs the pod's egress: it is in none, or the protocol is one that no mesh redirects. */
export function meshStage(state: ClusterState, pod: Pod, destination: Destination): StageVerdict | undefined {
  if (destination.protocol !== 'TCP') return undefined;
  const mesh = meshOf(pod, indexOf(state).namespaces.get(pod.meta.namespace ?? 'default'));
  if (mesh === 'istio') return istioStage(state, pod, destination);
  if (mesh === 'linkerd') return linkerdStage(state, pod, destination);
  return mesh === 'ambient' ? AMBIENT : undefined;
}

/** The premises of a block: both meshes let an installation change the redirection for all pods. */
export function meshNotes(mesh: StageVerdict | undefined): readonly string[] {
  return mesh?.decision === 'denied'
    ? [
        "the mesh redirects the pod's connections as its annotations say; what its installation excludes for all pods is not read",
      ]
    : [];
}

/** Istio docs "Ambient and Istio policy": without a waypoint in between, ztunnel forwards what it does not know. */
const AMBIENT = allows(
  "The pod is in Istio's ambient mesh, whose ztunnel does not enforce outboundTrafficPolicy; waypoints and their AuthorizationPolicies are not evaluated.",
);
