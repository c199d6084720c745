/** All policies of a state, namespace by namespace, each translated once and not before it is asked for; `pod-policy.ts` picks those that select a pod. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Policy } from '../../model/policy.ts';
import type { LabelSelector } from '../../model/selector.ts';
import type { Pod } from '../../model/workload.ts';
import type { LabelSet } from '../identity/labels.ts';
import { CLUSTER_KEY, NAMESPACE_KEY } from '../identity/labels.ts';
import { KINDS, translate } from '../translate/registry.ts';
import type { Requirements } from './label-selector.ts';
import type { PolicySection, TranslatedPolicy } from './rule.ts';
import type { SelectorIndex } from './selector-index.ts';
import { selectorIndex } from './selector-index.ts';

interface Entry {
  readonly translated: TranslatedPolicy;
  readonly selectors: readonly (Requirements | undefined)[];
}

interface Place {
  readonly policies: readonly Policy[];
  /** Translates what is translated for the first time. */
  translatedOf(policy: Policy): TranslatedPolicy;
  /** Of all of the place; built when first asked for. */
  index(): SelectorIndex<Entry>;
  /** The label keys that its selectors ask for; undefined where one of them reads pods in a grammar of its own. */
  keysAsked(): readonly string[] | undefined;
}

const EVERYWHERE = '';
const cache = new WeakMap<ClusterState, ReadonlyMap<string, Place>>();

/** Policies that may select a pod of the namespace with these labels, whether enforced here or not. */
export function policiesFor(state: ClusterState, namespace: string, labels: LabelSet): readonly TranslatedPolicy[] {
  const found: TranslatedPolicy[] = [];
  for (const name of [namespace, EVERYWHERE]) {
    const candidates = placesOf(state).get(name)?.index().candidates(labels) ?? [];
    for (const { translated } of candidates) found.push(translated);
  }
  return found;
}

/**
 * The keys of the only labels by which policies tell the pods of a namespace apart; undefined where some policy may read anything of a
 * pod. Pods of a Job or a StatefulSet have labels of their own each, and no policy that asks for them.
 */
export function labelKeysAsked(state: ClusterState, namespace: string): readonly string[] | undefined {
  const keys = new Set<string>();
  for (const name of [namespace, EVERYWHERE]) {
    const place = placesOf(state).get(name);
    const asked = place ? place.keysAsked() : [];
    if (asked === undefined) return undefined;
    for (const key of asked) keys.add(key);
  }
  return [...keys];
}

/**
 * What may be a near miss of selection: all policies around the pod, and those of other namespaces whose selectors its own labels
 * would meet.
 */
export function policiesAround(state: ClusterState, pod: Pod): readonly TranslatedPolicy[] {
  const own = pod.meta.namespace ?? 'default';
  return [...placesOf(state)].flatMap(([name, place]) => {
    const around = name === own || name === EVERYWHERE;
    const near = around ? place.policies : place.policies.filter((policy) => mayTake(policy, pod.meta.labels));
    return near.map((policy) => place.translatedOf(policy));
  });
}

function placesOf(state: ClusterState): ReadonlyMap<string, Place> {
  const known = cache.get(state);
  if (known) return known;
  const places = new Map([...byPlace(state)].map(([name, list]) => [name, placeOf(state, list)] as const));
  cache.set(state, places);
  return places;
}

function byPlace(state: ClusterState): Map<string, Policy[]> {
  const places = new Map<string, Policy[]>();
  for (const policy of state.policies) {
    const name = KINDS[policy.kind].clusterwide ? EVERYWHERE : (policy.meta.namespace ?? 'default');
    const list = places.get(name);
    if (list) list.push(policy);
    else places.set(name, [policy]);
  }
  return places;
}

function placeOf(state: ClusterState, policies: readonly Policy[]): Place {
  const known = new Map<Policy, TranslatedPolicy>();
  const translatedOf = (policy: Policy) => {
    const translated = known.get(policy) ?? translate(policy, state);
    known.set(policy, translated);
    return translated;
  };
  let index: SelectorIndex<Entry> | undefined;
  let keys: { readonly asked: readonly string[] | undefined } | undefined;
  return {
    policies,
    translatedOf,
    index: () => {
      index ??= selectorIndex(policies.map((policy) => entryOf(translatedOf(policy))));
      return index;
    },
    keysAsked: () => {
      keys ??= { asked: keysOf(policies.flatMap((policy) => translatedOf(policy).sections)) };
      return keys.asked;
    },
  };
}

function keysOf(sections: readonly PolicySection[]): readonly string[] | undefined {
  const keys = new Set<string>();
  for (const section of sections) {
    if (section.where || section.rulesFor) return undefined;
    for (const { key } of section.subject ?? []) if (!OF_ALL.has(key)) keys.add(key);
  }
  return [...keys];
}

/** What all pods of a namespace have in common. */
const OF_ALL: ReadonlySet<string> = new Set([NAMESPACE_KEY, CLUSTER_KEY]);

function entryOf(translated: TranslatedPolicy): Entry {
  return { translated, selectors: translated.sections.map(({ subject }) => subject) };
}

/** Cheap and generous: only a label that the pod has otherwise, or lacks, rules a policy out. */
function mayTake(policy: Policy, labels: Readonly<Record<string, string>>): boolean {
  if (policy.kind === 'NetworkPolicy') return demandsMet(policy.podSelector, labels);
  if (policy.kind !== 'CiliumNetworkPolicy') return true;
  return policy.rules.some(({ rule }) => rule.endpointSelector && demandsMet(rule.endpointSelector, labels));
}

function demandsMet({ matchLabels }: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => {
    const own = labels[key] ?? labels[key.replace(/^(?:k8s|any):/, '')];
    return own === value || isOfIdentity(key);
  });
}

/** Labels that identities have and pods do not: `k8s:io.kubernetes.pod.namespace`, `reserved:…`. */
function isOfIdentity(key: string): boolean {
  return /^(?:[a-z0-9]*:)?io\.(?:kubernetes|cilium)\.|^reserved[:.]|^\$/.test(key);
}
