/** Near misses of scope: a policy that would allow it but misses the pod by one label, or lives in another namespace. */
import type { NearMiss, RuleRef } from '../../model/evaluation.ts';
import { matchRule } from '../decide/match.ts';
import { enforcementOf } from '../engine/enforcement.ts';
import { ruleRef } from '../explain/sentences.ts';
import { NAMESPACE_KEY } from '../identity/labels.ts';
import type { Requirements } from '../rules/label-selector.ts';
import { ciliumRequirements } from '../rules/label-selector.ts';
import { policiesAround } from '../rules/policies.ts';
import type { PolicyRule, PolicySection, TranslatedPolicy } from '../rules/rule.ts';
import { rulesOfSection } from '../rules/rule.ts';
import { gapFor } from '../state/gaps.ts';
import { indexOf } from '../state/state-index.ts';
import { KINDS } from '../translate/registry.ts';
import type { MissContext } from './context.ts';
import type { Difference } from './selector-difference.ts';
import { differenceOf, onlyFailing, selectorEdit } from './selector-difference.ts';

/** @param most after so many the search ends: a cluster has thousands of policies that are nobody's near miss */
export function selectionMisses(context: MissContext, most: number): NearMiss[] {
  const selecting = new Set(context.policy.selecting.map((one) => one.translated));
  const misses: NearMiss[] = [];
  for (const one of policiesAround(context.state, context.policy.pod)) {
    if (misses.length >= most) break;
    if (selecting.has(one)) continue;
    for (const section of one.sections) misses.push(...sectionMiss(context, one, section));
  }
  return misses.slice(0, most);
}

/** The cheap questions first: few policies get as far as having their rules translated. */
function sectionMiss(context: MissContext, translated: TranslatedPolicy, section: PolicySection): NearMiss[] {
  const { state, policy } = context;
  const index = indexOf(state);
  const labels = index.labelsOf(policy.pod);
  const { subject = [] } = section;
  const failing = onlyFailing(subject, labels);
  if (!failing || section.where?.(policy.pod) === 'no') return [];
  const meant = namesPodsNamespace(context, translated, section);
  if (!meant && isForOthers(context, translated, { subject, key: failing.key })) return [];
  if (!translated.valid || enforcementOf(translated.policy.kind, state).enforced === 'no') return [];
  const helps = helping(context, translated, section);
  if (!helps) return [];
  if (failing.key === NAMESPACE_KEY && !KINDS[translated.policy.kind].clusterwide)
    return [otherNamespace(translated, helps, meant)];
  const difference = differenceOf(failing, { index, labels, pod: policy.pod });
  return [notSelected(context, { translated, section }, { difference, helps })];
}

interface Help {
  readonly rule: RuleRef;
  /** e.g. `this policy would allow it`. */
  readonly text: string;
}

/** What the section would let through of that which is missing: the connection, else the pod's DNS. */
function helping(context: MissContext, { layer }: TranslatedPolicy, section: PolicySection): Help | undefined {
  const rule = context.asks(layer) && allowing(context, section, context.missed);
  if (rule) return { rule, text: 'this policy would allow it' };
  const denied = context.questions.filter(({ reason }) => reason === 'default_deny').map(({ identity }) => identity);
  const dns = context.dnsAsks(layer) ? allowing(context, section, denied) : undefined;
  return dns && { rule: dns, text: "this policy would allow the pod's DNS" };
}

export function allowing(
  { state, policy }: MissContext,
  section: PolicySection,
  identities: MissContext['missed'],
): RuleRef | undefined {
  for (const rule of rulesOfSection(section, policy.pod)) {
    if (rule.effect !== 'allow') continue;
    const sure = identities.map((identity) => matchRule(state, rule, identity)).find((match) => match?.tri === 'yes');
    if (sure) return ruleRef(rule, sure.peer);
  }
  return undefined;
}

/** Would the section, once it selects the pod, deny anything? What is asked, or what the pod reaches now and nobody asked about. */
function denies({ policy }: MissContext, section: PolicySection): boolean {
  return rulesOfSection(section, policy.pod).some(({ effect }) => effect === 'deny');
}

/** Would the section, once it selects the pod, stop a lookup that passes now: by isolating the pod, or by filtering names? */
function endsLookup({ policy, lookup }: MissContext, section: PolicySection): boolean {
  if (lookup.stage.decision !== 'allowed') return false;
  const isolates = section.isolates && !policy.defaultDeny;
  return isolates || (!lookup.learned && rulesOfSection(section, policy.pod).some(filtersNames));
}

/** Through the proxy, but every name: nothing that is looked up now is refused. */
function filtersNames({ l7 }: PolicyRule): boolean {
  return l7.dns !== undefined && !l7.dns.some(({ selector }) => selector.matchPattern === '*');
}

function otherNamespace({ ref }: TranslatedPolicy, { rule, text }: Help, meant: boolean): NearMiss {
  const overwritten = meant ? "; the namespace that its endpointSelector names is overwritten by the policy's own" : '';
  const statement = `${text} but lives in namespace ${ref.namespace ?? 'default'}, and it governs only pods there${overwritten}`;
  return { rule, kind: 'other_namespace', statement };
}

/** A CiliumNetworkPolicy's selector may name the pod's namespace, which has no effect (policy-semantics §3.1). */
function namesPodsNamespace(
  { policy: { pod } }: MissContext,
  { policy }: TranslatedPolicy,
  { path }: PolicySection,
): boolean {
  if (policy.kind !== 'CiliumNetworkPolicy') return false;
  const selector = policy.rules.find((one) => one.path === path)?.rule.endpointSelector;
  const named = selector ? ciliumRequirements(selector) : [];
  return named.some(({ key, values }) => key === NAMESPACE_KEY && values.includes(pod.meta.namespace ?? 'default'));
}

interface Section {
  readonly translated: TranslatedPolicy;
  readonly section: PolicySection;
}

function notSelected(
  context: MissContext,
  { translated, section }: Section,
  { difference, helps }: { readonly difference: Difference; readonly helps: Help },
): NearMiss {
  const { state, policy } = context;
  const index = indexOf(state);
  const labels = index.labelsOf(policy.pod);
  const namespace = spaceOf(translated);
  // An edit may take the policy from pods that it selects now: only where it is certain that there are none.
  const taken = gapFor(state, 'pods', namespace) !== undefined || index.takesPods(section.subject ?? [], namespace);
  const free = !taken && !denies(context, section) && !endsLookup(context, section);
  const at = { policy: translated.policy, ref: translated.ref, path: section.path };
  const change = free ? selectorEdit(at, difference, { index, labels, pod: policy.pod }) : undefined;
  const kind = difference.slip ? 'label_similar' : 'pod_not_selected';
  const statement = `${helps.text} but does not select the pod: ${difference.text}`;
  return { rule: helps.rule, kind, statement, ...(change && { change }) };
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
  translated: TranslatedPolicy,
  { subject, key }: { readonly subject: Requirements; readonly key: string },
): boolean {
  return NAMING.has(key) && indexOf(state).takesPods(subject, spaceOf(translated));
}

function spaceOf({ policy }: TranslatedPolicy): string | undefined {
  return KINDS[policy.kind].clusterwide ? undefined : (policy.meta.namespace ?? 'default');
}
