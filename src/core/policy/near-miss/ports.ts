/** Near misses of the port: the destination is listed, but not on this port or protocol (policy-semantics §3.5). */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { NearMiss, PolicyChange } from '../../model/evaluation.ts';
import { isSinglePort, rangeContains } from '../../net/port-range.ts';
import { isCiliumKind, jsonPath } from '../change/changes.ts';
import { matchPeers } from '../decide/match.ts';
import { packetText, portsText, ruleRef } from '../explain/sentences.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { PolicyRule, PortMatch } from '../rules/rule.ts';
import { numericRange } from '../rules/rule.ts';
import { portNameMeaning } from '../state/named-ports.ts';
import type { Element, MissContext } from './context.ts';
import { portsFit } from './context.ts';
import { openPort } from './new-rule.ts';

export function portMisses(context: MissContext): NearMiss[] {
  return context.elements.flatMap((element) =>
    context.missed.flatMap((identity) => portMiss(context, element, identity)).slice(0, 1),
  );
}

function portMiss({ state, destination }: MissContext, element: Element, identity: PeerIdentity): NearMiss[] {
  const { rule, rules } = element;
  // A rule for any destination names this one no more than others, and one for DNS is for nothing else.
  if (rule.peers === 'any' || (isForDnsOnly(rules) && !isDnsPort(identity.port))) return [];
  if (portsFit(state, element, identity)) return [];
  const { tri, peer } = matchPeers(state, rule, identity);
  if (tri !== 'yes') return [];
  const kind = portsOf(rules).some((port) => holds(port, identity.port)) ? 'protocol_missing' : 'port_missing';
  const notes = [
    ...portsOf(rules).flatMap((port) => rangeNote(port, identity)),
    ...(kind === 'protocol_missing' ? quicNote(identity) : serviceNote(rules, identity, destination.port)),
  ];
  const only = rules.map(portsText).join(', ');
  const statement = `${peer?.text ?? 'the rule'} is the destination, but only on ${only}; ${packetText(identity)} needs ${identity.port}/${identity.protocol}${namedPortNotes(state, rules, identity)}${notes.map((note) => `; ${note}`).join('')}`;
  const change = turnedRange(rules, identity) ?? openPort(element, identity);
  return [{ rule: ruleRef(rule, peer), kind, statement, ...(change && { change }) }];
}

export function portsOf(rules: readonly PolicyRule[]): readonly PortMatch[] {
  return rules.flatMap(({ ports }) => (typeof ports === 'string' ? [] : ports));
}

const DNS_PORTS = [53, 5353, 8053];

export function isDnsPort(port: number): boolean {
  return DNS_PORTS.includes(port);
}

function isForDnsOnly(rules: readonly PolicyRule[]): boolean {
  const ports = portsOf(rules);
  return ports.length > 0 && ports.every((port) => DNS_PORTS.some((number) => isSingle(port, number)));
}

/** Exactly this port, by number. */
export function isSingle(port: PortMatch, number: number): boolean {
  const range = numericRange(port);
  return range !== undefined && isSinglePort(range, number);
}

export function holds(port: PortMatch, number: number): boolean {
  const range = numericRange(port);
  return range !== undefined && rangeContains(range, number);
}

/** What the port names of the rules stand for here. */
export function namedPortNotes(state: ClusterState, rules: readonly PolicyRule[], identity: PeerIdentity): string {
  const names = portsOf(rules).flatMap(({ port }) => ('name' in port ? [port.name] : []));
  return names.map((name) => `; the port name "${name}" stands for ${portNameMeaning(state, name, identity)}`).join('');
}

function rangeNote(match: PortMatch, { port }: PeerIdentity): string[] {
  const end = reversedEnd(match);
  const from = numericRange(match)?.from ?? 0;
  if (end === undefined || port < end || port >= from) return [];
  return [`its endPort ${end} is below port ${from}, so ${from} alone counts`];
}

/** An `endPort` below the port, which leaves the port alone (pkg/policy/portrange.go); the text has it as written. */
function reversedEnd({ port, text }: PortMatch): number | undefined {
  const end = Number(/^\d+-(\d+)\//.exec(text)?.[1]);
  return 'name' in port || Number.isNaN(end) || end >= port.from || end === 0 ? undefined : end;
}

function turnedRange(rules: readonly PolicyRule[], { port, protocol }: PeerIdentity): PolicyChange | undefined {
  for (const { policy, ports, portsPath } of rules) {
    if (typeof ports === 'string' || portsPath === undefined || !isCiliumKind(policy)) continue;
    const index = ports.findIndex((one) => {
      const end = reversedEnd(one);
      return (
        end !== undefined && end <= port && port < (numericRange(one)?.from ?? 0) && one.protocols.includes(protocol)
      );
    });
    const found = ports[index];
    if (!found) continue;
    const end = reversedEnd(found) ?? port;
    const value = {
      port: String(end),
      endPort: numericRange(found)?.from ?? port,
      protocol: found.protocols.length > 1 ? 'ANY' : protocol,
    };
    const path = [...jsonPath(portsPath), 'ports', index];
    return { policy, op: 'replace', path, value, why: 'puts the ends of the range in order' };
  }
  return undefined;
}

function quicNote({ port, protocol }: PeerIdentity): string[] {
  return port === 443 && protocol === 'UDP'
    ? ['443/UDP is QUIC (HTTP/3), whose clients usually fall back to 443/TCP']
    : [];
}

/** Policies see the packet after the Service's translation (policy-semantics §4). */
function serviceNote(rules: readonly PolicyRule[], identity: PeerIdentity, asked: number): string[] {
  const listsAsked = portsOf(rules).some((port) => holds(port, asked));
  if (asked === identity.port || !listsAsked) return [];
  return [`${asked} is the Service's port, and what is compared is the port behind it, ${identity.port}`];
}
