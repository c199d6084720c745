/** Rule references and sentences from the trace; verdict and words come from the same matches. */
import type { RuleRef } from '../../model/evaluation.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import type { RuleMatch } from '../decide/match.ts';
import { selectorText } from '../fqdn/selector.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { DnsFilter, Peer, PolicyRule } from '../rules/rule.ts';

/** `CiliumNetworkPolicy shop/checkout`. */
export function policyName(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** `A`, `A and B`, `A, B and C`; the tail is counted when there are many. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  const unique = [...new Set(items)];
  const shown = unique.length > 4 ? [...unique.slice(0, 3), `${unique.length - 3} more`] : unique;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

export function portsText(rule: PolicyRule): string {
  if (rule.ports === 'any') return 'all ports';
  if (rule.ports === 'none') return 'no port';
  return rule.ports.map((port) => port.text).join(', ');
}

/** The reference to a rule, narrowed to one peer where one is meant. */
export function ruleRef(rule: PolicyRule, peer: Peer | undefined): RuleRef {
  const what = peer?.text ?? (rule.peers === 'none' ? 'no destination' : 'any destination');
  return {
    policy: rule.policy,
    path: peer?.path ?? rule.portsPath ?? rule.path,
    effect: rule.effect,
    text: `${what} on ${portsText(rule)}`,
  };
}

export function matchRef(match: RuleMatch): RuleRef {
  return ruleRef(match.rule, match.peer);
}

export function dnsRef(rule: PolicyRule, filter: DnsFilter): RuleRef {
  return {
    policy: rule.policy,
    path: filter.path,
    effect: 'allow',
    text: `rules.dns ${selectorText(filter.selector)} on ${portsText(rule)}`,
  };
}

/** `CiliumNetworkPolicy shop/checkout spec.egress[1].toFQDNs[0] (toFQDNs … on 443/TCP)`. */
export function refText(ref: RuleRef): string {
  return `${policyName(ref.policy)} ${ref.path} (${ref.text})`;
}

/** `443/TCP to 203.0.113.10, outside the cluster`. */
export function packetText(identity: PeerIdentity): string {
  return `${identity.port}/${identity.protocol} to ${identity.text}`;
}
