/** What Calico's API and validator refuse (libcalico-go/lib/validator/v3/validator.go, CEL rules of api/…/v3); called by `policy.ts`. */
import type { CalicoEntity, CalicoPolicy, CalicoRule } from '../../../model/policies/calico.ts';
import { parsePort, protocolOf } from './ports.ts';
import { namesGlobal, parseSelector } from './selector.ts';

const ACTIONS = ['allow', 'deny', 'pass', 'log'];

/** Why the policy is refused as a whole, first reason first; undefined when it is sound. */
export function problemOf(policy: CalicoPolicy): string | undefined {
  const head = [
    selectorProblem('spec.selector', policy.selector),
    selectorProblem('spec.namespaceSelector', policy.namespaceSelector),
    selectorProblem('spec.serviceAccountSelector', policy.serviceAccountSelector),
  ];
  const rules = policy.egress.map((rule, index) => ruleProblem(rule, `spec.egress[${index}]`, policy));
  return [...head, ...rules].find((one) => one !== undefined);
}

function selectorProblem(path: string, text: string | undefined, global: 'alone' | 'never' = 'never') {
  if (!text) return undefined;
  const parsed = parseSelector(text);
  if ('problem' in parsed) return `${path} "${text}" is no selector: ${parsed.problem}`;
  if (!namesGlobal(parsed.selector)) return undefined;
  if (global === 'alone') return parsed.selector.kind === 'global' ? undefined : `${path}: global() must stand alone`;
  return `${path}: global() can only be used in a rule's namespaceSelector`;
}

function ruleProblem(rule: CalicoRule, path: string, policy: CalicoPolicy): string | undefined {
  const { source, destination } = rule;
  if (!ACTIONS.includes(rule.action.toLowerCase()))
    return `${path}.action "${rule.action}" is none of Calico's actions`;
  if (source.services) return `${path}.source.services is not allowed in an egress rule`;
  if (destination.services && !destination.services.namespace && policy.kind.startsWith('Global'))
    return `${path}.destination.services must specify a namespace`;
  if (source.domains.length > 0) return `${path}.source.domains is not allowed`;
  return (
    domainProblem(rule, path) ??
    entityProblem(rule, source, `${path}.source`) ??
    entityProblem(rule, destination, `${path}.destination`)
  );
}

/** docs.tigera.io (Enterprise) reference/resources/networkpolicy, EntityRule: `domains` goes with Allow, without nets and selectors. */
function domainProblem({ action, destination }: CalicoRule, path: string): string | undefined {
  if (destination.domains.length === 0) return undefined;
  if (action.toLowerCase() !== 'allow') return `${path}.destination.domains is for the action Allow only`;
  return destination.nets.length > 0 || destination.selector
    ? `${path}.destination.domains cannot stand beside nets or selector`
    : undefined;
}

function entityProblem(rule: CalicoRule, entity: CalicoEntity, path: string): string | undefined {
  return (
    selectorProblem(`${path}.selector`, entity.selector) ??
    selectorProblem(`${path}.notSelector`, entity.notSelector, 'alone') ??
    selectorProblem(`${path}.namespaceSelector`, entity.namespaceSelector, 'alone') ??
    selectorProblem(`${path}.serviceAccounts.selector`, entity.serviceAccounts?.selector, 'alone') ??
    portProblem(rule, entity, path)
  );
}

function portProblem({ protocol }: CalicoRule, { ports, notPorts }: CalicoEntity, path: string): string | undefined {
  const all = [...ports, ...notPorts];
  const wrong = all.find((port) => parsePort(port) === undefined);
  if (wrong !== undefined) return `${path}: "${wrong}" is no port, range or port name`;
  if (all.length === 0) return undefined;
  const known = protocol === undefined ? undefined : protocolOf(protocol);
  if (protocol !== undefined && (known === undefined || known === 'ICMP')) return `${path}: ${protocol} has no ports`;
  const numbered = all.some((port) => !('name' in (parsePort(port) ?? { name: '' })));
  return protocol === undefined && numbered ? `${path}: port numbers need a protocol` : undefined;
}
