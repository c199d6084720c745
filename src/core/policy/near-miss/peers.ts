/** Near misses of the peer inside the cluster: a selector one label off, or a range or name for what has an identity (policy-semantics §3.4). */
import type { NearMiss } from '../../model/evaluation.ts';
import type { Cidr } from '../../net/cidr.ts';
import { cidrContains } from '../../net/cidr.ts';
import { parseIp } from '../../net/ip.ts';
import { matchPeers } from '../decide/match.ts';
import { ruleRef } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Peer } from '../rules/rule.ts';
import { gapFor } from '../state/gaps.ts';
import { addressesOf } from '../state/service-names.ts';
import { indexOf } from '../state/state-index.ts';
import type { Element, MissContext } from './context.ts';
import { carriesNames, portsFit } from './context.ts';
import { allowPacket, homeOf } from './new-rule.ts';
import { differenceOf, onlyFailing, selectorEdit } from './selector-difference.ts';

export function peerMisses(context: MissContext): NearMiss[] {
  return context.elements.flatMap((element) =>
    context.missed.flatMap((identity) => peerMiss(context, element, identity)),
  );
}

function peerMiss(context: MissContext, element: Element, identity: PeerIdentity): NearMiss[] {
  const { peers } = element.rule;
  if (typeof peers === 'string' || matchPeers(context.state, element.rule, identity).tri !== 'no') return [];
  return peers.flatMap((peer) => {
    if (peer.match.kind === 'labels') return labelMiss(context, { element, peer }, identity);
    return identityMiss(context, { element, peer }, identity);
  });
}

interface At {
  readonly element: Element;
  readonly peer: Peer;
}

function labelMiss(context: MissContext, { element, peer }: At, identity: PeerIdentity): NearMiss[] {
  const { state } = context;
  const { pod, labels } = identity;
  if (peer.match.kind !== 'labels' || !pod || !portsFit(context.state, element, identity)) return [];
  const { requirements } = peer.match;
  const failing = onlyFailing(requirements, labels);
  const index = indexOf(state);
  // A selector that takes other pods does what it is for.
  if (!failing || index.takesPods(requirements, undefined)) return [];
  const difference = differenceOf(failing, { index, labels, pod });
  const translated = context.policy.selecting.find((one) => one.translated.ref === element.rule.policy)?.translated;
  const at = translated && { policy: translated.policy, ref: translated.ref, path: peer.path };
  const change = at && !gapFor(state, 'pods') ? selectorEdit(at, difference, { index, labels, pod }) : undefined;
  const statement = `${peer.text} does not take ${identity.text}: ${difference.text}`;
  return [{ rule: ruleRef(element.rule, peer), kind: 'label_similar', statement, ...(change && { change }) }];
}

/** What Cilium knows by identity it matches neither by range nor by name; other engines compare addresses. */
function identityMiss(context: MissContext, { element, peer }: At, identity: PeerIdentity): NearMiss[] {
  const { policy, destination } = context;
  if (!policy.settings.cilium) return [];
  const text = rangeMiss(context, peer, identity) ?? nameMiss(peer, identity, destination.host);
  if (text === undefined) return [];
  const change = allowPacket(policy, homeOf(element), identity);
  return [{ rule: ruleRef(element.rule, peer), kind: 'cidr_cannot_match', statement: text, ...(change && { change }) }];
}

function rangeMiss(context: MissContext, { match, text }: Peer, identity: PeerIdentity): string | undefined {
  if (match.kind !== 'cidr') return undefined;
  const service = serviceAddress(context, match.cidr, identity);
  const { ip, kind } = identity;
  if (service !== undefined)
    return `${text} holds the Service's address ${service}, but what is compared is the backend behind it, ${identity.text} on port ${identity.port}${kind === 'world' ? '' : `: ${needed(identity)} is needed`}`;
  if (kind === 'world' || !ip || !cidrContains(match.cidr, ip)) return undefined;
  return `${text} holds the address, but it is ${identity.text}, and Cilium matches ranges with addresses outside the cluster only: ${needed(identity)} is needed`;
}

/** The Service's own address, where the range holds it and the packet goes to something else (policy-semantics §4). */
function serviceAddress(
  { state, policy, destination }: MissContext,
  cidr: Cidr,
  { ip }: PeerIdentity,
): string | undefined {
  const index = indexOf(state);
  return addressesOf(state, policy.pod, destination).find((address) => {
    const own = parseIp(address);
    const translated = index.servicesByIp.has(address) && own !== undefined && own.value !== ip?.value;
    return translated && cidrContains(cidr, own);
  });
}

function needed({ kind, labels }: PeerIdentity): string {
  if (labels.sources.get('reserved')?.has('kube-apiserver')) return 'toEntities kube-apiserver';
  return kind === 'pod' ? 'toEndpoints' : `toEntities ${kind}`;
}

function nameMiss({ match, text }: Peer, identity: PeerIdentity, host: string | undefined): string | undefined {
  if (match.kind !== 'fqdn' || host === undefined || carriesNames(identity) || !match.matches(host)) return undefined;
  return `${text} lists the name, but it leads to ${identity.text}, and Cilium gives no address inside the cluster a name: ${needed(identity)} is needed`;
}
