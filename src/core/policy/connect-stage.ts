/** The connection itself: every known address of the destination against the pod's rules; called by `evaluate.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { StageVerdict } from '../model/evaluation.ts';
import { isPrivateAddress } from '../net/cidr.ts';
import type { Trace } from './decide.ts';
import { decide } from './decide.ts';
import { gapFor, gapText } from './gaps.ts';
import type { PeerIdentity } from './identity.ts';
import { identitiesOf, unknownAddress } from './identity.ts';
import type { Lookup } from './lookup-stage.ts';
import type { PodPolicy } from './pod-policy.ts';
import { addressesOf, unknownInside } from './service-names.ts';
import { audited, combine, stageOf } from './stage.ts';

export interface Connect {
  readonly stage: StageVerdict;
  readonly traces: readonly Trace[];
}

export function connectStage(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  lookup: Lookup,
): Connect {
  const identities = destinationIdentities(state, policy, destination, lookup);
  const inside = destination.host === undefined ? undefined : unknownInside(state, policy.pod, destination.host);
  const traces = identities.map((identity) => withDoubts(state, decide(state, policy, identity), { lookup, inside }));
  const stage = combine(traces.map((trace) => stageOf(policy, trace)));
  return { stage: stage ? audited(policy, stage) : noBackend(destination), traces };
}

function destinationIdentities(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  lookup: Lookup,
): PeerIdentity[] {
  const { port, protocol, host } = destination;
  const named = host === undefined ? [] : [host];
  const known = { names: lookup.learned ? named : [], maybeNames: lookup.learned ? [] : named };
  const addresses = addressesOf(state, policy.pod, destination);
  if (addresses.length === 0) return [unknownAddress(state, port, protocol, known)];
  return addresses.flatMap((address) => identitiesOf(state, policy.pod, { address, port, protocol }, known));
}

function withDoubts(
  state: ClusterState,
  trace: Trace,
  { lookup, inside }: { readonly lookup: Lookup; readonly inside: string | undefined },
): Trace {
  if (trace.reason === 'dns_not_proxied') return { ...trace, why: lookup.whyNot };
  const why = trace.identity.ip === undefined && !holdsForEveryPeer(trace) ? inside : whereabouts(state, trace);
  return why === undefined ? trace : { ...trace, decision: 'unknown', reason: 'incomplete_state', why };
}

/** A private address that is no known pod, node or Service may still be one that was not read. */
function whereabouts(state: ClusterState, trace: Trace): string | undefined {
  const { ip, kind } = trace.identity;
  if (kind !== 'world' || !ip || !isPrivateAddress(ip) || holdsForEveryPeer(trace)) return undefined;
  const gap = ['pods', 'nodes', 'services'].map((what) => gapFor(state, what)).find((one) => one !== undefined);
  return gap && `whether the address belongs to a pod, node or Service cannot be told: ${gapText(gap)}`;
}

function holdsForEveryPeer(trace: Trace): boolean {
  if (['host_network', 'enforcement_off', 'not_isolated'].includes(trace.reason)) return true;
  return trace.decidedBy.some(({ peer }) => !peer || (peer.match.kind === 'entity' && peer.match.entity === 'all'));
}

function noBackend(destination: Destination): StageVerdict {
  const where = destination.host ?? destination.addresses.join(', ');
  const explanation = `Undecided: the Service behind ${where} has no backend, so there is nothing to connect to.`;
  return { decision: 'unknown', reason: 'address_unknown', decidedBy: [], explanation };
}
