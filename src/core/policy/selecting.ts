/** The policies that select a pod, in words, for `listEgressPolicies` and the pod form of `matchFqdn`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { RuleRef, SelectingPolicy } from '../model/evaluation.ts';
import type { FqdnSelector } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { dnsRef, ruleRef } from './explain/sentences.ts';
import type { Selecting } from './rules/pod-policy.ts';
import { podPolicyOf } from './rules/pod-policy.ts';
import type { PolicyRule } from './rules/rule.ts';

/** Every policy whose selector takes the pod; `valid: false` also when the engine enforces nothing of its kind. */
export function selectingPolicies(state: ClusterState, pod: Pod): readonly SelectingPolicy[] {
  const policy = podPolicyOf(state, pod);
  return policy.selecting.map((one) => {
    const reason = invalidReason(one);
    const isolates = policy.isolatedBy.includes(one.translated.ref);
    const rules = one.sections.flatMap((section) => section.rules.flatMap(refsOf));
    return {
      policy: one.translated.ref,
      isolatesEgress: isolates,
      valid: reason === undefined,
      ...(reason !== undefined && { invalidReason: reason }),
      rules,
    };
  });
}

/** Every name selector of the pod's enforced policies, with the use it is put to. */
export function fqdnSelectorsOf(
  state: ClusterState,
  pod: Pod,
): readonly { readonly rule: RuleRef; readonly selector: FqdnSelector; readonly use: 'toFQDNs' | 'dns' }[] {
  return podPolicyOf(state, pod).rules.flatMap((rule) => [
    ...(typeof rule.peers === 'string' ? [] : rule.peers).flatMap((peer) =>
      peer.match.kind === 'fqdn'
        ? [{ rule: ruleRef(rule, peer), selector: peer.match.selector, use: 'toFQDNs' as const }]
        : [],
    ),
    ...(rule.l7.dns ?? []).map((filter) => ({
      rule: dnsRef(rule, filter),
      selector: filter.selector,
      use: 'dns' as const,
    })),
  ]);
}

function refsOf(rule: PolicyRule): RuleRef[] {
  const peers =
    typeof rule.peers === 'string' ? [ruleRef(rule, undefined)] : rule.peers.map((peer) => ruleRef(rule, peer));
  return [...peers, ...(rule.l7.dns ?? []).map((filter) => dnsRef(rule, filter))];
}

function invalidReason({ translated, enforcement }: Selecting): string | undefined {
  if (translated.invalidReason !== undefined) return translated.invalidReason;
  return enforcement.enforced === 'no' ? enforcement.why : undefined;
}
