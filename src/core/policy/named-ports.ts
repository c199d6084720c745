/** Container port names as numbers, the way each version resolves them (policy-semantics §3.5); used by `match.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Pod } from '../model/workload.ts';
import { gapFor, gapText } from './gaps.ts';
import type { PeerIdentity } from './identity.ts';
import { indexOf } from './state-index.ts';

/** The number the name stands for towards the identity; neither number nor reason when it stands for none. */
export function resolvePortName(
  state: ClusterState,
  name: string,
  identity: PeerIdentity,
): { number?: number; why?: string } {
  const { settings } = indexOf(state);
  // Other engines, and Cilium from 1.20, look at the destination pod alone.
  if (!settings.cilium || settings.minor >= 20) return only(identity.pod ? [identity.pod] : [], name, identity);
  const gap = gapFor(state, 'pods');
  const found = only(state.pods, name, identity);
  // Two numbers for one name match nothing; an unread pod could only make it worse.
  if (gap && numbersIn(state.pods, name, identity.protocol).size < 2)
    return { why: `the port name "${name}" is looked up among all pods; ${gapText(gap)}` };
  return found;
}

function only(pods: readonly Pod[], name: string, identity: PeerIdentity): { number?: number } {
  const [number, ...others] = numbersIn(pods, name, identity.protocol);
  return number === undefined || others.length > 0 ? {} : { number };
}

function numbersIn(pods: readonly Pod[], name: string, protocol: string): Set<number> {
  const ports = pods.flatMap((pod) => pod.containers.flatMap((container) => container.ports));
  const hits = ports.filter((port) => port.name?.toLowerCase() === name && port.protocol === protocol);
  return new Set(hits.map((port) => port.port));
}
