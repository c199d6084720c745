/** What every near-miss finder is given; built once by `find.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { Trace } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import { matchPorts } from '../decide/match.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { LayerKey } from '../rules/layers.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { Peer, PolicyRule } from '../rules/rule.ts';
import type { Connect } from '../stages/connect.ts';
import type { Lookup } from '../stages/lookup.ts';
import { restsOnOthers } from '../stages/shared-address.ts';
import { dnsServersOf } from '../state/dns-server.ts';

export interface MissContext {
  readonly state: ClusterState;
  readonly policy: PodPolicy;
  readonly destination: Destination;
  readonly lookup: Lookup;
  readonly connect: Connect;
  /**
   * Where the connection is not let through, and no deny is why: the destination's identities as if the asked name were learned,
   * so that names are no reason for a miss.
   */
  readonly missed: readonly PeerIdentity[];
  /** What becomes of a question to each DNS server; empty where none is asked. */
  readonly questions: readonly Trace[];
  /** What could have allowed the connection, or the questions: the elements that are asked before the decision falls. */
  readonly elements: readonly Element[];
  readonly dnsElements: readonly Element[];
  /** The layers that are asked before the decision about the connection, or the questions, falls. */
  readonly asks: AsksLayer;
  readonly dnsAsks: AsksLayer;
}

type AsksLayer = (layer: LayerKey) => boolean;

export function contextOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  stages: { lookup: Lookup; connect: Connect },
): MissContext {
  const names = destination.host === undefined ? [] : [destination.host];
  const open = stages.connect.traces.filter((one) => isMissed(one, destination.host));
  const missed = open.map(({ identity }) =>
    carriesNames(identity) ? { ...identity, names, maybeNames: [] } : identity,
  );
  const asks = destination.host !== undefined && stages.lookup.stage.reason !== 'not_applicable';
  const servers = asks ? dnsServersOf(state, policy.pod).servers : [];
  const questions = servers.map((server) => decide(state, policy, server));
  const dropped = questions.filter(lacksAllow);
  return {
    state,
    policy,
    destination,
    ...stages,
    missed,
    questions,
    elements: allowElements(askedBefore(policy, open)),
    dnsElements: allowElements(askedBefore(policy, dropped)),
    asks: layersAsked(open),
    dnsAsks: layersAsked(dropped),
  };
}

/** One more policy of a later layer, or at another gate, would change nothing. */
function layersAsked(traces: readonly Trace[]): AsksLayer {
  const last = traces.flatMap(({ reason, layer }) => {
    const decides = reason === 'explicit_deny' || (reason === 'default_deny' && layer?.key.drops === 'here');
    return decides && layer ? [layer.key] : [];
  });
  return ({ gate, position }) => last.every((key) => key.gate === gate && position <= key.position);
}

/** Nothing allows it; where a rule waits for the name to be learned, it is the lookup that misses. */
function isMissed(trace: Trace, host: string | undefined): boolean {
  if (trace.decision === 'allowed') return false;
  if (trace.reason === 'explicit_deny') return lacksAllow(trace);
  return trace.reason !== 'dns_not_proxied' || restsOnOthers(trace.decidedBy, host);
}

/** Would one more allow have let the packet through? Not against a deny that beats every allow. */
export function lacksAllow({ reason, layer }: Trace): boolean {
  return reason === 'default_deny' || (reason === 'explicit_deny' && layer?.key.mode === 'ordered');
}

/** The rules up to the one, or the end of the layer, that decides: what comes later is not asked. */
function askedBefore({ rules }: PodPolicy, traces: readonly Trace[]): readonly PolicyRule[] {
  const ends = traces.map(({ reason, layer, decidedBy }) => {
    const [deny] = decidedBy;
    if (reason === 'explicit_deny' && deny) return rules.indexOf(deny.rule);
    const last = layer?.key.drops === 'here' ? layer.rules.at(-1) : undefined;
    return reason === 'default_deny' && last ? rules.indexOf(last) + 1 : rules.length;
  });
  return rules.slice(0, Math.min(rules.length, ...ends));
}

/** Can rules select it by name? Not what Cilium knows by identity (policy-semantics §1). */
export function carriesNames({ names, maybeNames }: PeerIdentity): boolean {
  return names.length + maybeNames.length > 0;
}

/** One egress element with all its port lists, which share its peers. */
export interface Element {
  /** The first of them. */
  readonly rule: PolicyRule;
  readonly rules: readonly PolicyRule[];
}

/** The elements that allow something, in the order of the rules. */
export function allowElements(rules: readonly PolicyRule[]): Element[] {
  const byPolicy = new Map<PolicyRule['policy'], Map<string, PolicyRule[]>>();
  for (const rule of rules) {
    if (rule.effect !== 'allow') continue;
    const ofPolicy = byPolicy.get(rule.policy) ?? new Map<string, PolicyRule[]>();
    byPolicy.set(rule.policy, ofPolicy);
    ofPolicy.set(rule.path, [...(ofPolicy.get(rule.path) ?? []), rule]);
  }
  const elements = [...byPolicy.values()].flatMap((ofPolicy) => [...ofPolicy.values()]);
  return elements.flatMap((list) => (list[0] ? [{ rule: list[0], rules: list }] : []));
}

/** True when the element is for the packet's port, or may be. */
export function portsFit(state: ClusterState, { rules }: Element, identity: PeerIdentity): boolean {
  return rules.some((rule) => matchPorts(state, rule, identity).tri !== 'no');
}

export type NamePeer = Peer & { readonly match: { readonly kind: 'fqdn' } };

/** An element with one of its name selectors. */
export interface Listing {
  readonly element: Element;
  readonly peer: NamePeer;
}

export function namePeers(elements: readonly Element[]): Listing[] {
  return elements.flatMap((element) => {
    const { peers } = element.rule;
    return typeof peers === 'string' ? [] : peers.filter(isName).map((peer) => ({ element, peer }));
  });
}

function isName(peer: Peer): peer is NamePeer {
  return peer.match.kind === 'fqdn';
}
