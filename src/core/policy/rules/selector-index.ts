/** Finds what may select a pod without asking every selector: by one label that a selector demands; used by `policies.ts` and near misses. */

import type { LabelSet } from '../identity/labels.ts';
import { NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../identity/labels.ts';
import type { Requirement, Requirements } from './label-selector.ts';

/** One thing with the selectors of which any may take a pod; `undefined` takes none. */
export interface Selectable {
  readonly selectors: readonly (Requirements | undefined)[];
}

export interface SelectorIndex<T extends Selectable> {
  /** Everything whose selectors may take the labels, in the order given; each must still be asked. */
  candidates(labels: LabelSet): readonly T[];
}

export function selectorIndex<T extends Selectable>(items: readonly T[]): SelectorIndex<T> {
  const byLabel = new Map<string, Map<string, number[]>>();
  const always: number[] = [];
  for (const [position, item] of items.entries()) {
    const demands = labelsDemanded(item);
    if (demands === undefined) always.push(position);
    else for (const { key, values } of demands) for (const value of values) append(byLabel, [key, value], position);
  }
  return {
    candidates: (labels) => {
      const positions = [...always];
      // Few keys are ever demanded, fewer than a pod has labels.
      for (const [key, byValue] of byLabel) {
        for (const own of labels.sources.values()) {
          const value = own.get(key);
          const found = value === undefined ? undefined : byValue.get(value);
          if (found) positions.push(...found);
        }
      }
      return inOrder(positions).map((position) => items[position] as T);
    },
  };
}

function inOrder(positions: readonly number[]): readonly number[] {
  return positions.length < 2 ? positions : [...new Set(positions)].sort((a, b) => a - b);
}

/** Requirements of which a pod must meet at least one to be taken; undefined when a selector takes pods without any. */
function labelsDemanded({ selectors }: Selectable): readonly Requirement[] | undefined {
  const demands: Requirement[] = [];
  for (const requirements of selectors) {
    if (requirements === undefined) continue;
    const demand = requirements.find(isDemand);
    if (!demand) return undefined;
    demands.push(demand);
  }
  return demands;
}

/** Labels of a namespace may be unread, and its name is what policies are grouped by already. */
export function isDemand({ source, key, operator }: Requirement): boolean {
  const ofPod = key !== NAMESPACE_KEY && !key.startsWith(NAMESPACE_LABELS_PREFIX);
  return operator === 'In' && ofPod && (source === 'k8s' || source === 'any');
}

function append(
  map: Map<string, Map<string, number[]>>,
  [key, value]: readonly [string, string],
  position: number,
): void {
  const byValue = map.get(key) ?? new Map<string, number[]>();
  map.set(key, byValue);
  const list = byValue.get(value) ?? [];
  byValue.set(value, list);
  if (list.at(-1) !== position) list.push(position);
}
