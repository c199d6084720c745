/** Near misses of scope: a policy that would allow it but is invalid, misses the pod by one label, or lives in another namespace. */
import type { NearMiss } from '../../model/evaluation.ts';
import { enforcementOf } from '../enforcement.ts';
import { ruleRef } from '../explain.ts';
import type { Requirement, Requirements } from '../label-selector.ts';
import { matchRequirement } from '../label-selector.ts';
import { NAMESPACE_KEY } from '../labels.ts';
import { matchRule } from '../match.ts';
import { allPolicies } from '../policies.ts';
import type { PolicySection, TranslatedPolicy } from '../rule.ts';
import { rulesOfSection } from '../rule.ts';
import { indexOf } from '../state-index.ts';
import { KINDS } from '../translate/registry.ts';
import type { MissContext } from './context.ts';

/** Policies that select the pod and that the engine does not take; reported whatever the verdict. */
export function invalidPolicies(context: MissContext): NearMiss[] {
  return context.policy.selecting
    .filter((one) => one.enforcement.enforced !== 'no' && !one.translated.valid)
    .flatMap(({ translated, sections }) => {
      const helping = sections.flatMap((section) => allowing(context, section)).at(0);
      const rule = helping ?? {
        policy: translated.ref,
        path: 'spec',
        effect: 'allow' as const,
        text: 'the whole policy',
      };
      const effect = helping ? 'the rule that would allow this is therefore not in force' : 'nothing of it is in force';
      return [
        {
          rule,
          kind: 'policy_invalid' as const,
          statement: `${context.policy.settings.cilium ? 'Cilium' : 'the engine'} does not enforce this policy (${translated.invalidReason ?? 'invalid'}); ${effect}`,
        },
      ];
    });
}

/** @param most after so many the search ends: a cluster has thousands of policies that are nobody's near miss */
export function scopeMisses(context: MissContext, most: number): NearMiss[] {
  const selecting = new Set(context.policy.selecting.map((one) => one.translated));
  const misses: NearMiss[] = [];
  for (const one of allPolicies(context.state)) {
    if (misses.length >= most) break;
    if (selecting.has(one)) continue;
    for (const section of one.sections) misses.push(...scopeMiss(context, one, section));
  }
  return misses.slice(0, most);
}

/** The cheap questions first: few policies get as far as having their rules translated. */
function scopeMiss(context: MissContext, translated: TranslatedPolicy, section: PolicySection): NearMiss[] {
  const only = section.subject && onlyFailing(context, section.subject);
  if (section.where?.(context.policy.pod) === 'no') return [];
  if (!only || isForOthers(context, translated, { section, failing: only })) return [];
  if (!translated.valid || enforcementOf(translated.policy.kind, context.state).enforced === 'no') return [];
  const rule = allowing(context, section).at(0);
  if (!rule) return [];
  if (only.key === NAMESPACE_KEY) {
    const statement = `this policy would allow it but lives in namespace ${translated.ref.namespace ?? ''}, and it governs only pods there`;
    return [{ rule, kind: 'other_namespace', statement }];
  }
  return [
    {
      rule,
      kind: 'pod_not_selected',
      statement: `this policy would allow it but does not select the pod: ${requirementText(context, only)}`,
    },
  ];
}

// Labels and namespaces that say which workload a pod is of; any other label is one that a pod may be missing.
const NAMING = new Set([
  NAMESPACE_KEY,
  'app',
  'k8s-app',
  'name',
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
]);

/** The policy names another workload and selects pods of it: it does what it is for, and was not meant for this pod. */
function isForOthers(
  { state }: MissContext,
  { policy }: TranslatedPolicy,
  { section, failing }: { readonly section: PolicySection; readonly failing: Requirement },
): boolean {
  const subject = section.subject;
  if (!NAMING.has(failing.key) || subject === undefined) return false;
  const namespace = KINDS[policy.kind].clusterwide ? undefined : (policy.meta.namespace ?? 'default');
  return indexOf(state).takesPods(subject, namespace);
}

/** The one requirement that keeps the pod out; undefined when there are several. */
function onlyFailing({ state, policy }: MissContext, subject: Requirements): Requirement | undefined {
  const labels = indexOf(state).labelsOf(policy.pod);
  let only: Requirement | undefined;
  for (const one of subject) {
    if (matchRequirement(one, labels) !== 'no') continue;
    if (only) return undefined;
    only = one;
  }
  return only;
}

function requirementText({ policy }: MissContext, { key, operator, values }: Requirement): string {
  const own = policy.pod.meta.labels[key];
  const has = own === undefined ? `has no label ${key}` : `has ${key}=${own}`;
  return `it wants ${key} ${operator === 'In' ? values.join(' or ') : `${operator} ${values.join(', ')}`.trim()}, the pod ${has}`;
}

/** The section's rules that would let the packet through, as references. */
function allowing(context: MissContext, section: PolicySection): NearMiss['rule'][] {
  return rulesOfSection(section, context.policy.pod).flatMap((rule) => {
    if (rule.effect !== 'allow') return [];
    const matches = context.identities.flatMap((identity) => matchRule(context.state, rule, identity) ?? []);
    const sure = matches.find((match) => match.tri === 'yes');
    return sure ? [ruleRef(rule, sure.peer)] : [];
  });
}
