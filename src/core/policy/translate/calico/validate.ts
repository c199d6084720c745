/** What Calico's API and validator refuse (libcalico-go/lib/validator/v3/validator.go, CEL rules of api/…/v3); called by `policy.ts`. */
import type { CalicoEntity, CalicoPolicy, CalicoRule } from '../../../model/policies/calico.ts';
import { parsePort, protocolOf } from './ports.ts';
import { namesGlobal, parseSelector } from './selector.ts';
import { from332 } from './sorting.ts';

const ACTIONS = ['allow', 'deny', 'pass', 'log'];

export interface Problem {
  readonly text: string;
  /**
   * Felix checks a stored policy with a validator of its own, which knows less (libcalico-go/lib/validator/v1 by way of
   * felix/calc/validation_filter.go): one that did not come by the API is not refused there, and nobody says what it then means.
   */
  readonly apiOnly?: true;
}

/** Why the policy is refused as a whole, first reason first, but those of the nodes before those of the API; undefined when it is sound. */
export function problemOf(policy: CalicoPolicy, version: string | undefined): Problem | undefined {
  const all = problemsOf(policy, version);
  return all.find(({ apiOnly }) => !apiOnly) ?? all[0];
}

function problemsOf(policy: CalicoPolicy, version: string | undefined): Problem[] {
  const head = [
    selectorProblem('spec.selector', policy.selector),
    selectorProblem('spec.namespaceSelector', policy.namespaceSelector),
    selectorProblem('spec.serviceAccountSelector', policy.serviceAccountSelector),
  ];
  const rules = policy.egress.flatMap((rule, index) => ruleProblems(rule, `spec.egress[${index}]`, policy, version));
  return [...head, ...rules].filter((one) => one !== undefined);
}

const byApi = (text: string): Problem => ({ text, apiOnly: true });

function selectorProblem(
  path: string,
  text: string | undefined,
  global: 'alone' | 'never' = 'never',
): Problem | undefined {
  if (!text) return undefined;
  const parsed = parseSelector(text);
  if ('problem' in parsed) return { text: `${path} "${text}" is no selector: ${parsed.problem}` };
  if (!namesGlobal(parsed.selector)) return undefined;
  if (global === 'never') return byApi(`${path}: global() can only be used in a rule's namespaceSelector`);
  return parsed.selector.kind === 'global' ? undefined : byApi(`${path}: global() must stand alone`);
}

// oxlint-disable-next-line max-params -- the rule and where it stands
function ruleProblems(rule: CalicoRule, path: string, policy: CalicoPolicy, version: string | undefined) {
  const { source, destination } = rule;
  const unnamed = destination.services && !destination.services.namespace && policy.kind.startsWith('Global');
  return [
    // Felix 3.31 does not refuse it either: it panics, again and again (felix/rules/policy.go), and what it did last stays in force.
    ACTIONS.includes(rule.action.toLowerCase())
      ? undefined
      : byApi(`${path}.action "${rule.action}" is none of Calico's actions`),
    source.services && byApi(`${path}.source.services is not allowed in an egress rule`),
    unnamed ? byApi(`${path}.destination.services must specify a namespace`) : undefined,
    source.domains.length > 0 ? { text: `${path}.source.domains is not allowed` } : undefined,
    domainProblem(rule, path),
    ...entityProblems(rule, source, `${path}.source`, version),
    ...entityProblems(rule, destination, `${path}.destination`, version),
  ];
}

/** docs.tigera.io (Enterprise) reference/resources/networkpolicy, EntityRule: `domains` goes with Allow, without nets and selectors. */
function domainProblem({ action, destination }: CalicoRule, path: string): Problem | undefined {
  if (destination.domains.length === 0) return undefined;
  if (action.toLowerCase() !== 'allow') return { text: `${path}.destination.domains is for the action Allow only` };
  return destination.nets.length > 0 || destination.selector
    ? { text: `${path}.destination.domains cannot stand beside nets or selector` }
    : undefined;
}

// oxlint-disable-next-line max-params -- as above
function entityProblems(rule: CalicoRule, entity: CalicoEntity, path: string, version: string | undefined) {
  const wrongPort = portProblem(rule, entity, version);
  return [
    selectorProblem(`${path}.selector`, entity.selector),
    selectorProblem(`${path}.notSelector`, entity.notSelector, 'alone'),
    selectorProblem(`${path}.namespaceSelector`, entity.namespaceSelector, 'alone'),
    selectorProblem(`${path}.serviceAccounts.selector`, entity.serviceAccounts?.selector, 'alone'),
    wrongPort === undefined ? undefined : { text: `${path}: ${wrongPort}` },
  ];
}

/** Port names without a protocol are taken from 3.32 on; before that no ports are (libcalico-go/lib/validator/v3, validateRule). */
function portProblem({ protocol }: CalicoRule, { ports, notPorts }: CalicoEntity, version: string | undefined) {
  const all = [...ports, ...notPorts];
  const wrong = all.find((port) => parsePort(port) === undefined);
  if (wrong !== undefined) return `"${wrong}" is no port, range or port name`;
  if (all.length === 0) return undefined;
  const known = protocol === undefined ? undefined : protocolOf(protocol);
  if (protocol !== undefined) return known === undefined || known === 'ICMP' ? `${protocol} has no ports` : undefined;
  if (!from332(version)) return 'ports need a protocol';
  const numbered = all.some((port) => !('name' in (parsePort(port) ?? { name: '' })));
  return numbered ? 'port numbers need a protocol' : undefined;
}
