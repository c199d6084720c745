/** The change that lets the name be looked up, through Cilium's proxy where name rules need it; used by `propose.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { PolicyChange } from '../model/evaluation.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import { addDnsFilter, addDnsName, addRule, sectionOf } from '../policy/change/changes.ts';
import { dnsRuleFor } from '../policy/change/dns-rule.ts';
import { decide } from '../policy/decide/decide.ts';
import type { PeerIdentity } from '../policy/identity/identity.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import type { PolicyRule } from '../policy/rules/rule.ts';
import { numericRange } from '../policy/rules/rule.ts';
import { dnsServersOf } from '../policy/state/dns-server.ts';

/** For a lookup the proxy refuses: the name goes into the list that filters, next to the policy already being changed if possible. */
export function admitName(
  state: ClusterState,
  policy: PodPolicy,
  host: string,
  near: ObjectRef | undefined,
): PolicyChange | undefined {
  const filters = serverAllows(state, policy).filter((rule) => rule.l7.dns);
  const rule = filters.find((one) => one.policy.name === near?.name && one.policy.kind === near.kind) ?? filters[0];
  return rule && addDnsName(rule, host);
}

/** For a lookup that is dropped, or that bypasses the proxy. */
export function openDns(state: ClusterState, policy: PodPolicy, near: ObjectRef | undefined): PolicyChange | undefined {
  const plain = serverAllows(state, policy).find((rule) => isPlainDnsRule(rule) && !isWider(rule.policy, near));
  if (plain) return addDnsFilter(plain);
  const server = dnsServersOf(state, policy.pod).servers[0];
  const home = near ? policy.rules.find((rule) => rule.policy === near || sameRef(rule.policy, near)) : undefined;
  const rule = home ?? policy.rules.find((one) => one.policy.kind !== 'NetworkPolicy');
  if (!server || !rule || rule.policy.kind === 'NetworkPolicy') return undefined;
  return addRule(
    rule.policy,
    sectionOf(rule.path),
    dnsRuleFor(server),
    "lets the pod ask the cluster's DNS through Cilium's proxy, which toFQDNs rules need",
  );
}

/** A policy of the namespace takes a rule of its own rather than one of every namespace a filter. */
function isWider({ kind }: ObjectRef, near: ObjectRef | undefined): boolean {
  return kind === 'CiliumClusterwideNetworkPolicy' && near?.namespace !== undefined;
}

function serverAllows(state: ClusterState, policy: PodPolicy): PolicyRule[] {
  const { servers } = dnsServersOf(state, policy.pod);
  const rules = servers.flatMap((server: PeerIdentity) =>
    decide(state, policy, server).allows.map((match) => match.rule),
  );
  return [...new Set(rules)];
}

// Only a list of exact ports on TCP/UDP can take rules.dns (policy-semantics §2.2).
function isPlainDnsRule(rule: PolicyRule): boolean {
  if (
    rule.policy.kind === 'NetworkPolicy' ||
    rule.portsPath === undefined ||
    rule.l7.dns ||
    typeof rule.ports === 'string'
  )
    return false;
  return rule.ports.every((one) => {
    const range = numericRange(one);
    return range?.from === range?.to && [53, 5353, 8053].includes(range?.from ?? 0);
  });
}

function sameRef(one: ObjectRef, other: ObjectRef): boolean {
  return one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;
}
