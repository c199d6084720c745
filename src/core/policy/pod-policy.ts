/** The policies that govern one pod and what follows from them together (policy-semantics §3.1, §3.2); input of `decide.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import type { Enforcement } from './enforcement.ts';
import { enforcementOf } from './enforcement.ts';
import type { EngineSettings } from './engine.ts';
import { matchRequirements } from './label-selector.ts';
import type { LabelSet } from './labels.ts';
import type { LayerKey } from './layers.ts';
import { policiesFor } from './policies.ts';
import type { PolicyRule, PolicySection, TranslatedPolicy } from './rule.ts';
import { indexOf } from './state-index.ts';
import type { Tri } from './tri.ts';
import { triAny } from './tri.ts';

/** A policy with the sections that select the pod. */
export interface Selecting {
  readonly translated: TranslatedPolicy;
  readonly sections: readonly PolicySection[];
  readonly selects: Tri;
  readonly enforcement: Enforcement;
}

/** One layer with the pod's rules in it, in the order they are asked. */
export interface Layer {
  readonly key: LayerKey;
  readonly rules: readonly PolicyRule[];
  /** The policies that make the engine drop what no rule of the layer matched; empty: the packet goes on. */
  readonly isolatedBy: readonly ObjectRef[];
}

export interface PodPolicy {
  readonly pod: Pod;
  readonly settings: EngineSettings;
  /** Everything that selects the pod, enforced or not. */
  readonly selecting: readonly Selecting[];
  /** The rules in force, of all layers. */
  readonly rules: readonly PolicyRule[];
  /** The gates, each with its layers from first to last; a packet must get through all of them. */
  readonly gates: readonly (readonly Layer[])[];
  readonly isolatedBy: readonly ObjectRef[];
  /** Whether what no rule allows is dropped. */
  readonly defaultDeny: boolean;
  /** Policies whose part in the answer cannot be told, in words. */
  readonly doubts: readonly string[];
}

export function podPolicyOf(state: ClusterState, pod: Pod): PodPolicy {
  const { settings } = indexOf(state);
  const selecting = selectingOf(state, pod);
  const layers = layersOf(selecting.filter(inForce));
  const isolatedBy = layers.flatMap((layer) => layer.isolatedBy);
  return {
    pod,
    settings,
    selecting,
    rules: layers.flatMap((layer) => layer.rules),
    gates: [layers.filter(({ key }) => key.gate === 'policy'), layers.filter(({ key }) => key.gate === 'firewall')],
    isolatedBy,
    defaultDeny: isolatedBy.length > 0 || (settings.cilium && settings.enforcement === 'always'),
    doubts: selecting.flatMap(doubtOf),
  };
}

/** The policies whose selectors take the pod, or may. */
export function selectingOf(state: ClusterState, pod: Pod): readonly Selecting[] {
  if (pod.hostNetwork) return [];
  const labels = indexOf(state).labelsOf(pod);
  const found: Selecting[] = [];
  for (const translated of policiesFor(state, pod.meta.namespace ?? 'default', labels)) {
    const { selects, sections } = selectedSections(translated, labels);
    if (selects === 'no') continue;
    found.push({ translated, sections, selects, enforcement: enforcementOf(translated.policy.kind, state) });
  }
  return found;
}

function selectedSections({ sections }: TranslatedPolicy, labels: LabelSet): Pick<Selecting, 'selects' | 'sections'> {
  const answers = sections.map(({ subject }) => (subject ? matchRequirements(subject, labels) : 'no'));
  const selects = triAny(answers);
  // Nearly every policy has one section: no new list is needed to say that all of them select.
  return {
    selects,
    sections: answers.every((one) => one === selects) ? sections : sections.filter((_, at) => answers[at] === selects),
  };
}

function inForce({ translated, selects, enforcement }: Selecting): boolean {
  return enforcement.enforced === 'yes' && translated.valid && selects === 'yes';
}

/** One layer a position; in an ordered one, policies by their order and then their names. */
function layersOf(selecting: readonly Selecting[]): Layer[] {
  const byPlace = new Map<string, Selecting[]>();
  for (const one of selecting) {
    const place = `${one.translated.layer.gate} ${one.translated.layer.position}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), one]);
  }
  return [...byPlace.values()].flatMap(layerOf).sort((a, b) => a.key.position - b.key.position);
}

function layerOf(members: readonly Selecting[]): Layer[] {
  const key = members[0]?.translated.layer;
  if (!key) return [];
  const inOrder = key.mode === 'union' ? members : members.toSorted(byOrder);
  const isolating = inOrder.filter((one) => one.sections.some((section) => section.isolates));
  return [
    {
      key,
      rules: inOrder.flatMap((one) => one.sections.flatMap((section) => section.rules)),
      isolatedBy: isolating.map((one) => one.translated.ref),
    },
  ];
}

function byOrder({ translated: a }: Selecting, { translated: b }: Selecting): number {
  if (a.order !== b.order) return a.order - b.order;
  return `${a.ref.namespace ?? ''}/${a.ref.name}` < `${b.ref.namespace ?? ''}/${b.ref.name}` ? -1 : 1;
}

function doubtOf(one: Selecting): string[] {
  const { ref, uncertain, valid } = one.translated;
  const { enforced, why } = one.enforcement;
  if (enforced === 'no') return [];
  const name = `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;
  if (uncertain !== undefined) return [`${name}: ${uncertain}`];
  if (!valid) return [];
  if (enforced === 'unknown') return [`${name}: whether it is enforced cannot be told: ${why}`];
  if (one.selects === 'yes') return [];
  return [`${name}: whether it selects the pod depends on labels that are not in the cluster state`];
}
