/** The selectors of Calico's policies and rules, put together as Felix does; used by the files of this room. */
import type { CalicoEntity, CalicoPolicy, CalicoServiceAccounts } from '../../../model/policies/calico.ts';
import type { Requirement } from '../../rules/label-selector.ts';
import type { Tri } from '../../tri.ts';
import { triAnd, triNot } from '../../tri.ts';
import { NAMESPACE, NAMESPACE_PREFIX, SERVICE_ACCOUNT, SERVICE_ACCOUNT_PREFIX } from './labels.ts';
import type { LabelLookup, Selector } from './selector.ts';
import { mapSelector, matchSelector, parseSelector } from './selector.ts';

export type LabelTest = (labels: LabelLookup) => Tri;

const ALL: Selector = { kind: 'all' };
const GLOBAL: Selector = { kind: 'global' };
const NAMESPACED: Selector = { kind: 'has', label: NAMESPACE };

/** A policy with a text that is no selector is not in force (`validate.ts`); taking everything, it is told to every pod it may be for. */
function read(text: string): Selector {
  const parsed = parseSelector(text);
  return 'selector' in parsed ? parsed.selector : ALL;
}

/** Whom a policy governs, within its namespace if it has one (updateprocessors/networkpolicyprocessor.go, globalnetworkpolicyprocessor.go). */
export function podSelector(policy: CalicoPolicy): Selector {
  const { selector, namespaceSelector, serviceAccountSelector, kind } = policy;
  return conjunction([
    selector ? read(selector) : undefined,
    kind === 'GlobalNetworkPolicy.projectcalico.org' && namespaceSelector ? ofNamespaces(namespaceSelector) : undefined,
    serviceAccountSelector ? ofServiceAccounts(serviceAccountSelector) : undefined,
  ]);
}

/**
 * Whom `selector` and what stands beside it take; undefined without any of them (updateprocessors/rules.go GetEntityRuleSelector). A
 * namespaced policy stays in its namespace as soon as one of them is used, `notSelector` included.
 */
export function positiveSelector(entity: CalicoEntity, namespace: string | undefined): Selector | undefined {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = entity;
  const accounts = serviceAccounts && accountSelector(serviceAccounts);
  const own = selector ? read(selector) : undefined;
  if (namespaceSelector) return conjunction([ofNamespaces(namespaceSelector), accounts, own]);
  if (!own && !accounts && !notSelector) return undefined;
  const home = namespace === undefined ? undefined : inNamespace(namespace);
  const parts = [home, accounts, own];
  return parts.some((one) => one !== undefined) ? conjunction(parts) : undefined;
}

/**
 * The whole match of an entity on labels: what a positive selector takes is narrowed by the negative one thing by thing; alone, the
 * negative one takes every address of what it names (felix/calc/rule_scanner.go combineMatchesIfPossible).
 */
export function entityTests(
  entity: CalicoEntity,
  namespace: string | undefined,
): { readonly takes?: LabelTest; readonly avoids?: LabelTest } {
  const positive = positiveSelector(entity, namespace);
  const negative = entity.notSelector ? read(entity.notSelector) : undefined;
  const avoids = negative && ((labels: LabelLookup) => matchSelector(negative, labels));
  if (!positive) return avoids ? { avoids } : {};
  return {
    takes: (labels) => {
      const taken = matchSelector(positive, labels);
      return avoids ? triAnd(taken, triNot(avoids(labels))) : taken;
    },
  };
}

function conjunction(parts: readonly (Selector | undefined)[]): Selector {
  const of = parts.filter((one) => one !== undefined);
  const [only, ...others] = of;
  if (!only) return ALL;
  return others.length === 0 ? only : { kind: 'and', of };
}

function inNamespace(name: string): Selector {
  return { kind: '==', label: NAMESPACE, values: [name] };
}

/** In a namespaceSelector `all()` is every workload of a namespace and `global()` what is in none. */
function ofNamespaces(text: string): Selector {
  const global: Selector = { kind: 'not', of: NAMESPACED };
  return mapSelector(read(text), { label: (label) => NAMESPACE_PREFIX + label, all: NAMESPACED, global });
}

function ofServiceAccounts(text: string): Selector {
  return mapSelector(read(text), { label: (label) => SERVICE_ACCOUNT_PREFIX + label, all: ALL, global: GLOBAL });
}

function accountSelector({ names, selector }: CalicoServiceAccounts): Selector | undefined {
  if (names.length === 0 && !selector) return undefined;
  return conjunction([
    selector ? ofServiceAccounts(selector) : undefined,
    names.length > 0 ? { kind: 'in', label: SERVICE_ACCOUNT, values: names } : undefined,
  ]);
}

/** A selector in two parts: plain demands on a pod's own labels, which are looked up and may be missed by one label, and what is left. */
export function splitSelector(selector: Selector): {
  readonly requirements: readonly Requirement[];
  readonly rest?: Selector;
} {
  const parts = selector.kind === 'and' ? selector.of.map(splitSelector) : [splitOne(selector)];
  const rest = parts.flatMap((part) => part.rest ?? []);
  return {
    requirements: parts.flatMap((part) => part.requirements),
    ...(rest.length > 0 && { rest: conjunction(rest) }),
  };
}

function splitOne(selector: Selector): ReturnType<typeof splitSelector> {
  if (selector.kind === 'all') return { requirements: [] };
  const requirement = requirementOf(selector);
  return requirement && !FOREIGN.test(requirement.key)
    ? { requirements: [requirement] }
    : { requirements: [], rest: selector };
}

/** Labels that do not stand on the pod itself, under the names of this engine or of another. */
const FOREIGN = /^(?:projectcalico\.org\/|pcns\.|pcsa\.|io\.cilium\.|io\.kubernetes\.pod\.namespace$)/;

function requirementOf(selector: Selector): Requirement | undefined {
  const base = { source: 'k8s', values: [] };
  switch (selector.kind) {
    case 'has':
      return { ...base, key: selector.label, operator: 'Exists' };
    case '==':
    case 'in':
      return { ...base, key: selector.label, operator: 'In', values: selector.values };
    case '!=':
    case 'not in':
      return { ...base, key: selector.label, operator: 'NotIn', values: selector.values };
    case 'not':
      return selector.of.kind === 'has' ? { ...base, key: selector.of.label, operator: 'DoesNotExist' } : undefined;
    default:
      return undefined;
  }
}
