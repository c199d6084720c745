/** Near misses of the lookup: no DNS rule, one that bypasses the proxy, one that misses the server or the name (policy-semantics §2). */
import type { NearMiss } from '../../model/evaluation.ts';
import { addDnsFilter, addDnsName, addPort, addRule, jsonPath, sectionOf } from '../changes.ts';
import { decide } from '../decide.ts';
import { dnsRuleFor } from '../dns-rule.ts';
import { dnsServersOf } from '../dns-server.ts';
import { packetText, portsText, ruleRef } from '../explain.ts';
import type { PeerIdentity } from '../identity.ts';
import { matchPeers, matchPorts } from '../match.ts';
import type { PolicyRule } from '../rule.ts';
import { numericRange } from '../rule.ts';
import type { MissContext } from './context.ts';
import { namePeers } from './context.ts';
import { selectorDifference } from './selector-difference.ts';

export function dnsMisses(context: MissContext): NearMiss[] {
  const { host } = context.destination;
  if (host === undefined || context.lookup.stage.reason === 'not_applicable') return [];
  const servers = dnsServersOf(context.state, context.policy.pod).servers;
  const listing = namePeers(context.policy).find(({ peer }) => peer.match.matches(host));
  return [
    ...(context.lookup.stage.reason === 'dns_name_refused' ? nameNotListed(context, host, servers) : []),
    ...(context.lookup.stage.reason === 'default_deny'
      ? [...targetMisses(context, servers), ...ruleMissing(context, servers, listing)]
      : []),
    ...(context.lookup.stage.decision === 'allowed' && !context.lookup.learned && listing
      ? withoutProxy(context, servers, listing)
      : []),
    ...dnsOnly(context, host, listing),
  ];
}

type Listing = ReturnType<typeof namePeers>[number];

function nameNotListed({ state, policy }: MissContext, host: string, servers: readonly PeerIdentity[]): NearMiss[] {
  const filters = servers.flatMap((server) =>
    decide(state, policy, server).allows.filter((match) => match.rule.l7.dns),
  );
  const rules = [...new Set(filters.map((match) => match.rule))];
  return rules.map((rule) => ({
    rule: ruleRef(rule, undefined),
    kind: 'dns_name_not_listed',
    statement: `the pod's DNS is filtered by this rule, whose rules.dns does not list "${host}"`,
    change: addDnsName(rule, host),
  }));
}

/** Rules that look meant for DNS and miss this cluster's servers by selector, namespace or port. */
function targetMisses(context: MissContext, servers: readonly PeerIdentity[]): NearMiss[] {
  const server = servers[0];
  if (!server) return [];
  return context.policy.rules.filter(isForDns).flatMap((rule) => targetMiss(context, rule, server));
}

function isForDns(rule: PolicyRule): boolean {
  if (rule.effect !== 'allow') return false;
  if (rule.l7.dns) return true;
  return (
    typeof rule.ports !== 'string' &&
    rule.ports.some((port) => [53, 5353, 8053].includes(numericRange(port)?.from ?? 0))
  );
}

function targetMiss({ state }: MissContext, rule: PolicyRule, server: PeerIdentity): NearMiss[] {
  const ports = matchPorts(state, rule, server).tri;
  const peers = matchPeers(state, rule, server).tri;
  if (ports === 'no' && peers !== 'no') {
    const change = addPort(rule, server.port, server.protocol);
    const statement = `this DNS rule allows ${portsText(rule)}, but queries go to ${packetText(server)}`;
    return [{ rule: ruleRef(rule, undefined), kind: 'dns_target_mismatch', statement, ...(change && { change }) }];
  }
  if (peers !== 'no' || typeof rule.peers === 'string') return [];
  return rule.peers.slice(0, 1).map((peer) => {
    const difference = selectorDifference(peer, server);
    const statement = `this DNS rule does not cover the cluster's DNS, ${server.text}: ${difference.text}`;
    const change = difference.edit && {
      policy: rule.policy,
      op: difference.edit.op,
      path: [...jsonPath(peer.path), 'matchLabels', difference.edit.key],
      value: difference.edit.value,
      why: "makes the rule select the cluster's DNS pods",
    };
    return {
      rule: ruleRef(rule, peer),
      kind: 'dns_target_mismatch',
      statement,
      ...(change && rule.policy.kind !== 'NetworkPolicy' && { change }),
    };
  });
}

function ruleMissing(
  { policy }: MissContext,
  servers: readonly PeerIdentity[],
  listing: Listing | undefined,
): NearMiss[] {
  const server = servers[0];
  if (policy.rules.some(isForDns) || !server) return [];
  const home =
    listing?.rule ?? policy.rules.find((rule) => rule.effect === 'allow' && rule.policy.kind !== 'NetworkPolicy');
  if (!home) return [];
  const change = addRule(
    home.policy,
    sectionOf(home.path),
    dnsRuleFor(server),
    "lets the pod ask the cluster's DNS, through the proxy",
  );
  const statement = `no rule allows the pod's DNS queries (${packetText(server)})`;
  return [{ rule: ruleRef(home, listing?.peer), kind: 'dns_rule_missing', statement, change }];
}

/** The name is listed and DNS works, but past the proxy: Cilium learns nothing from this pod (§2.1). */
function withoutProxy({ state, policy }: MissContext, servers: readonly PeerIdentity[], listing: Listing): NearMiss[] {
  const server = servers[0];
  if (!server) return [];
  const plain = decide(state, policy, server)
    .allows.map((match) => match.rule)
    .find((rule) => rule.policy.kind !== 'NetworkPolicy' && rule.portsPath !== undefined && isForDns(rule));
  const statement = `${listing.peer.text} needs the pod's DNS to pass Cilium's proxy, and no rules.dns rule covers ${packetText(server)}`;
  if (plain)
    return [{ rule: ruleRef(plain, undefined), kind: 'dns_rule_without_l7', statement, change: addDnsFilter(plain) }];
  const { rule, peer } = listing;
  const change = addRule(
    rule.policy,
    sectionOf(rule.path),
    dnsRuleFor(server),
    "sends the pod's DNS through Cilium's proxy, which toFQDNs rules need",
  );
  return [{ rule: ruleRef(rule, peer), kind: 'dns_rule_without_l7', statement, change }];
}

/** Listed for lookup by name, but in no toFQDNs. */
function dnsOnly({ policy }: MissContext, host: string, listing: Listing | undefined): NearMiss[] {
  if (listing) return [];
  return policy.rules.flatMap((rule) => {
    const filter = rule.l7.dns?.find(({ selector, matches }) => selector.matchName !== undefined && matches(host));
    if (!filter) return [];
    const rulePath = {
      policy: rule.policy,
      path: filter.path,
      effect: 'allow' as const,
      text: `rules.dns matchName "${host}"`,
    };
    return [
      {
        rule: rulePath,
        kind: 'name_similar' as const,
        statement: `"${host}" may be looked up by this rule, but no toFQDNs rule lets the pod connect to it`,
      },
    ];
  });
}
