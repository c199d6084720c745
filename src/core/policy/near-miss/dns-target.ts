/** Near misses of a DNS rule's target: it misses this cluster's servers by selector, namespace, port or protocol (policy-semantics §2.2). */
import type { NearMiss, PolicyChange } from '../../model/evaluation.ts';
import { addPort, isCiliumKind, jsonPath } from '../change/changes.ts';
import { endpointOf, networkPeerOf } from '../change/peer-value.ts';
import { matchPeers } from '../decide/match.ts';
import { packetText, portsText, ruleRef } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Requirements } from '../rules/label-selector.ts';
import { matchRequirements } from '../rules/label-selector.ts';
import type { Peer, PolicyRule, PortMatch } from '../rules/rule.ts';
import { gapFor } from '../state/gaps.ts';
import { indexOf } from '../state/state-index.ts';
import type { Element, MissContext } from './context.ts';
import { portsFit } from './context.ts';
import { allowDns, homeOf } from './new-rule.ts';
import { holds, isDnsPort, namedPortNotes, portsOf } from './ports.ts';
import { differenceOf, selectorEdit } from './selector-difference.ts';

/** Something in the element is about DNS: names that may be asked, or the usual port. */
export function isForDns({ rules }: Element): boolean {
  return rules.some(isDnsRule);
}

function isDnsRule(rule: PolicyRule): boolean {
  return rule.l7.dns !== undefined || portsOf([rule]).some(isDnsEntry);
}

// CoreDNS' own names for its ports are dns and dns-tcp.
function isDnsEntry(match: PortMatch): boolean {
  const { port } = match;
  return 'name' in port ? port.name.startsWith('dns') : isDnsPort(port.from);
}

export function targetMisses(context: MissContext, elements: readonly Element[], server: PeerIdentity): NearMiss[] {
  return elements.filter(isForDns).flatMap((element) => targetMiss(context, element, server));
}

function targetMiss(context: MissContext, element: Element, server: PeerIdentity): NearMiss[] {
  const { state } = context;
  const rule = element.rules.find(isDnsRule) ?? element.rule;
  const onPort = portsFit(state, element, server);
  const peersFit = matchPeers(state, rule, server).tri !== 'no';
  if (onPort && peersFit) return [];
  if (peersFit) return [portMiss(context, { element, rule, onPort }, server)];
  return peerMiss(context, { element, rule, onPort }, server);
}

function portMiss({ state }: MissContext, { element, rule }: Missing, server: PeerIdentity): NearMiss {
  const { port, protocol } = server;
  const { rules } = element;
  const samePort = portsOf(rules).some((one) => holds(one, port));
  const statement = `this DNS rule allows ${rules.map(portsText).join(', ')}, but queries go to ${packetText(server)}${namedPortNotes(state, rules, server)}`;
  const change = addPort(rule, port, protocol);
  const kind = samePort ? 'protocol_missing' : 'dns_target_mismatch';
  return { rule: ruleRef(rule, undefined), kind, statement, ...(change && { change }) };
}

interface Missing {
  readonly element: Element;
  readonly rule: PolicyRule;
  readonly onPort: boolean;
}

function peerMiss(context: MissContext, missing: Missing, server: PeerIdentity): NearMiss[] {
  const { rule, element, onPort } = missing;
  if (typeof rule.peers === 'string') return [];
  const [peer] = rule.peers.toSorted((a, b) => failingOf(a, server).length - failingOf(b, server).length);
  if (!peer) return [];
  const ports = onPort ? '' : `; besides, queries go to port ${server.port}/${server.protocol}`;
  const statement = `this DNS rule does not cover the cluster's DNS, ${server.text}: ${why(context, peer, server)}${ports}`;
  const change = onPort ? peerChange(context, { rule, peer }, server) : undefined;
  const wanted = change ?? allowDns(context.policy, homeOf(element), server);
  return [{ rule: ruleRef(rule, peer), kind: 'dns_target_mismatch', statement, ...(wanted && { change: wanted }) }];
}

/** Peers that are no selectors come last. */
function failingOf({ match }: Peer, { labels }: PeerIdentity): Requirements | { readonly length: number } {
  if (match.kind !== 'labels') return { length: Number.MAX_SAFE_INTEGER };
  return match.requirements.filter((one) => matchRequirements([one], labels) === 'no');
}

function why({ state, policy }: MissContext, { match, text }: Peer, server: PeerIdentity): string {
  const { pod, labels } = server;
  if (match.kind === 'cidr' && policy.settings.cilium && server.kind !== 'world')
    return `it allows ${text}, and Cilium matches ranges with addresses outside the cluster only`;
  if (match.kind !== 'labels' || !pod) return `it allows ${text}`;
  const failing = match.requirements.filter((one) => matchRequirements([one], labels) === 'no');
  return failing.map((one) => differenceOf(one, { index: indexOf(state), labels, pod }).text).join('; ');
}

/** One label of a selector that takes nothing, else one more entry: what the rule allows now stays allowed. */
function peerChange(
  { state, policy }: MissContext,
  { rule, peer }: { readonly rule: PolicyRule; readonly peer: Peer },
  server: PeerIdentity,
): PolicyChange | undefined {
  const { pod, labels } = server;
  if (peer.match.kind !== 'labels' || !pod) return undefined;
  const index = indexOf(state);
  const { requirements } = peer.match;
  const failing = requirements.filter((one) => matchRequirements([one], labels) === 'no');
  const translated = policy.selecting.find((one) => one.translated.ref === rule.policy)?.translated;
  const [only, ...others] = failing;
  if (
    translated &&
    only &&
    others.length === 0 &&
    !gapFor(state, 'pods') &&
    !index.takesPods(requirements, undefined)
  ) {
    const compared = { index, labels, pod };
    const at = { policy: translated.policy, ref: translated.ref, path: peer.path };
    const edit = selectorEdit(at, differenceOf(only, compared), compared);
    if (edit) return edit;
  }
  return oneMore(rule, peer, { server, cilium: policy.settings.cilium });
}

function oneMore(
  rule: PolicyRule,
  { path }: Peer,
  { server, cilium }: { readonly server: PeerIdentity; readonly cilium: boolean },
): PolicyChange | undefined {
  const why = "makes the rule take the cluster's DNS pods";
  const { policy } = rule;
  const base = { policy, op: 'add' as const, why };
  if (policy.kind === 'NetworkPolicy')
    return { ...base, path: [...jsonPath(rule.path), 'to', '-'], value: networkPeerOf(server, cilium) };
  if (!isCiliumKind(policy) || !path.includes('.toEndpoints[')) return undefined;
  return { ...base, path: [...jsonPath(rule.path), 'toEndpoints', '-'], value: endpointOf(server) };
}
