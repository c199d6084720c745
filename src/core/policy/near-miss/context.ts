/** What every near-miss finder is given; built once by `near-miss.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { Connect } from '../connect-stage.ts';
import type { PeerIdentity } from '../identity.ts';
import type { Lookup } from '../lookup-stage.ts';
import type { PodPolicy } from '../pod-policy.ts';
import type { Peer, PolicyRule } from '../rule.ts';

export interface MissContext {
  readonly state: ClusterState;
  readonly policy: PodPolicy;
  readonly destination: Destination;
  readonly lookup: Lookup;
  readonly connect: Connect;
  /** The destination's identities as if the asked name were learned: names are then no reason for a miss. */
  readonly identities: readonly PeerIdentity[];
}

export function contextOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  stages: { lookup: Lookup; connect: Connect },
): MissContext {
  const names = destination.host === undefined ? [] : [destination.host];
  const identities = stages.connect.traces.map(({ identity }) =>
    identity.kind === 'world' ? { ...identity, names, maybeNames: [] } : identity,
  );
  return { state, policy, destination, ...stages, identities };
}

/** Allow rules in force with their name selectors. */
export function namePeers(policy: PodPolicy): { rule: PolicyRule; peer: Peer & { match: { kind: 'fqdn' } } }[] {
  return policy.rules.flatMap((rule) => {
    if (rule.effect !== 'allow' || typeof rule.peers === 'string') return [];
    return rule.peers.flatMap((peer) => (isName(peer) ? [{ rule, peer }] : []));
  });
}

function isName(peer: Peer): peer is Peer & { match: { kind: 'fqdn' } } {
  return peer.match.kind === 'fqdn';
}
