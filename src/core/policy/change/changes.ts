/** Structural policy edits as data, with paths from the object's root; made by near misses and `core/remedy`, rendered by `gitops`. */
import type { PolicyChange } from '../../model/evaluation.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import type { L4Protocol, PolicyRule } from '../rules/rule.ts';

/** `spec.egress[1].toFQDNs[0]` → ['spec', 'egress', 1, 'toFQDNs', 0]. */
export function jsonPath(path: string): (string | number)[] {
  return path.split('.').flatMap((part) => {
    const [key = '', ...indices] = part.split(/[[\]]/).filter((piece) => piece !== '');
    return [key, ...indices.map(Number)];
  });
}

/** Cilium's own kinds, whose changes can be made. */
export function isCiliumKind({ kind }: ObjectRef): boolean {
  return kind === 'CiliumNetworkPolicy' || kind === 'CiliumClusterwideNetworkPolicy';
}

/** Appends the asked name to the rule's toFQDNs. */
export function addName(rule: Pick<PolicyRule, 'policy' | 'path'>, host: string): PolicyChange {
  return {
    policy: rule.policy,
    op: 'add',
    path: [...jsonPath(rule.path), 'toFQDNs', '-'],
    value: { matchName: host },
    why: `lists "${host}", the name the pod asks for`,
  };
}

/** Appends a port to one of the rule's port lists. */
export function addPort(rule: PolicyRule, port: number, protocol: L4Protocol): PolicyChange | undefined {
  if (rule.portsPath === undefined) return undefined;
  const why = `opens ${port}/${protocol} for the destinations of this rule`;
  const { policy } = rule;
  if (policy.kind === 'NetworkPolicy')
    return { policy, op: 'add', path: [...jsonPath(rule.path), 'ports', '-'], value: { port, protocol }, why };
  if (!isCiliumKind(policy)) return undefined;
  const path = [...jsonPath(rule.portsPath), 'ports', '-'];
  return { policy, op: 'add', path, value: { port: String(port), protocol }, why };
}

/** Appends a port list of its own to the element of a Cilium rule: what filters the other ports does not filter this one. */
export function addPortList(rule: PolicyRule, port: number, protocol: L4Protocol): PolicyChange | undefined {
  if (rule.portsPath === undefined || !isCiliumKind(rule.policy)) return undefined;
  const value = { ports: [{ port: String(port), protocol }] };
  const why = `opens ${port}/${protocol} for the destinations of this rule, in a list of its own`;
  return { policy: rule.policy, op: 'add', path: [...jsonPath(rule.path), 'toPorts', '-'], value, why };
}

/** Appends the asked name to a rules.dns list. */
export function addDnsName(rule: PolicyRule, host: string): PolicyChange {
  return {
    policy: rule.policy,
    op: 'add',
    path: [...jsonPath(rule.portsPath ?? rule.path), 'rules', 'dns', '-'],
    value: { matchName: host },
    why: `lets the pod look "${host}" up through the DNS proxy`,
  };
}

/** Appends a TLS server name to the list that a rule lets through. */
export function addServerName(rule: PolicyRule, name: string): PolicyChange | undefined {
  if (rule.portsPath === undefined || !isCiliumKind(rule.policy)) return undefined;
  const path = [...jsonPath(rule.portsPath), 'serverNames', '-'];
  return { policy: rule.policy, op: 'add', path, value: name, why: `lets TLS for "${name}" through` };
}

/** Sends a plain DNS rule through the proxy, still admitting every name. */
export function addDnsFilter(rule: PolicyRule): PolicyChange {
  return {
    policy: rule.policy,
    op: 'add',
    path: [...jsonPath(rule.portsPath ?? rule.path), 'rules'],
    value: { dns: [{ matchPattern: '*' }] },
    why: "sends the pod's DNS through Cilium's proxy, which toFQDNs rules need; every name stays resolvable",
  };
}

/** Appends a whole egress element to a section (`spec` or `specs[n]`). */
export function addRule(policy: ObjectRef, section: string, value: unknown, why: string): PolicyChange {
  return { policy, op: 'add', path: [...jsonPath(section), 'egress', '-'], value, why };
}

/** The section a rule path lies in: `spec.egress[1]` → `spec`. */
export function sectionOf(path: string): string {
  return path.split('.')[0] ?? 'spec';
}
