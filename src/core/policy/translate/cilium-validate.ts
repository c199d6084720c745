/** Whether the agent takes a Cilium policy at all (policy-semantics §3.3, §3.6, §3.7); one bad spec voids the whole object. */
import type {
  CiliumCidrRule,
  CiliumEgressRule,
  CiliumPolicy,
  CiliumPort,
  CiliumPortRule,
  CiliumRule,
} from '../../model/policy.ts';
import { cidrContains, parseCidr } from '../../net/cidr.ts';
import { parseIp } from '../../net/ip.ts';
import type { EngineSettings } from '../engine.ts';
import { selectorProblem } from '../fqdn/selector.ts';
import { isKnownProtocol, isPortName, portNumber, protocolOf } from './cilium-ports.ts';

const PEER_FIELDS = [
  'toEndpoints',
  'toEntities',
  'toCIDR',
  'toCIDRSet',
  'toServices',
  'toGroups',
  'toNodes',
  'toFQDNs',
] as const;
const ENTITIES = new Set([
  'all',
  'world',
  'world-ipv4',
  'world-ipv6',
  'cluster',
  'host',
  'init',
  'ingress',
  'remote-node',
  'health',
  'unmanaged',
  'none',
  'kube-apiserver',
]);
const MAX_PORTS = 40;

/** Why the agent enforces nothing of the policy; undefined when it is sound. */
export function invalidReason(policy: CiliumPolicy, settings: EngineSettings): string | undefined {
  if (policy.rules.length === 0) return 'it has neither spec nor specs';
  for (const { path, rule } of policy.rules) {
    const reason = ruleProblem(policy, rule, settings);
    if (reason) return `${path}${reason.startsWith('.') ? '' : ': '}${reason}`;
  }
  const condition = policy.conditions.find((one) => one.type === 'Valid');
  if (condition?.status !== 'False') return undefined;
  return `its status condition Valid is False${condition.message ? `: ${condition.message.slice(0, 200)}` : ''}`;
}

function ruleProblem(policy: CiliumPolicy, rule: CiliumRule, settings: EngineSettings): string | undefined {
  const egress = rule.egress ?? [];
  const deny = rule.egressDeny ?? [];
  if (!rule.hasIngress && egress.length === 0 && deny.length === 0)
    return 'the rule has no ingress, ingressDeny, egress or egressDeny element';
  return (
    subjectProblem(policy, rule) ??
    firstProblem(egress, 'egress', settings) ??
    firstProblem(deny, 'egressDeny', settings)
  );
}

function subjectProblem(policy: CiliumPolicy, rule: CiliumRule): string | undefined {
  if (rule.endpointSelector) return rule.nodeSelector && 'it has both endpointSelector and nodeSelector';
  if (!rule.nodeSelector) return 'it has neither endpointSelector nor nodeSelector';
  return policy.kind === 'CiliumNetworkPolicy' ? 'nodeSelector is only allowed in a clusterwide policy' : undefined;
}

function firstProblem(
  rules: readonly CiliumEgressRule[],
  field: 'egress' | 'egressDeny',
  settings: EngineSettings,
): string | undefined {
  for (const [index, rule] of rules.entries()) {
    const reason = elementProblem(rule, field === 'egress', settings);
    if (reason) return `.${field}[${index}]: ${reason}`;
  }
  return undefined;
}

function elementProblem(rule: CiliumEgressRule, allow: boolean, settings: EngineSettings): string | undefined {
  const used = PEER_FIELDS.filter((field) => (rule[field]?.length ?? 0) > 0 && (allow || field !== 'toFQDNs'));
  if (used.length > 1) return `combining ${used[0]} and ${used[1]} in one rule is not supported`;
  return (
    peerProblem(rule, settings) ??
    featureProblem(rule, settings) ??
    (allow ? fqdnProblem(rule, settings) : undefined) ??
    portsProblem(rule.toPorts ?? [], allow, settings)
  );
}

function peerProblem(rule: CiliumEgressRule, settings: EngineSettings): string | undefined {
  const entity = rule.toEntities?.find(
    (one) => !ENTITIES.has(one) && !(one === 'cluster-mesh' && settings.minor >= 20),
  );
  if (entity !== undefined) return `"${entity}" is not an entity`;
  const cidr = rule.toCIDR?.find((text) => !parseCidr(text) && !parseIp(text));
  if (cidr !== undefined) return `"${cidr}" is not a CIDR`;
  return rule.toCIDRSet?.map(cidrRuleProblem).find((reason) => reason !== undefined);
}

function cidrRuleProblem(rule: CiliumCidrRule): string | undefined {
  const given = [rule.cidr, rule.cidrGroupRef, rule.cidrGroupSelector].filter((one) => one !== undefined && one !== '');
  if (given.length !== 1) return 'a toCIDRSet entry needs exactly one of cidr, cidrGroupRef and cidrGroupSelector';
  if (rule.cidr === undefined || rule.cidr === '') return undefined;
  const cidr = parseCidr(rule.cidr);
  if (!cidr) return `"${rule.cidr}" is not a CIDR`;
  const outside = rule.except.find((text) => {
    const inner = parseCidr(text);
    return !inner || !cidrContains(cidr, { family: inner.family, value: inner.network });
  });
  return outside === undefined ? undefined : `except "${outside}" does not lie in "${rule.cidr}"`;
}

function featureProblem(rule: CiliumEgressRule, settings: EngineSettings): string | undefined {
  const has = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0;
  if (has(rule.toNodes) && !settings.nodeSelectorLabels) return 'toNodes needs enable-node-selector-labels';
  if (has(rule.toRequires) && settings.minor >= 19) return 'toRequires is refused since Cilium 1.19';
  if (!has(rule.icmps)) return undefined;
  if (!settings.icmpRules) return 'icmps needs enable-icmp-rules';
  return has(rule.toPorts) ? 'icmps and toPorts cannot be combined in one rule' : undefined;
}

function fqdnProblem(rule: CiliumEgressRule, settings: EngineSettings): string | undefined {
  return rule.toFQDNs?.map((selector) => soundOrReason(selector, settings)).find((reason) => reason !== undefined);
}

// Over-long selectors are stored and accepted by the agent before 1.19; they merely select nothing.
function soundOrReason(
  selector: { matchName?: string; matchPattern?: string },
  settings: EngineSettings,
): string | undefined {
  const reason = selectorProblem(selector, settings.minor);
  return reason?.includes('longer than') && settings.minor < 19 ? undefined : reason;
}

function portsProblem(rules: readonly CiliumPortRule[], allow: boolean, settings: EngineSettings): string | undefined {
  for (const rule of rules) {
    const reason = portRuleProblem(rule, settings, allow);
    if (reason) return reason;
  }
  return undefined;
}

function portRuleProblem(rule: CiliumPortRule, settings: EngineSettings, allow: boolean): string | undefined {
  const ports = rule.ports ?? [];
  if (ports.length > MAX_PORTS) return `more than ${MAX_PORTS} ports in one list`;
  const reason = ports.map(portProblem).find((one) => one !== undefined);
  return reason ?? (allow ? l7Problem(rule, ports, settings) : undefined);
}

function portProblem(port: CiliumPort): string | undefined {
  const text = port.port ?? '';
  if (text === '') return 'a port entry has no port';
  if (!isPortName(text) && portNumber(text) === undefined) return `"${text}" is not a port`;
  return isKnownProtocol(protocolOf(port)) ? undefined : `"${port.protocol ?? ''}" is not a protocol`;
}

function l7Problem(rule: CiliumPortRule, ports: readonly CiliumPort[], settings: EngineSettings): string | undefined {
  const { dns, http, serverNames } = l7Parts(rule);
  if (serverNames.includes('')) return 'an empty server name is refused';
  if (dns + http === 0) return undefined;
  const mixed = mixProblem(dns, http, serverNames);
  if (mixed !== undefined) return mixed;
  if (!settings.l7Proxy) return 'L7 rules need the L7 proxy, which is off (enable-l7-proxy)';
  if (ports.some((port) => portNumber(port.port ?? '') === 0)) return 'L7 rules cannot be used on port 0';
  return dns > 0 ? dnsProblem(rule, ports, settings) : httpProblem(ports);
}

function l7Parts(rule: CiliumPortRule): { dns: number; http: number; serverNames: readonly string[] } {
  const { dns = [], http = [], otherL7 = [], serverNames = [] } = rule;
  return { dns: dns.length, http: http.length + otherL7.length, serverNames };
}

// Whether TLS is terminated is not in the model; that exotic combination is therefore reported as invalid.
function mixProblem(dns: number, http: number, serverNames: readonly string[]): string | undefined {
  if (dns > 0 && http > 0) return 'DNS and other L7 rules cannot be combined in one port list';
  return serverNames.length > 0 ? 'serverNames and L7 rules cannot be combined without TLS termination' : undefined;
}

function httpProblem(ports: readonly CiliumPort[]): string | undefined {
  const other = ports.find((port) => protocolOf(port) !== 'TCP');
  return other && `HTTP rules need protocol TCP, not ${protocolOf(other)}`;
}

function dnsProblem(rule: CiliumPortRule, ports: readonly CiliumPort[], settings: EngineSettings): string | undefined {
  if (ports.length === 0) return 'DNS rules need a port';
  if (ports.some((port) => (port.endPort ?? 0) > (portNumber(port.port ?? '') ?? Number.MAX_SAFE_INTEGER)))
    return 'DNS rules do not support port ranges';
  return rule.dns?.map((selector) => soundOrReason(selector, settings)).find((reason) => reason !== undefined);
}
