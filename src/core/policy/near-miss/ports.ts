/** Near misses of port and peer: the destination is listed but not on this port, or a range that cannot hold it (policy-semantics §3.4, §3.5). */
import type { NearMiss } from '../../model/evaluation.ts';
import { cidrContains } from '../../net/cidr.ts';
import { rangeContains } from '../../net/port-range.ts';
import { addPort } from '../changes.ts';
import { packetText, portsText, ruleRef } from '../explain.ts';
import type { PeerIdentity } from '../identity.ts';
import { matchPeers, matchPorts } from '../match.ts';
import type { PolicyRule } from '../rule.ts';
import { numericRange } from '../rule.ts';
import type { MissContext } from './context.ts';

export function portMisses(context: MissContext): NearMiss[] {
  const misses = context.identities.flatMap((identity) =>
    context.policy.rules.flatMap((rule) => portMiss(context, rule, identity)),
  );
  // A rule with several port lists covers the port if one of them does.
  return misses.filter((miss, index) => misses.findIndex((other) => other.statement === miss.statement) === index);
}

function portMiss(context: MissContext, rule: PolicyRule, identity: PeerIdentity): NearMiss[] {
  if (rule.effect !== 'allow' || rule.peers === 'any' || matchPorts(context.state, rule, identity).tri !== 'no')
    return [];
  const { tri, peer } = matchPeers(context.state, rule, identity);
  if (tri !== 'yes' || coveredBySibling(context, rule, identity)) return [];
  const kind = samePort(rule, identity) ? 'protocol_missing' : 'port_missing';
  const statement = `${peer?.text ?? 'the rule'} is the destination, but only on ${portsText(rule)}; ${packetText(identity)} needs ${identity.port}/${identity.protocol}`;
  const change = addPort(rule, identity.port, identity.protocol);
  return [{ rule: ruleRef(rule, peer), kind, statement, ...(change && { change }) }];
}

function coveredBySibling({ state, policy }: MissContext, rule: PolicyRule, identity: PeerIdentity): boolean {
  const siblings = policy.rules.filter((one) => one.path === rule.path && one.policy === rule.policy);
  return siblings.some((one) => matchPorts(state, one, identity).tri !== 'no');
}

function samePort(rule: PolicyRule, identity: PeerIdentity): boolean {
  return (
    typeof rule.ports !== 'string' &&
    rule.ports.some((port) => rangeContains(numericRange(port) ?? NO_PORTS, identity.port))
  );
}

const NO_PORTS = { from: 1, to: 0 };

/** A range that holds the address on paper, but the address is a pod or node, which Cilium does not match by range. */
export function cidrMisses({ policy, identities }: MissContext): NearMiss[] {
  if (!policy.settings.cilium) return [];
  return identities.flatMap((identity) => policy.rules.flatMap((rule) => cidrMiss(rule, identity)));
}

function cidrMiss(rule: PolicyRule, identity: PeerIdentity): NearMiss[] {
  const { ip, kind } = identity;
  if (kind === 'world' || !ip || rule.effect !== 'allow' || typeof rule.peers === 'string') return [];
  return rule.peers.flatMap((peer) => {
    const { match } = peer;
    if (match.kind !== 'cidr' || !cidrContains(match.cidr, ip)) return [];
    const instead = kind === 'pod' ? 'toEndpoints' : `toEntities ${kind}`;
    const statement = `${peer.text} holds the address, but it is ${identity.text}, and Cilium matches ranges with addresses outside the cluster only: ${instead} is needed`;
    return [{ rule: ruleRef(rule, peer), kind: 'cidr_cannot_match' as const, statement }];
  });
}
