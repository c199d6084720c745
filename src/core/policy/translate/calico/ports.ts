/** Protocols and ports of a Calico rule as number ranges and names, negations worked in; called by `rule.ts`. */
import type { CalicoRule } from '../../../model/policies/calico.ts';
import type { PortRange } from '../../../net/port-range.ts';
import { ALL_PORTS } from '../../../net/port-range.ts';
import type { L4Protocol, PortMatch, PortSet } from '../../rules/rule.ts';

const KNOWN: readonly L4Protocol[] = ['TCP', 'UDP', 'SCTP', 'ICMP'];
/** api/pkg/lib/numorstring/protocol.go; the numbers are IANA's. Others exist, and no question is asked about them. */
const NUMBERS: Readonly<Record<string, L4Protocol>> = {
  '6': 'TCP',
  '17': 'UDP',
  '132': 'SCTP',
  '1': 'ICMP',
  '58': 'ICMP',
};

/** The protocol as questions name it; undefined for one that none is asked about (UDPLite, 47). */
export function protocolOf(protocol: number | string): L4Protocol | undefined {
  const text = String(protocol).toUpperCase();
  if (text === 'ICMPV6') return 'ICMP';
  return NUMBERS[text] ?? KNOWN.find((one) => one === text);
}

/** ICMP is one of IPv4 and the other of IPv6. */
export function familyOf(protocol: number | string | undefined): 4 | 6 | undefined {
  const text = String(protocol ?? '').toUpperCase();
  if (text === 'ICMP' || text === '1') return 4;
  return text === 'ICMPV6' || text === '58' ? 6 : undefined;
}

export type CalicoPort = PortRange | { readonly name: string };

/** `443`, `"8000:8080"`, `"https"` (api/pkg/lib/numorstring/port.go); undefined for what the API refuses. */
export function parsePort(port: number | string): CalicoPort | undefined {
  const text = String(port);
  const [, from, to] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (from === undefined) return /^[\w.-]{1,128}$/.test(text) ? { name: text.toLowerCase() } : undefined;
  const range = { from: Number(from), to: Number(to ?? from) };
  return range.from <= range.to && range.to <= ALL_PORTS.to ? range : undefined;
}

export function portSetOf(rule: CalicoRule): PortSet {
  const { ports, notPorts } = rule.destination;
  if (rule.protocol === undefined && rule.notProtocol === undefined && ports.length + notPorts.length === 0)
    return 'any';
  const protocols = protocolsOf(rule);
  const allowed = complement(ranges(notPorts));
  const wanted = ports.length === 0 ? [ALL_PORTS] : ports.flatMap((port) => parsePort(port) ?? []);
  const matches = wanted.flatMap((port): CalicoPort[] =>
    'name' in port ? [port] : allowed.flatMap((range) => intersection(port, range) ?? []),
  );
  return matches.length === 0 ? 'none' : matches.map((port) => ({ protocols, port, text: textOf(port, rule) }));
}

/** Names that the destination's port must not go by, which depends on the pod. */
export function excludedNames(rule: CalicoRule): readonly string[] {
  return rule.destination.notPorts.flatMap((port) => {
    const parsed = parsePort(port);
    return parsed && 'name' in parsed ? [parsed.name] : [];
  });
}

function ranges(ports: readonly (number | string)[]): PortRange[] {
  return ports.flatMap((port) => {
    const parsed = parsePort(port);
    return parsed && !('name' in parsed) ? [parsed] : [];
  });
}

function protocolsOf({ protocol, notProtocol }: CalicoRule): readonly L4Protocol[] {
  const own = protocol === undefined ? undefined : protocolOf(protocol);
  const wanted = protocol === undefined ? KNOWN : own === undefined ? [] : [own];
  // Of ICMP only one family is excluded, which `rule.ts` looks at.
  const unwanted = notProtocol === undefined || familyOf(notProtocol) ? undefined : protocolOf(notProtocol);
  return wanted.filter((one) => one !== unwanted);
}

/** What the ranges leave of all ports. */
function complement(taken: readonly PortRange[]): PortRange[] {
  let free: PortRange[] = [ALL_PORTS];
  for (const hole of taken)
    free = free.flatMap((range) => [
      ...(intersection(range, { from: 0, to: hole.from - 1 }) ?? []),
      ...(intersection(range, { from: hole.to + 1, to: ALL_PORTS.to }) ?? []),
    ]);
  return free;
}

/** As a list of none or one. */
function intersection(a: PortRange, b: PortRange): [PortRange] | undefined {
  const range = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
  return range.from <= range.to ? [range] : undefined;
}

function textOf(port: CalicoPort, { protocol, notProtocol }: CalicoRule): string {
  const named = protocol === undefined ? (notProtocol === undefined ? 'any protocol' : `not ${notProtocol}`) : protocol;
  return `${portText(port)}/${named}`;
}

function portText(port: PortMatch['port']): string {
  if ('name' in port) return port.name;
  if (port.from === ALL_PORTS.from && port.to === ALL_PORTS.to) return 'any';
  return port.from === port.to ? String(port.from) : `${port.from}-${port.to}`;
}
