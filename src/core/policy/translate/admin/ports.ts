/** `ports` (v1alpha1, AWS) and `protocols` (v1alpha2) of the administrators' policies; used by `policy.ts`. */
import type { CniName } from '../../../model/cluster-state.ts';
import type { AdminEgressRule, AdminPort, AdminProtocol } from '../../../model/policies/admin.ts';
import type { PortRange } from '../../../net/port-range.ts';
import { ALL_PORTS } from '../../../net/port-range.ts';
import type { L4Protocol, PortMatch, PortSet } from '../../rules/rule.ts';

const ALL: readonly L4Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** An absent list leaves ports open, ICMP included; the API refuses an empty one. */
export function portSetOf(rule: AdminEgressRule, engine: CniName): PortSet {
  const matches = [
    ...(rule.ports ?? []).flatMap((port) => portMatch(port, engine)),
    ...(rule.protocols ?? []).flatMap(protocolMatches),
  ];
  return matches.length > 0 ? matches : 'any';
}

export function hasNamedPort({ ports, protocols }: AdminEgressRule): boolean {
  const named = (ports ?? []).some((port) => port.namedPort !== undefined);
  return named || (protocols ?? []).some((one) => one.destinationNamedPort !== undefined);
}

function portMatch({ portNumber, portRange, namedPort }: AdminPort, engine: CniName): PortMatch[] {
  if (portNumber) return [numbers(portNumber.protocol, { from: portNumber.port, to: portNumber.port })];
  if (portRange) return [numbers(portRange.protocol, { from: portRange.start, to: portRange.end })];
  if (namedPort === undefined) return [];
  // AWS's controller looks names up as TCP (pkg/resolvers/clusternetworkpolicy_resolver.go, convertCNPPortsToNPPorts).
  return [byName(namedPort, engine === 'aws-vpc-cni' ? ['TCP'] : ALL)];
}

function protocolMatches({ tcp, udp, sctp, destinationNamedPort }: AdminProtocol): PortMatch[] {
  const parts = [
    ['TCP', tcp],
    ['UDP', udp],
    ['SCTP', sctp],
  ] as const;
  const matches = parts.flatMap(([protocol, part]) => {
    if (!part) return [];
    const { number, range } = part.destinationPort ?? {};
    if (range) return [numbers(protocol, { from: range.start, to: range.end })];
    return [numbers(protocol, number === undefined ? ALL_PORTS : { from: number, to: number })];
  });
  return destinationNamedPort === undefined ? matches : [...matches, byName(destinationNamedPort, ALL)];
}

/** TCP where the object leaves the protocol out (the API server fills it in). */
function numbers(protocol: string | undefined, range: PortRange): PortMatch {
  const name = (protocol ?? 'TCP').toUpperCase() as L4Protocol;
  const single = range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`;
  return { protocols: [name], port: range, text: `${range === ALL_PORTS ? 'any' : single}/${name}` };
}

function byName(name: string, protocols: readonly L4Protocol[]): PortMatch {
  return { protocols, port: { name: name.toLowerCase() }, text: `port ${name}` };
}
