/** The policies that govern one pod and what follows from them together (policy-semantics §3.1, §3.2); input of `decide.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import type { EngineSettings } from './engine.ts';
import { matchRequirements } from './label-selector.ts';
import { kindEnforced, policiesFor } from './policies.ts';
import type { PolicyRule, PolicySection, TranslatedPolicy } from './rule.ts';
import { indexOf } from './state-index.ts';
import type { Tri } from './tri.ts';
import { triAny } from './tri.ts';

/** A policy with the sections that select the pod. */
export interface Selecting {
  readonly translated: TranslatedPolicy;
  readonly sections: readonly PolicySection[];
  readonly selects: Tri;
  readonly enforced: boolean;
}

export interface PodPolicy {
  readonly pod: Pod;
  readonly settings: EngineSettings;
  /** Everything that selects the pod, enforced or not. */
  readonly selecting: readonly Selecting[];
  /** The rules in force. */
  readonly rules: readonly PolicyRule[];
  readonly isolatedBy: readonly ObjectRef[];
  /** Whether what no rule allows is dropped. */
  readonly defaultDeny: boolean;
  /** Policies whose part in the answer cannot be told, in words. */
  readonly doubts: readonly string[];
}

export function podPolicyOf(state: ClusterState, pod: Pod): PodPolicy {
  const { settings } = indexOf(state);
  const selecting = pod.hostNetwork ? [] : selectingOf(state, pod);
  const inForce = selecting.filter((one) => one.enforced && one.translated.valid && one.selects === 'yes');
  const sections = inForce.flatMap((one) => one.sections);
  const isolating = inForce.filter((one) => one.sections.some((section) => section.isolates));
  return {
    pod,
    settings,
    selecting,
    rules: sections.flatMap((section) => section.rules),
    isolatedBy: isolating.map((one) => one.translated.ref),
    defaultDeny: isolating.length > 0 || (settings.cilium && settings.enforcement === 'always'),
    doubts: selecting.flatMap(doubtOf),
  };
}

function selectingOf(state: ClusterState, pod: Pod): Selecting[] {
  const index = indexOf(state);
  const labels = index.labelsOf(pod);
  return policiesFor(state, pod.meta.namespace ?? 'default').flatMap((translated): Selecting[] => {
    const answers = translated.sections.map((section) =>
      section.subject ? matchRequirements(section.subject, labels) : 'no',
    );
    const selects = triAny(answers);
    if (selects === 'no') return [];
    const sections = translated.sections.filter((_, at) => answers[at] === selects);
    return [{ translated, sections, selects, enforced: kindEnforced(translated.policy.kind, index.settings) }];
  });
}

function doubtOf(one: Selecting): string[] {
  const { ref, uncertain } = one.translated;
  if (!one.enforced) return [];
  const name = `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;
  if (uncertain !== undefined) return [`${name}: ${uncertain}`];
  if (one.selects === 'yes' || !one.translated.valid) return [];
  return [`${name}: whether it selects the pod depends on namespace labels that are not in the cluster state`];
}
