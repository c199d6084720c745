/** `toPorts` of Cilium rules as port sets (policy-semantics §3.5); used by `policy.ts` and, for its port grammar, by the validation. */
import type { CiliumPort, CiliumPortRule } from '../../../model/policy.ts';
import type { PortRange } from '../../../net/port-range.ts';
import { ALL_PORTS } from '../../../net/port-range.ts';
import type { L4Protocol, PortMatch, PortSet } from '../../rules/rule.ts';

const ANY: readonly L4Protocol[] = ['TCP', 'UDP', 'SCTP'];
const OTHERS_SINCE_19 = ['VRRP', 'IGMP'];
const OTHERS_SINCE_20 = [...OTHERS_SINCE_19, 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH'];
/** Of `otherL7`, what is no list of rules but says where the traffic goes. */
export const REDIRECTS: readonly string[] = ['terminatingTLS', 'originatingTLS', 'listener'];

/** The protocol as Cilium stores it: upper case, `ANY` when absent. */
export function protocolOf(port: CiliumPort): string {
  return (port.protocol ?? '') === '' ? 'ANY' : (port.protocol ?? '').toUpperCase();
}

export function isKnownProtocol(protocol: string, minor: number): boolean {
  return protocol === 'ANY' || (ANY as readonly string[]).includes(protocol) || hasNoPorts(protocol, minor);
}

/** Protocols without ports (pkg/policy/api/rule_validation.go, isExtendedIPProtocol). */
export function hasNoPorts(protocol: string, minor: number): boolean {
  if (minor < 19) return false;
  return (minor === 19 ? OTHERS_SINCE_19 : OTHERS_SINCE_20).includes(protocol);
}

/** 1.20 no longer has the kinds of layer 7 rules besides DNS and HTTP, and passes over what is left of them. */
export function otherL7Of({ otherL7 = [] }: CiliumPortRule, minor: number): readonly string[] {
  return minor >= 20 ? otherL7.filter((name) => REDIRECTS.includes(name)) : otherL7;
}

/** An IANA service name: at least one letter, letters, digits and single inner hyphens, at most 15 characters. */
export function isPortName(text: string): boolean {
  return text.length <= 15 && /[a-z]/i.test(text) && /^[a-z0-9](-?[a-z0-9])*$/i.test(text);
}

/**
 * The number as Go's ParseUint(base 0) reads it: a leading zero means octal, `0x`, `0o` and `0b` name the base, `_` may stand between
 * digits. Undefined when it is none or over 65535. What reads as a port name is one (see `isPortName`), `0x1bb` for example.
 */
export function portNumber(text: string): number | undefined {
  const value = PLAIN.test(text) ? Number(text) : otherNumber(text);
  return value !== undefined && value <= 65535 ? value : undefined;
}

/** Nearly every port is written like this. */
const PLAIN = /^[1-9]\d*$/;

function otherNumber(text: string): number | undefined {
  const form = FORMS.find(({ pattern }) => pattern.test(text));
  return form && Number.parseInt(text.slice(form.skip).replaceAll('_', '') || '0', form.base);
}

const FORMS = [
  { pattern: /^[1-9](_?\d)*$/, base: 10, skip: 0 },
  { pattern: /^0(_?[0-7])*$/, base: 8, skip: 1 },
  { pattern: /^0[xX](_?[\da-fA-F])+$/, base: 16, skip: 2 },
  { pattern: /^0[oO](_?[0-7])+$/, base: 8, skip: 2 },
  { pattern: /^0[bB](_?[01])+$/, base: 2, skip: 2 },
] as const;

/** One port list of a rule; an absent `ports` lists nothing. */
export function portSetOf(rule: CiliumPortRule, minor: number): PortSet {
  const ports = (rule.ports ?? []).map((port) => portMatch(port, minor));
  return ports.length === 0 ? 'none' : ports;
}

function portMatch(port: CiliumPort, minor: number): PortMatch {
  const protocol = protocolOf(port);
  const protocols = protocol === 'ANY' ? ANY : ([protocol] as readonly L4Protocol[]);
  const text = port.port ?? '';
  if (!isPortName(text)) return { protocols, port: rangeOf(text, port.endPort, minor), text: portText(port) };
  const name = { name: text.toLowerCase(), ...(port.endPort !== undefined && { endPort: port.endPort }) };
  return { protocols, port: name, text: portText(port) };
}

function rangeOf(text: string, endPort: number | undefined, minor: number): PortRange {
  const from = portNumber(text) ?? 0;
  // Port 0 stands for all; with an end it was still a range before 1.20.
  if (from === 0 && ((endPort ?? 0) === 0 || minor >= 20)) return ALL_PORTS;
  return { from, to: endPort !== undefined && endPort > from ? endPort : from };
}

/** e.g. `443/TCP`, `8000-8010/ANY`. */
export function portText(port: CiliumPort): string {
  const end = port.endPort !== undefined && port.endPort > 0 ? `-${port.endPort}` : '';
  return `${port.port === '0' ? 'any' : (port.port ?? '')}${end}/${protocolOf(port)}`;
}
