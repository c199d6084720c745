/** The change that lets the connection through: a name in the right rule, a port, or a new rule; used by `propose.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import { isPatchableKind } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { widthOf } from '../net/cidr.ts';
import { normaliseName } from '../net/dns-name.ts';
import { addName, addRule, sectionOf } from '../policy/change/changes.ts';
import { peerValueOf } from '../policy/change/peer-value.ts';
import { matchPeers } from '../policy/decide/match.ts';
import type { PeerIdentity } from '../policy/identity/identity.ts';
import { allowElements } from '../policy/near-miss/context.ts';
import { allowPacket, openPort } from '../policy/near-miss/new-rule.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import type { Peer, PolicySection } from '../policy/rules/rule.ts';
import type { NameRule } from './home-rule.ts';
import { nameRules } from './home-rule.ts';

/** Undefined when no policy of the pod can be changed to that effect. */
export function connectChange(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  identity: PeerIdentity,
): PolicyChange | undefined {
  const host = isAliased(policy.pod, destination.host) ? undefined : destination.host;
  if (host !== undefined && identity.kind === 'world' && policy.settings.engine === 'cilium') {
    const rules = nameRules(state, policy, { host, destination, identity });
    const listing = rules.find(({ peers }) => peers.some(({ match }) => match.kind === 'fqdn' && match.matches(host)));
    if (listing) return portChange(listing, identity, host);
    const home = rules[0];
    if (home?.coversPort) return addName(home.rule, host);
    if (home) return newRule(home.rule.policy, sectionOf(home.rule.path), identity, host);
  }
  return portForSamePeer(state, policy, identity) ?? inIsolatingPolicy(policy, identity, host);
}

/** What the pod's own /etc/hosts answers, no lookup teaches to the engine: only the address can be listed. */
function isAliased({ hostAliases }: Pod, host: string | undefined): boolean {
  return hostAliases.some(({ hostnames }) => hostnames.some((name) => normaliseName(name) === host));
}

/** A rule whose only peer is this very workload or address takes the port as well: nobody else gains by it. */
function portForSamePeer(state: ClusterState, policy: PodPolicy, identity: PeerIdentity): PolicyChange | undefined {
  const element = allowElements(policy.rules).find(({ rule }) => {
    if (typeof rule.peers === 'string' || rule.peers.length !== 1 || !isPatchableKind(rule.policy.kind)) return false;
    return rule.peers.every(isNarrow) && matchPeers(state, rule, identity).tri === 'yes';
  });
  return element && openPort(element, identity);
}

function isNarrow({ match }: Peer): boolean {
  if (match.kind === 'cidr') return match.cidr.prefix === widthOf(match.cidr.family);
  return (
    match.kind === 'labels' && match.requirements.some(({ key, operator }) => operator === 'In' && NAMING.has(key))
  );
}

const NAMING = new Set(['k8s-app', 'app.kubernetes.io/name', 'app', 'name']);

/** The name is listed without the port: widen the rule only if that opens the port for no other name. */
function portChange(listing: NameRule, identity: PeerIdentity, host: string): PolicyChange | undefined {
  const { rule, rules, peers } = listing;
  const alone =
    peers.length === 1 && peers.every(({ match }) => match.kind === 'fqdn' && match.selector.matchName !== undefined);
  if (alone && !listing.coversPort) return openPort({ rule, rules }, identity);
  return newRule(rule.policy, sectionOf(rule.path), identity, host);
}

function newRule(
  policy: PolicyChange['policy'],
  section: string,
  identity: PeerIdentity,
  host: string | undefined,
): PolicyChange {
  const value = {
    ...peerValueOf(identity, host),
    toPorts: [{ ports: [{ port: String(identity.port), protocol: identity.protocol }] }],
  };
  return addRule(policy, section, value, `allows ${identity.port}/${identity.protocol} to ${host ?? identity.text}`);
}

/** A Cilium policy that isolates the pod gets a rule of its own; a NetworkPolicy only where no Cilium policy is at hand. */
function inIsolatingPolicy(
  policy: PodPolicy,
  identity: PeerIdentity,
  host: string | undefined,
): PolicyChange | undefined {
  const isolating = policy.selecting.filter((one) => policy.isolatedBy.includes(one.translated.ref));
  const kinds = policy.settings.engine === 'cilium' ? ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'] : [];
  for (const kind of kinds) {
    const found = isolating.find((one) => one.translated.ref.kind === kind);
    const section = found && egressSection(found.sections);
    if (found && section) return newRule(found.translated.ref, section.path, identity, host);
  }
  const network = isolating.find((one) => one.translated.ref.kind === 'NetworkPolicy');
  const home = network && { policy: network.translated.ref, section: 'spec' };
  return home && allowPacket(policy, home, identity, host);
}

function egressSection(sections: readonly PolicySection[]): PolicySection | undefined {
  return (
    sections.find((section) => section.isolates && section.rules.some((rule) => rule.effect === 'allow')) ??
    sections.find((section) => section.isolates)
  );
}
