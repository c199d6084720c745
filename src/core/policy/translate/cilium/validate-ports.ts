/** Whether the agent takes a port list and its layer 7 rules (cilium pkg/policy/api/rule_validation.go); used by `validate.ts`. */
import type { CiliumPort, CiliumPortRule } from '../../../model/policy.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import { firstProblemOf } from './first-problem.ts';
import { hasNoPorts, isKnownProtocol, isPortName, otherL7Of, portNumber, protocolOf, REDIRECTS } from './ports.ts';
import { dnsEntryProblem } from './validate-names.ts';

interface Circumstances {
  readonly settings: EngineSettings;
  readonly allow: boolean;
  readonly onHost: boolean;
}

const MAX_PORTS = 40;

/** Why the port lists of one element are refused; undefined when they are sound. */
export function portsProblem(rules: readonly CiliumPortRule[] | undefined, where: Circumstances): string | undefined {
  return firstProblemOf(rules, (rule) => portRuleProblem(rule, where));
}

function portRuleProblem(rule: CiliumPortRule, where: Circumstances): string | undefined {
  const ports = rule.ports ?? [];
  if (ports.length > MAX_PORTS) return `more than ${MAX_PORTS} ports in one list`;
  const { minor } = where.settings;
  const reason = firstProblemOf(ports, (port) => portProblem(port, minor));
  if (reason !== undefined || !where.allow) return reason;
  return rule.serverNames?.includes('') ? 'an empty server name is refused' : l7Problem(rule, where);
}

function portProblem(port: CiliumPort, minor: number): string | undefined {
  const text = port.port ?? '';
  if (text === '') return 'a port entry has no port';
  if (!isPortName(text)) {
    // Compared as written, before the protocol is put into upper case.
    if (text !== '0' && hasNoPorts(port.protocol ?? '', minor)) return `${port.protocol} has no ports`;
    if (portNumber(text) === undefined) return `"${text}" is not a port`;
  }
  return isKnownProtocol(protocolOf(port), minor) ? undefined : `"${port.protocol ?? ''}" is not a protocol`;
}

function l7Problem(rule: CiliumPortRule, where: Circumstances): string | undefined {
  const { dns = [], http = [], ports = [] } = rule;
  const others = otherL7Of(rule, where.settings.minor).filter((name) => !REDIRECTS.includes(name));
  const isDns = dns.length > 0;
  if (!isDns && http.length + others.length === 0) return undefined;
  const reason = besideProblem(rule) ?? placeProblem(ports, isDns, where) ?? mixProblem(rule, others);
  return reason ?? (isDns ? dnsProblem(rule, where.settings) : tcpProblem(ports));
}

/** What L7 rules cannot stand beside. */
function besideProblem({ otherL7 = [], serverNames = [] }: CiliumPortRule): string | undefined {
  if (serverNames.length > 0 && !otherL7.includes('terminatingTLS'))
    return 'serverNames and L7 rules cannot be combined without TLS termination';
  return otherL7.includes('listener') ? 'a listener and L7 rules cannot be combined' : undefined;
}

function placeProblem(ports: readonly CiliumPort[], isDns: boolean, where: Circumstances): string | undefined {
  if (!where.settings.l7Proxy) return 'L7 rules need the L7 proxy, which is off (enable-l7-proxy)';
  if (where.onHost && !isDns) return 'L7 rules other than DNS cannot be used in a policy for nodes';
  return ports.some(isZero) ? 'L7 rules cannot be used on port 0' : undefined;
}

function isZero({ port = '' }: CiliumPort): boolean {
  return !isPortName(port) && portNumber(port) === 0;
}

/** Lists count as soon as they are written, empty ones too. */
function mixProblem(rule: CiliumPortRule, others: readonly string[]): string | undefined {
  if (others.includes('l7') && !others.includes('l7proto')) return 'l7 needs l7proto';
  const kinds = [rule.dns !== undefined, rule.http !== undefined, others.includes('kafka'), others.includes('l7proto')];
  return kinds.filter(Boolean).length > 1
    ? 'L7 rules of several protocols cannot be combined in one port list'
    : undefined;
}

function tcpProblem(ports: readonly CiliumPort[]): string | undefined {
  const other = ports.find((port) => protocolOf(port) !== 'TCP');
  return other && `HTTP rules need protocol TCP, not ${protocolOf(other)}`;
}

function dnsProblem({ dns = [], ports = [] }: CiliumPortRule, settings: EngineSettings): string | undefined {
  if (ports.length === 0) return 'DNS rules need a port';
  if (ports.some(isRange)) return 'DNS rules do not support port ranges';
  return firstProblemOf(dns, (entry) => dnsEntryProblem(entry, settings));
}

function isRange({ port = '', endPort = 0 }: CiliumPort): boolean {
  return !isPortName(port) && endPort > (portNumber(port) ?? Number.MAX_SAFE_INTEGER);
}
