/** What keeps a label selector from taking a pod, and the one edit that would make it; for policies' subjects and for peers. */
import type { PolicyChange } from '../../model/evaluation.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import type { Policy } from '../../model/policy.ts';
import type { Pod } from '../../model/workload.ts';
import { isCiliumKind, jsonPath } from '../change/changes.ts';
import type { LabelSet } from '../identity/labels.ts';
import { labelFilter, NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../identity/labels.ts';
import type { Requirement, Requirements } from '../rules/label-selector.ts';
import { matchRequirement } from '../rules/label-selector.ts';
import type { StateIndex } from '../state/state-index.ts';
import { isSlip } from './similar.ts';
import type { Place, WrittenSelector } from './written.ts';
import { placeOf, selectorsAt } from './written.ts';

export interface Difference {
  /** The requirement that fails; a selector that fails several is no near miss. */
  readonly failing: Requirement;
  /** e.g. `it wants app=chekcout, the pod has app=checkout`. */
  readonly text: string;
  /** It looks like a slip of the pen, or like a label that no selector can ask for. */
  readonly slip: boolean;
}

/** The one requirement that keeps the pod out; undefined when there are several, or none that certainly does. */
export function onlyFailing(requirements: Requirements, labels: LabelSet): Requirement | undefined {
  let only: Requirement | undefined;
  for (const one of requirements) {
    if (matchRequirement(one, labels) !== 'no') continue;
    if (only) return undefined;
    only = one;
  }
  return only;
}

interface Compared {
  readonly index: StateIndex;
  readonly labels: LabelSet;
  readonly pod: Pod;
}

export function differenceOf(failing: Requirement, { index, labels, pod }: Compared): Difference {
  const { key, operator, values } = failing;
  const value = valueOf(failing, labels);
  const name = keyText(key);
  if (isDropped(index, failing)) {
    const text = `it wants ${name}, a label that Cilium leaves out of identities: a selector that asks for it takes no pod`;
    return { failing, text, slip: true };
  }
  const other = value === undefined ? similarKey(failing, pod) : undefined;
  const wants =
    operator === 'In' ? `${name}=${values.join(' or ')}` : `${name} ${operator} ${values.join(', ')}`.trim();
  const has =
    value !== undefined ? `has ${name}=${value}` : other ? `has ${other}=${values.join()}` : `has no label ${name}`;
  const slip =
    other !== undefined || (operator === 'In' && value !== undefined && values.some((one) => isSlip(one, value)));
  return { failing, text: `it wants ${wants}, the pod ${has}`, slip };
}

function keyText(key: string): string {
  if (key === NAMESPACE_KEY) return 'namespace';
  return key.startsWith(NAMESPACE_LABELS_PREFIX) ? `namespace label ${key.slice(NAMESPACE_LABELS_PREFIX.length)}` : key;
}

/** policy-semantics §3.1: the labels that differ between the pods of one workload (pod-template-hash, a StatefulSet's pod name). */
function isDropped({ settings }: StateIndex, { source, key, operator }: Requirement): boolean {
  if (!settings.cilium || (source !== 'k8s' && source !== 'any')) return false;
  return ['In', 'Exists'].includes(operator) && !labelFilter(settings)(key);
}

/** The pod has the wanted value under a key that is nearly the wanted one. */
function similarKey({ key, operator, values }: Requirement, { meta }: Pod): string | undefined {
  if (operator !== 'In') return undefined;
  return Object.keys(meta.labels).find((own) => isSlip(own, key) && values.includes(meta.labels[own] ?? ''));
}

function valueOf({ key }: Requirement, labels: LabelSet): string | undefined {
  return labels.sources.get('k8s')?.get(key);
}

interface Selector {
  readonly policy: Policy;
  readonly ref: ObjectRef;
  /** `spec`, `specs[n]`, or a peer. */
  readonly path: string;
}

/** The edit of the selector that makes it take the pod; undefined where only the pod, or more than one edit, could. */
export function selectorEdit(at: Selector, { failing }: Difference, compared: Compared): PolicyChange | undefined {
  const selectors = selectorsAt(at.policy, at.path);
  const place = placeOf(selectors, failing);
  const edit = place ? editAt(place, failing, compared) : namespaceEdit(at, selectors, { failing, compared });
  return edit && { policy: at.ref, ...edit, why: 'makes the selector take the pod' };
}

type Edit = Pick<PolicyChange, 'op' | 'path' | 'value'>;

function editAt(
  { written, key, expression }: Place,
  failing: Requirement,
  { index, labels, pod }: Compared,
): Edit | undefined {
  const { path, selector } = written;
  const value = valueOf(failing, labels);
  if (expression !== undefined)
    return expressionEdit([...path, 'matchExpressions', expression, 'values'], failing, value);
  if (key === undefined) return undefined;
  const entries = Object.entries(selector.matchLabels);
  const others = entries.length + selector.matchExpressions.length - 1;
  // Without its last requirement a selector takes everything.
  if (isDropped(index, failing)) return others > 0 ? { op: 'remove', path: [...path, 'matchLabels', key] } : undefined;
  if (value !== undefined) return { op: 'replace', path: [...path, 'matchLabels', key], value };
  const own = similarKey(failing, pod);
  if (own === undefined) return undefined;
  const renamed = entries.map(([name, text]) => [name === key ? key.replace(failing.key, own) : name, text] as const);
  return { op: 'replace', path: [...path, 'matchLabels'], value: Object.fromEntries(renamed) };
}

function expressionEdit(
  path: Edit['path'],
  { operator, values }: Requirement,
  value: string | undefined,
): Edit | undefined {
  if (value === undefined) return undefined;
  if (operator === 'In') return { op: 'add', path: [...path, '-'], value };
  if (operator === 'NotIn' && values.length > 1) return { op: 'remove', path: [...path, values.indexOf(value)] };
  return undefined;
}

/** A namespace that is not written is the policy's own; another one must be. */
function namespaceEdit(
  at: Selector,
  selectors: readonly WrittenSelector[],
  { failing, compared }: { failing: Requirement; compared: Compared },
): Edit | undefined {
  const namespace = compared.pod.meta.namespace ?? 'default';
  const isPeer = jsonPath(at.path).length > 2;
  if (failing.key !== NAMESPACE_KEY || !isPeer || selectors.length !== 1) return undefined;
  const [only] = selectors;
  if (isCiliumKind(at.ref) && only)
    return { op: 'add', path: [...only.path, 'matchLabels', `k8s:${NAMESPACE_KEY}`], value: namespace };
  if (at.ref.kind !== 'NetworkPolicy') return undefined;
  const value = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return { op: 'add', path: [...jsonPath(at.path), 'namespaceSelector'], value };
}
