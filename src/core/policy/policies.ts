/** All policies of a state, translated once; `pod-policy.ts` picks those that select a pod. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Requirements } from './label-selector.ts';
import type { LabelSet } from './labels.ts';
import type { TranslatedPolicy } from './rule.ts';
import type { SelectorIndex } from './selector-index.ts';
import { selectorIndex } from './selector-index.ts';
import { KINDS, translate } from './translate/registry.ts';

interface Entry {
  readonly translated: TranslatedPolicy;
  readonly selectors: readonly (Requirements | undefined)[];
}

interface Group {
  readonly entries: readonly Entry[];
  readonly index: SelectorIndex<Entry>;
}

const EVERYWHERE = '';
const cache = new WeakMap<ClusterState, ReadonlyMap<string, Group>>();

/** Policies that may select a pod of the namespace with these labels, whether enforced here or not. */
export function policiesFor(state: ClusterState, namespace: string, labels: LabelSet): readonly TranslatedPolicy[] {
  const groups = groupsOf(state);
  return [namespace, EVERYWHERE].flatMap(
    (key) =>
      groups
        .get(key)
        ?.index.candidates(labels)
        .map(({ translated }) => translated) ?? [],
  );
}

/** Every policy of the state, for near misses in other namespaces. */
export function allPolicies(state: ClusterState): readonly TranslatedPolicy[] {
  return [...groupsOf(state).values()].flatMap(({ entries }) => entries.map(({ translated }) => translated));
}

function groupsOf(state: ClusterState): ReadonlyMap<string, Group> {
  const known = cache.get(state);
  if (known) return known;
  const groups = new Map([...translatedByPlace(state)].map(([place, list]) => [place, groupOf(list)]));
  cache.set(state, groups);
  return groups;
}

function translatedByPlace(state: ClusterState): Map<string, TranslatedPolicy[]> {
  const places = new Map<string, TranslatedPolicy[]>();
  for (const policy of state.policies) {
    const place = KINDS[policy.kind].clusterwide ? EVERYWHERE : (policy.meta.namespace ?? 'default');
    const list = places.get(place) ?? [];
    if (list.length === 0) places.set(place, list);
    list.push(translate(policy, state));
  }
  return places;
}

function groupOf(list: readonly TranslatedPolicy[]): Group {
  const entries = list.map((translated) => ({
    translated,
    selectors: translated.sections.map(({ subject }) => subject),
  }));
  return { entries, index: selectorIndex(entries) };
}
