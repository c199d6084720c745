/** Label selectors compiled once per policy and asked per identity; used by the translators. */
import type { LabelSelector } from '../../model/selector.ts';
import { ASSUMED_MINOR } from '../engine/settings.ts';
import type { LabelSet } from '../identity/labels.ts';
import { NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../identity/labels.ts';
import type { Tri } from '../tri.ts';
import { triOf } from '../tri.ts';

/** One requirement; `source` is `any` or a label source such as `k8s` or `reserved`. */
export interface Requirement {
  readonly source: string;
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export type Requirements = readonly Requirement[];

/** Cilium's reading of a selector's keys: `SOURCE:key`, `$name` for reserved ones, `any` source without a prefix. */
export function ciliumRequirements(selector: LabelSelector, minor: number = ASSUMED_MINOR): Requirements {
  return requirementsOf(selector, minor >= 20 ? keySince20 : ciliumKey);
}

/** Kubernetes' own selectors: every key is a Kubernetes label; `prefix` turns namespace labels into identity labels. */
export function k8sRequirements(selector: LabelSelector, prefix = ''): Requirements {
  return requirementsOf(selector, (key) => ({ source: 'k8s', key: prefix + key }));
}

export function equals(source: string, key: string, value: string): Requirement {
  return { source, key, operator: 'In', values: [value] };
}

export function exists(source: string, key: string): Requirement {
  return { source, key, operator: 'Exists', values: [] };
}

/** True when any requirement is on exactly this key, whatever its source among `sources`. */
export function hasKey(requirements: Requirements, key: string, sources: readonly string[]): boolean {
  return requirements.some((one) => one.key === key && sources.includes(one.source));
}

export function matchRequirements(requirements: Requirements, labels: LabelSet): Tri {
  let result: Tri = 'yes';
  for (const requirement of requirements) {
    const one = matchRequirement(requirement, labels);
    if (one === 'no') return 'no';
    if (one === 'unknown') result = 'unknown';
  }
  return result;
}

export function matchRequirement(requirement: Requirement, labels: LabelSet): Tri {
  const value = lookUp(requirement, labels);
  if (value === undefined && mayBeUnread(requirement.key, labels)) return 'unknown';
  switch (requirement.operator) {
    case 'In':
      return triOf(value !== undefined && requirement.values.includes(value));
    case 'NotIn':
      return triOf(value === undefined || !requirement.values.includes(value));
    case 'Exists':
      return triOf(value !== undefined);
    case 'DoesNotExist':
      return triOf(value === undefined);
  }
}

function mayBeUnread(key: string, labels: LabelSet): boolean {
  return !labels.namespaceLabelsKnown && key.startsWith(NAMESPACE_LABELS_PREFIX);
}

function lookUp(requirement: Requirement, labels: LabelSet): string | undefined {
  if (requirement.source !== 'any') return labels.sources.get(requirement.source)?.get(requirement.key);
  for (const source of labels.sources.values()) {
    const value = source.get(requirement.key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Pods of the namespaces that the selector takes; an empty one takes all, and still nothing but pods. */
export function inNamespaces(selector: LabelSelector): Requirements {
  return [...k8sRequirements(selector, NAMESPACE_LABELS_PREFIX), exists('k8s', NAMESPACE_KEY)];
}

function requirementsOf(
  selector: LabelSelector,
  keyOf: (key: string) => { source: string; key: string },
): Requirements {
  const { matchLabels, matchExpressions } = selector;
  const found = Object.keys(matchLabels).map((written): Requirement => {
    const { source, key } = keyOf(written);
    return { source, key, operator: 'In', values: [matchLabels[written] ?? ''] };
  });
  for (const { key: written, operator, values } of matchExpressions) {
    const { source, key } = keyOf(written);
    found.push({ source, key, operator, values });
  }
  return found;
}

/** A dot no longer ends the source `reserved` (pkg/labels, NewSourceEncodedLabelKey). */
function keySince20(key: string): { source: string; key: string } {
  return key.startsWith('reserved.') ? { source: 'any', key } : ciliumKey(key);
}

function ciliumKey(key: string): { source: string; key: string } {
  if (key.startsWith('$')) return { source: 'reserved', key: key.slice(1) };
  const colon = key.indexOf(':');
  if (colon > 0) return { source: key.slice(0, colon), key: key.slice(colon + 1) };
  if (key.startsWith('reserved.')) return { source: 'reserved', key: key.slice('reserved.'.length) };
  return { source: 'any', key: colon === 0 ? key.slice(1) : key };
}
