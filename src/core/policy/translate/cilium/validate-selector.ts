/** Whether Cilium takes a label selector (Kubernetes' own rules, on keys with their source in front); used by the validation. */
import type { LabelRequirement, LabelSelector } from '../../../model/selector.ts';
import { firstProblemOf } from './first-problem.ts';

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 63;
const MAX_PREFIX = 253;

/**
 * Why the selector is refused (pkg/policy/api, EndpointSelector.Sanitize, which validates what apimachinery's
 * ValidateLabelSelector does); undefined when it is sound.
 * @param extended the key as Cilium writes it before the check
 */
export function labelSelectorProblem(
  { matchLabels, matchExpressions }: LabelSelector,
  extended: (key: string) => string,
): string | undefined {
  return (
    firstProblemOf(Object.keys(matchLabels), (key) => {
      return keyProblem(extended(key), key) ?? valueProblem(matchLabels[key] ?? '');
    }) ??
    firstProblemOf(matchExpressions, (one) => {
      return operatorProblem(one) ?? keyProblem(extended(one.key), one.key) ?? firstProblemOf(one.values, valueProblem);
    })
  );
}

function operatorProblem({ key, operator, values }: LabelRequirement): string | undefined {
  const listed = operator === 'In' || operator === 'NotIn';
  if (listed && values.length === 0) return `operator ${operator} on "${key}" needs values`;
  return !listed && values.length > 0 ? `operator ${operator} on "${key}" takes no values` : undefined;
}

/** How that version of the agent reads a key before it checks it. */
export function keyReader(minor: number): (key: string) => string {
  return minor >= 20 ? withoutSource : extendedKey;
}

/** Since 1.20 it checks the key alone, and the source by itself (pkg/labels/validation.go, IsValidCiliumLabelKey). */
function withoutSource(key: string): string {
  const [source = '', own, ...more] = key.split(':');
  if (own === undefined) return key;
  return more.length === 0 && /^[A-Za-z0-9]+$/.test(source) ? own : '';
}

/** `SOURCE:key` → `SOURCE.key`, `$name` → `reserved.name`, `key` → `any.key`; what follows `=` is dropped. */
function extendedKey(key: string): string {
  const [source, rest] = sourceOf(key);
  return `${source}.${rest.split('=')[0] ?? ''}`;
}

function sourceOf(key: string): readonly [source: string, rest: string] {
  if (key.startsWith('$')) return ['reserved', key.slice(1)];
  const colon = key.indexOf(':');
  if (colon >= 0) return [key.slice(0, colon) || 'any', key.slice(colon + 1)];
  return key.startsWith('reserved.') ? ['reserved', key.slice('reserved.'.length)] : ['any', key];
}

function keyProblem(extended: string, key: string): string | undefined {
  const slash = extended.indexOf('/');
  const prefix = slash === -1 ? undefined : extended.slice(0, slash);
  const name = extended.slice(slash + 1);
  const sound =
    name.length <= MAX_NAME &&
    NAME.test(name) &&
    (prefix === undefined || (prefix.length <= MAX_PREFIX && SUBDOMAIN.test(prefix)));
  return sound ? undefined : `"${key}" is not a label key`;
}

function valueProblem(value: string): string | undefined {
  const sound = value === '' || (value.length <= MAX_NAME && NAME.test(value));
  return sound ? undefined : `"${value}" is not a label value`;
}
