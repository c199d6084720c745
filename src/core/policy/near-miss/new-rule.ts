/** Changes that near misses share: a whole egress element beside the one that misses, or one more port in it. */
import type { PolicyChange } from '../../model/evaluation.ts';
import type { ObjectRef } from '../../model/object-meta.ts';
import { addPort, addPortList, addRule, isCiliumKind, sectionOf } from '../change/changes.ts';
import { dnsRuleFor, networkDnsRuleFor } from '../change/dns-rule.ts';
import { networkPeerOf, peerValueOf } from '../change/peer-value.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { PolicyRule } from '../rules/rule.ts';
import type { Element } from './context.ts';

/** Where a new element goes. */
export interface Home {
  readonly policy: ObjectRef;
  /** `spec` or `specs[n]`. */
  readonly section: string;
}

export function homeOf({ rule }: Element): Home {
  return { policy: rule.policy, section: sectionOf(rule.path) };
}

/** An element that allows this packet; undefined where the kind of policy cannot say it, or is none that changes are made to. */
export function allowPacket(
  { settings }: PodPolicy,
  home: Home,
  identity: PeerIdentity,
  host?: string,
): PolicyChange | undefined {
  const { port, protocol } = identity;
  const why = `allows ${port}/${protocol} to ${host ?? identity.text}`;
  if (home.policy.kind === 'NetworkPolicy') {
    const peer = networkPeerOf(identity, settings.cilium);
    return peer && addRule(home.policy, home.section, { to: [peer], ports: [{ port, protocol }] }, why);
  }
  const peer = peerValueOf(identity, host);
  // An element with ports alone would allow every destination.
  if (!isCiliumKind(home.policy) || Object.keys(peer).length === 0) return undefined;
  const value = { ...peer, toPorts: [{ ports: [{ port: String(port), protocol }] }] };
  return addRule(home.policy, home.section, value, why);
}

/** An element that lets the pod ask the server: through the proxy in Cilium's kinds. */
export function allowDns({ settings }: PodPolicy, home: Home, server: PeerIdentity): PolicyChange | undefined {
  if (isCiliumKind(home.policy))
    return addRule(
      home.policy,
      home.section,
      dnsRuleFor(server),
      "lets the pod ask the cluster's DNS, through the proxy",
    );
  if (home.policy.kind !== 'NetworkPolicy') return undefined;
  const value = networkDnsRuleFor(server, settings.cilium);
  return value && addRule(home.policy, home.section, value, "lets the pod ask the cluster's DNS");
}

// pkg/policy/api/rule_validation.go (MaxPorts): one more and Cilium refuses the policy.
const FULL = 40;

/** The packet's port in the element: in a list that filters nothing, else in one of its own. */
export function openPort({ rules }: Element, { port, protocol }: PeerIdentity): PolicyChange | undefined {
  const plain = rules.find((rule) => isPlain(rule) && !(Array.isArray(rule.ports) && rule.ports.length >= FULL));
  const [first] = rules;
  return plain ? addPort(plain, port, protocol) : first && addPortList(first, port, protocol);
}

function isPlain({ l7 }: PolicyRule): boolean {
  return !l7.dns && !l7.http && !l7.other && l7.serverNames.length === 0;
}
