/** The connection itself: every known address of the destination against the pod's rules; called by `evaluate.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { StageVerdict } from '../../model/evaluation.ts';
import { isPrivateAddress } from '../../net/cidr.ts';
import type { Trace } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import { matchPorts } from '../decide/match.ts';
import { aliasesCarryNames } from '../engine/name-learning.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import { identitiesOf, unknownAddress } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import { gapFor, gapText } from '../state/gaps.ts';
import { addressesOf, unknownInside } from '../state/service-names.ts';
import type { Lookup } from './lookup.ts';
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
  const inside = destination.host === undefined ? undefined : unknownInside(state, policy.pod, destination.host);
  const traces = identities.map((identity) =>
    withDoubts(state, decide(state, policy, identity), { policy, lookup, inside, host: destination.host }),
  );
  const stage = combine(traces.map((trace) => verdictOf(state, policy, { trace, destination })));
  return { stage: stage ? audited(policy, stage) : noBackend(destination), traces };
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
  if (holdsForEveryPeer(state, policy, trace)) return trace;
  const why = trace.identity.ip === undefined ? inside : whereabouts(state, trace);
  return why === undefined ? trace : { ...trace, decision: 'unknown', reason: 'incomplete_state', why };
}

const NOT_LOOKED_UP = 'by another name of the same address, which this pod does not look up through the proxy';

/** A private address that is no known pod, node or Service may still be one that was not read. */
function whereabouts(state: ClusterState, trace: Trace): string | undefined {
  const { ip, kind } = trace.identity;
  if (kind !== 'world' || !ip || !isPrivateAddress(ip)) return undefined;
  const gap = ['pods', 'nodes', 'services'].map((what) => gapFor(state, what)).find((one) => one !== undefined);
  return gap && `whether the address belongs to a pod, node or Service cannot be told: ${gapText(gap)}`;
}

/** Whoever is behind the address: the rule that decides takes everybody, and no rule for some could decide before it. */
function holdsForEveryPeer(state: ClusterState, policy: PodPolicy, trace: Trace): boolean {
  if (trace.reason === 'host_network' || trace.reason === 'enforcement_off') return true;
  const forAll = trace.decidedBy.some(
    ({ peer }) => !peer || (peer.match.kind === 'entity' && peer.match.entity === 'all'),
  );
  if (!forAll && trace.reason !== 'not_isolated') return false;
  // In a union a deny stands, whatever is allowed.
  if (trace.decision === 'denied' && trace.layer?.key.mode === 'union') return true;
  const own = trace.decision === 'denied' ? 'deny' : 'allow';
  return !policy.rules.some(
    (rule) =>
      rule.effect !== own && typeof rule.peers !== 'string' && matchPorts(state, rule, trace.identity).tri !== 'no',
  );
}

function noBackend(destination: Destination): StageVerdict {
  const where = destination.host ?? destination.addresses.join(', ');
  const explanation = `Undecided: the Service behind ${where} has no backend, so there is nothing to connect to.`;
  return { decision: 'unknown', reason: 'address_unknown', decidedBy: [], explanation };
}
