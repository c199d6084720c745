/** Container port names as numbers, the way each version resolves them (policy-semantics §3.5); used by `decide/match.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Pod } from '../../model/workload.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { gapFor, gapText } from './gaps.ts';
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
  const pods = state.pods.filter(hasEndpoint);
  const found = only(pods, name, identity);
  // Two numbers for one name match nothing; an unread pod could only make it worse.
  if (gap && numbersIn(pods, name, identity.protocol).size < 2)
    return { why: `the port name "${name}" is looked up among all pods; ${gapText(gap)}` };
  return found;
}

/** What the name stands for, in words that end a sentence: `8443 here`, `no port here`, `several numbers …`. */
export function portNameMeaning(state: ClusterState, name: string, identity: PeerIdentity): string {
  const { settings } = indexOf(state);
  const everywhere = settings.cilium && settings.minor < 20;
  const pods = everywhere ? state.pods : identity.pod ? [identity.pod] : [];
  const numbers = [...numbersIn(pods, name, identity.protocol)].sort((a, b) => a - b);
  const where = everywhere ? 'among all pods of the cluster' : 'at the destination';
  if (numbers.length === 0) return `no ${identity.protocol} port ${where}`;
  if (numbers.length === 1) return `${numbers.join()} ${where}`;
  return `several numbers ${where} (${numbers.join(', ')}), so that it matches none`;
}

/** Pods on the host network and finished ones are no endpoints of Cilium, so that it keeps no ports of theirs (pkg/k8s/watchers/pod.go). */
function hasEndpoint(pod: Pod): boolean {
  return !pod.hostNetwork && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
}

function only(pods: readonly Pod[], name: string, identity: PeerIdentity): { number?: number } {
  const [number, ...others] = numbersIn(pods, name, identity.protocol);
  return number === undefined || others.length > 0 ? {} : { number };
}

function numbersIn(pods: readonly Pod[], name: string, protocol: string): Set<number> {
  // Those of init and ephemeral containers do not count (pkg/k8s/labels.go, GetPodMetadata).
  const containers = pods.flatMap((pod) => pod.containers.filter(({ role }) => role === 'app'));
  const ports = containers.flatMap((container) => container.ports);
  const hits = ports.filter((port) => port.name?.toLowerCase() === name && port.protocol === protocol);
  return new Set(hits.map((port) => port.port));
}
