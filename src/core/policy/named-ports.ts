/** Container port names as numbers, the way each version resolves them (policy-semantics §3.5); used by `match.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Pod } from '../model/workload.ts';
import { gapFor, gapText } from './gaps.ts';
import type { PeerIdentity } from './identity.ts';
import { indexOf } from './state-index.ts';
import type { Tri } from './tri.ts';
import { triOf } from './tri.ts';

/** Does the name stand for the identity's port? */
export function namedPortMatches(
  state: ClusterState,
  name: string,
  identity: PeerIdentity,
): { tri: Tri; why?: string } {
  const { settings } = indexOf(state);
  // Other engines, and Cilium from 1.20, look at the destination pod alone.
  if (!settings.cilium || settings.minor >= 20) {
    const own = identity.pod ? numbersIn([identity.pod], name, identity.protocol) : new Set<number>();
    return { tri: triOf(own.has(identity.port)) };
  }
  const everywhere = numbersIn(state.pods, name, identity.protocol);
  const gap = gapFor(state, 'pods');
  if (everywhere.size > 1) return { tri: 'no' };
  if (gap) return { tri: 'unknown', why: `the port name "${name}" is looked up among all pods; ${gapText(gap)}` };
  return { tri: triOf(everywhere.has(identity.port)) };
}

function numbersIn(pods: readonly Pod[], name: string, protocol: string): Set<number> {
  const ports = pods.flatMap((pod) => pod.containers.flatMap((container) => container.ports));
  const hits = ports.filter((port) => port.name?.toLowerCase() === name && port.protocol === protocol);
  return new Set(hits.map((port) => port.port));
}
