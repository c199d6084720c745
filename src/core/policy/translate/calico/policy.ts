/** Calico's NetworkPolicy and GlobalNetworkPolicy into the internal rules (policy-semantics §5.3); called by `registry.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type { CalicoPolicy } from '../../../model/policies/calico.ts';
import type { Pod } from '../../../model/workload.ts';
import { NAMESPACE_KEY } from '../../identity/labels.ts';
import { equals } from '../../rules/label-selector.ts';
import type { PolicyRule, PolicySection, TranslatedPolicy } from '../../rules/rule.ts';
import { podLookup } from './labels.ts';
import { calicoRule, hasSource, ruleForPod } from './rule.ts';
import { podSelector, splitSelector } from './rule-selectors.ts';
import { matchSelector } from './selector.ts';
import { policyKey } from './sorting.ts';
import { tierPlace } from './tiers.ts';
import type { Problem } from './validate.ts';
import { problemOf } from './validate.ts';

export function translateCalico(policy: CalicoPolicy, state: ClusterState): TranslatedPolicy {
  const { namespace, name } = policy.meta;
  const ref = { kind: policy.kind, ...(namespace && { namespace }), name };
  const place = tierPlace(state, policy.tier);
  const problem = problemOf(policy, state.engine.version);
  const refused = problem?.apiOnly ? undefined : problem?.text;
  const doubt = place.uncertain ?? httpDoubt(policy) ?? apiDoubt(problem);
  return {
    policy,
    ref,
    layer: place.layer,
    order: policy.order ?? Number.POSITIVE_INFINITY,
    sortKey: policyKey(policy, state.engine.version),
    valid: refused === undefined,
    ...(refused !== undefined && { invalidReason: `Calico refuses it: ${refused}` }),
    ...(doubt !== undefined && { uncertain: doubt }),
    sections: [sectionOf(policy, ref, { state, drops: place.drops })],
  };
}

/** An Egress policy without rules isolates too; one of type Ingress has no say here, whatever rules it has (policy_sorter.go). */
function sectionOf(
  policy: CalicoPolicy,
  ref: ObjectRef,
  { state, drops }: { readonly state: ClusterState; readonly drops: boolean },
): PolicySection {
  const governs = egressOf(policy);
  const { requirements, rest } = splitSelector(podSelector(policy));
  const namespace =
    policy.kind === 'NetworkPolicy.projectcalico.org' ? (policy.meta.namespace ?? 'default') : undefined;
  const made = (governs ? policy.egress : []).flatMap((source, index) => {
    const context = { state, policy: ref, namespace, path: `spec.egress[${index}]` };
    const rule = calicoRule(source, context);
    return rule ? [{ rule, source, context }] : [];
  });
  return {
    path: 'spec',
    subject: hostOnly(policy)
      ? undefined
      : [...requirements, ...(namespace === undefined ? [] : [equals('k8s', NAMESPACE_KEY, namespace)])],
    ...(rest && { where: (pod: Pod) => matchSelector(rest, podLookup(state, pod)) }),
    isolates: governs && drops,
    rules: made.map(({ rule }) => rule),
    ...(made.some(({ source }) => hasSource(source)) && {
      rulesFor: (pod: Pod): PolicyRule[] =>
        made.flatMap(({ rule, source, context }) => ruleForPod(rule, source, context, pod) ?? []),
    }),
  };
}

/**
 * Policies that act before connection tracking or address translation are for host endpoints: a workload has only the normal tiers
 * (felix/calc/event_sequencer.go tierInfoToProtoTierInfo). `applyOnForward` adds host endpoints and takes no pod away.
 */
function hostOnly({ doNotTrack, preDNAT }: CalicoPolicy): boolean {
  return doNotTrack || preDNAT;
}

/** Without types: Ingress, unless there are egress rules (api/…/v3 GlobalNetworkPolicySpec.Types). */
function egressOf({ types, egress }: CalicoPolicy): boolean {
  if (types === undefined || types.length === 0) return egress.length > 0;
  return types.some((type) => type.toLowerCase() === 'egress');
}

function apiDoubt(problem: Problem | undefined): string | undefined {
  if (!problem?.apiOnly) return undefined;
  return `${problem.text}: Calico's API refuses that, but the nodes do not if a policy was stored without it`;
}

function httpDoubt({ egress }: CalicoPolicy): string | undefined {
  const index = egress.findIndex(({ http }) => http);
  return index === -1
    ? undefined
    : `spec.egress[${index}] has an http match, which Calico's API refuses in egress rules and which the nodes do not apply`;
}
