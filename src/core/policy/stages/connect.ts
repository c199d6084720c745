/** The connection itself: every known address of the destination against the pod's rules; called by `evaluate.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import type { Trace } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import { aliasesCarryNames } from '../engine/name-learning.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { identitiesOf, unknownAddress } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { addressesOf, unknownInside } from '../state/service-names.ts';
import type { Lookup } from './lookup.ts';
import { doubtAboutPeer } from './peer-doubt.ts';
import { serverNameRefusal } from './server-names.ts';
import { accidentOf, restsOnOthers, sharedNames } from './shared-address.ts';
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
  const inside = identities.every(({ ip }) => ip) ? undefined : unknownInside(state, policy.pod, destination.host);
  const traces = identities.map((identity) =>
    withDoubts(state, decide(state, policy, identity), { policy, lookup, inside, host: destination.host }),
  );
  const stage = combine(traces.map((trace) => verdictOf(state, policy, { trace, destination })));
  return { stage: stage ? audited(policy, stage) : noBackend(state, destination), traces };
}

/** What the rules make of the packet, then of the server name that TLS sends; an accident is called one. */
function verdictOf(
  state: ClusterState,
  policy: PodPolicy,
  { trace, destination }: { readonly trace: Trace; readonly destination: Destination },
): StageVerdict {
  const refusal = serverNameRefusal(state, policy, trace, destination);
  if (refusal) return refusal;
  const stage = stageOf(policy, trace);
  const accident = accidentOf(trace, destination);
  return accident ? { ...stage, explanation: `${stage.explanation} But ${accident.text}.` } : stage;
}

function destinationIdentities(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  lookup: Lookup,
): PeerIdentity[] {
  const { port, protocol, host } = destination;
  const aliases = aliasesCarryNames(policy.settings) ? destination.cnames : [];
  const named = host === undefined ? [] : [host, ...aliases];
  const shared = sharedNames(state, policy, destination);
  const known = {
    names: [...(lookup.learned ? named : []), ...shared.names],
    maybeNames: [...(lookup.learned ? [] : named), ...shared.maybeNames],
  };
  const addresses = addressesOf(state, policy.pod, destination);
  if (addresses.length === 0) return [unknownAddress(state, port, protocol, known)];
  return addresses.flatMap((address) => identitiesOf(state, policy.pod, { address, port, protocol }, known));
}

interface Surroundings {
  readonly policy: PodPolicy;
  readonly lookup: Lookup;
  /** Why the destination, whose address is not known, may lie inside the cluster. */
  readonly inside: string | undefined;
  readonly host: string | undefined;
}

function withDoubts(state: ClusterState, trace: Trace, { policy, lookup, inside, host }: Surroundings): Trace {
  if (trace.reason === 'dns_not_proxied')
    return { ...trace, why: restsOnOthers(trace.decidedBy, host) ? NOT_LOOKED_UP : lookup.whyNot };
  const why = doubtAboutPeer(state, policy, trace, { inside });
  return why === undefined ? trace : { ...trace, decision: 'unknown', reason: 'incomplete_state', why };
}

const NOT_LOOKED_UP = 'by another name of the same address, which this pod does not look up through the proxy';

function noBackend(state: ClusterState, destination: Destination): StageVerdict {
  const where = destination.host ?? destination.addresses.join(', ');
  // Without slices the pods that the Service selects stand in for them.
  const gap = gapFor(state, 'endpointslices') ?? gapFor(state, 'pods');
  const why = gap
    ? `no backend of the Service behind ${where} was found, and not all were read: ${gapText(gap)}`
    : `the Service behind ${where} has no backend, so there is nothing to connect to`;
  return { decision: 'unknown', reason: 'address_unknown', decidedBy: [], explanation: `Undecided: ${why}.` };
}
