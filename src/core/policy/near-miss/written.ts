/** Finds a translated requirement again in the policy as it is written, so that a change can name its place; for selector differences. */
import type { Policy } from '../../model/policy.ts';
import { isPatchable } from '../../model/policy.ts';
import type { LabelSelector } from '../../model/selector.ts';
import { jsonPath } from '../change/changes.ts';
import { NAMESPACE_LABELS_PREFIX } from '../identity/labels.ts';
import type { Requirement } from '../rules/label-selector.ts';
import { ciliumRequirements, k8sRequirements } from '../rules/label-selector.ts';

type Path = readonly (string | number)[];

/** A selector in the object, with the reading that its engine gives it. */
export interface WrittenSelector {
  readonly path: Path;
  readonly selector: LabelSelector;
  readonly read: (selector: LabelSelector) => readonly Requirement[];
}

/** Where a requirement stands: a key of `matchLabels`, or an index of `matchExpressions`. */
export interface Place {
  readonly written: WrittenSelector;
  readonly key?: string;
  readonly expression?: number;
}

/** The selectors at a place of the policy (`spec`, a peer): one, or of a NetworkPolicy's peer up to two. None in other kinds. */
export function selectorsAt(policy: Policy, path: string): WrittenSelector[] {
  if (!isPatchable(policy)) return [];
  const at = jsonPath(path);
  const found = valueAt(policy, at);
  if (policy.kind !== 'NetworkPolicy') {
    const subject = at.length <= 2;
    const selector = subject ? (found as { endpointSelector?: LabelSelector } | undefined)?.endpointSelector : found;
    return written(subject ? [...at, 'endpointSelector'] : at, selector, ciliumRequirements);
  }
  const { podSelector, namespaceSelector } = (found ?? {}) as { podSelector?: unknown; namespaceSelector?: unknown };
  return [
    ...written([...at, 'podSelector'], podSelector, k8sRequirements),
    ...written([...at, 'namespaceSelector'], namespaceSelector, (one) => k8sRequirements(one, NAMESPACE_LABELS_PREFIX)),
  ];
}

function written(path: Path, selector: unknown, read: WrittenSelector['read']): WrittenSelector[] {
  const known = selector as LabelSelector | undefined;
  return known?.matchLabels ? [{ path, selector: known, read }] : [];
}

/** `spec` of a Cilium policy is one rule of the model, `specs[n]` another; a NetworkPolicy is its own `spec`. */
function valueAt(policy: Policy, path: Path): unknown {
  const [root, index] = path;
  if (policy.kind === 'NetworkPolicy') return walk(policy, path.slice(1));
  if (!('rules' in policy)) return undefined;
  const name = root === 'specs' ? `specs[${index}]` : 'spec';
  const rule = policy.rules.find((one) => one.path === name)?.rule;
  return walk(rule, path.slice(root === 'specs' ? 2 : 1));
}

function walk(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}

/** Undefined for what the engine itself adds. */
export function placeOf(selectors: readonly WrittenSelector[], wanted: Requirement): Place | undefined {
  for (const one of selectors) {
    const { matchLabels, matchExpressions } = one.selector;
    const key = Object.keys(matchLabels).find((text) =>
      one
        .read({ matchLabels: { [text]: matchLabels[text] ?? '' }, matchExpressions: [] })
        .some((own) => same(own, wanted)),
    );
    if (key !== undefined) return { written: one, key };
    const expression = matchExpressions.findIndex((part) =>
      one.read({ matchLabels: {}, matchExpressions: [part] }).some((own) => same(own, wanted)),
    );
    if (expression !== -1) return { written: one, expression };
  }
  return undefined;
}

function same(one: Requirement, other: Requirement): boolean {
  return (
    one.source === other.source &&
    one.key === other.key &&
    one.operator === other.operator &&
    one.values.length === other.values.length &&
    one.values.every((value, index) => value === other.values[index])
  );
}
