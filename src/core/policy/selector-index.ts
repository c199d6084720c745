/** Finds what may select a pod without asking every selector: by one label that a selector demands; used by `policies.ts` and near misses. */
import type { Requirement, Requirements } from './label-selector.ts';
import type { LabelSet } from './labels.ts';
import { NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from './labels.ts';

/** One thing with the selectors of which any may take a pod; `undefined` takes none. */
export interface Selectable {
  readonly selectors: readonly (Requirements | undefined)[];
}

export interface SelectorIndex<T extends Selectable> {
  /** Everything whose selectors may take the labels, in the order given; each must still be asked. */
  candidates(labels: LabelSet): readonly T[];
}

export function selectorIndex<T extends Selectable>(items: readonly T[]): SelectorIndex<T> {
  const byLabel = new Map<string, number[]>();
  const always: number[] = [];
  for (const [position, item] of items.entries()) {
    const keys = labelsDemanded(item);
    if (keys === undefined) always.push(position);
    else for (const key of keys) append(byLabel, key, position);
  }
  return {
    candidates: (labels) => {
      const positions = [...always];
      for (const [key, value] of labels.sources.get('k8s') ?? [])
        positions.push(...(byLabel.get(pair(key, value)) ?? []));
      const unique = [...new Set(positions)].sort((a, b) => a - b);
      return unique.flatMap((position) => items[position] ?? []);
    },
  };
}

/** Pairs of which a pod must carry at least one to be taken; undefined when a selector takes pods without any. */
function labelsDemanded({ selectors }: Selectable): Set<string> | undefined {
  const pairs = new Set<string>();
  for (const requirements of selectors) {
    if (requirements === undefined) continue;
    const demand = requirements.find(isDemand);
    if (!demand) return undefined;
    for (const value of demand.values) pairs.add(pair(demand.key, value));
  }
  return pairs;
}

/** Labels of a namespace may be unread, and its name is what policies are grouped by already. */
export function isDemand({ source, key, operator }: Requirement): boolean {
  const ofPod = key !== NAMESPACE_KEY && !key.startsWith(NAMESPACE_LABELS_PREFIX);
  return operator === 'In' && ofPod && (source === 'k8s' || source === 'any');
}

function pair(key: string, value: string): string {
  return `${key}=${value}`;
}

function append(map: Map<string, number[]>, key: string, position: number): void {
  const list = map.get(key);
  if (list) list.push(position);
  else map.set(key, [position]);
}
