/** The premises a verdict rests on, in words; collected by `evaluate.ts` so that nothing is taken for granted silently. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import { formatIp } from '../../net/ip.ts';
import type { Trace } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { minorOf } from '../engine/settings.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { Connect } from '../stages/connect.ts';
import { serverNamePasses } from '../stages/server-names.ts';
import { dnsServersOf } from '../state/dns-server.ts';
import { archiveNote } from '../state/gaps.ts';
import { addressesOf, unknownInside } from '../state/service-names.ts';
import { canonicalIp, indexOf } from '../state/state-index.ts';

/** Stated wherever the destination is a pod: its own side was not looked at. */
export const INGRESS_NOT_EVALUATED = "the destination pod's own ingress policies are not evaluated";

export function assumptionsOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  connect: Connect,
): string[] {
  if (policy.pod.hostNetwork)
    return ['pod policies do not govern host-network pods; the host firewall is not evaluated'];
  const archive = archiveNote(state);
  return [
    ...engineNotes(state, policy),
    ...(archive === undefined ? [] : [archive]),
    ...outsideNote(state, policy, destination, connect),
    ...addressNotes(policy, destination, connect),
    ...serviceNote(state, policy, destination),
    ...l7Notes(policy, connect, destination),
    ...truncationNote(state, policy, destination),
  ];
}

function engineNotes(state: ClusterState, { settings, selecting }: PodPolicy): string[] {
  const { cni, version, config } = state.engine;
  const idle = selecting.filter(({ enforcement }) => enforcement.enforced === 'no');
  return [
    ...idle.map(({ translated, enforcement }) => `${translated.ref.kind} is left out: ${enforcement.why}`),
    ...(cni === 'unknown' ? [assumedEngine(settings.engine)] : []),
    ...(settings.cilium && minorOf(version) === undefined
      ? [`Cilium version not read: the rules of 1.${settings.minor} assumed`]
      : []),
    ...(settings.engine === 'cilium' && config === undefined ? ['cilium-config not read: its defaults assumed'] : []),
  ];
}

function assumedEngine(engine: EngineSettings['engine']): string {
  if (engine === 'unknown')
    return "the network plugin was not recognised: NetworkPolicy is taken to be enforced by Kubernetes' rules";
  const name = engine === 'cilium' ? 'Cilium' : engine;
  return `the network plugin was not recognised: ${name} is assumed because ${name} policies exist`;
}

function outsideNote(state: ClusterState, { pod }: PodPolicy, { host }: Destination, { traces }: Connect): string[] {
  const unknown = traces.some(({ identity }) => identity.kind === 'world' && !identity.ip);
  const inside = host !== undefined && unknownInside(state, pod, host) !== undefined;
  return unknown && !inside ? ['the addresses are not known: the name is taken to lie outside the cluster'] : [];
}

/**
 * AWS's programs sit before the translation of Services; the controller makes up for it where a rule selects the Service's pods
 * (amazon-network-policy-controller-k8s pkg/resolvers/endpoints.go getMatchingServiceClusterIPs, aws-network-policy-agent#166).
 */
function serviceNote(state: ClusterState, { pod, settings, rules }: PodPolicy, destination: Destination): string[] {
  if (settings.engine !== 'aws-vpc-cni' || rules.length === 0) return [];
  const { servicesByIp } = indexOf(state);
  const service = addressesOf(state, pod, destination).some((one) => servicesByIp.has(canonicalIp(one) ?? one));
  return service
    ? [
        "AWS's agent compares a Service's own address and port, not its pods': ranges and ports of rules were compared with the pods here",
      ]
    : [];
}

function addressNotes(policy: PodPolicy, destination: Destination, connect: Connect): string[] {
  const worlds = connect.traces.filter((trace) => trace.identity.kind === 'world');
  // In an ordered layer an allow rule by name may stand before the deny that matched.
  const denied = worlds.some(
    ({ reason, layer }) => reason === 'default_deny' || (reason === 'explicit_deny' && layer?.key.mode === 'ordered'),
  );
  const listed = policy.settings.engine === 'cilium' ? 'a name that toFQDNs lists' : 'a name that a rule lists';
  const names = policy.rules.some(
    (rule) => Array.isArray(rule.peers) && rule.peers.some((peer) => peer.match.kind === 'fqdn'),
  );
  const pods = connect.traces.some((trace) => trace.identity.kind === 'pod');
  return [
    ...(denied && names && destination.host === undefined
      ? [`the address is not known by a name: it is allowed after all if the node has learned it for ${listed}`]
      : []),
    ...(denied && names && destination.host !== undefined
      ? ['an address that the node has also learned for a listed name (shared servers) is allowed for this name too']
      : []),
    ...(pods ? [INGRESS_NOT_EVALUATED] : []),
    ...(connect.traces.some((trace) => isToItself(policy, trace)) ? [TO_ITSELF] : []),
  ];
}

/** kubernetes.io network-policies: a pod cannot block access to itself. */
const TO_ITSELF =
  "the pod's own address is asked for: a connection to it stays inside the pod, where no policy sees it, unless it goes through a Service";

function isToItself({ pod }: PodPolicy, { decision, identity: { ip, service } }: Trace): boolean {
  if (decision === 'allowed' || ip === undefined || service !== undefined) return false;
  const own = formatIp(ip);
  return pod.podIPs.some((address) => canonicalIp(address) === own);
}

/** Begins the premise that a rule's serverNames filter the connection's TLS. */
export const SERVER_NAMES_ONLY = 'TLS is let through for the server names';

const SNI_WORDS = { yes: 'is let through', no: 'is cut off', unknown: 'may be cut off' } as const;

function l7Notes({ settings }: PodPolicy, connect: Connect, { host, sni, protocol }: Destination): string[] {
  const allows = connect.traces.filter((trace) => trace.decision === 'allowed').flatMap((trace) => trace.allows);
  const http = allows.length > 0 && allows.every((match) => match.rule.l7.http || match.rule.l7.other);
  const names = allows.flatMap((match) => match.rule.l7.serverNames);
  // With the client's server name known the verdict itself says what becomes of it.
  const known = sni !== undefined && protocol === 'TCP' && serverNamePasses(allows, sni, settings.minor) !== 'unknown';
  const refused = settings.cilium ? 'gets 403' : 'is cut off';
  const word = host === undefined ? '' : SNI_WORDS[serverNamePasses(allows, host, settings.minor)];
  return [
    ...(http
      ? [`HTTP or other L7 rules apply to the connection and are not evaluated: a request they do not list ${refused}`]
      : []),
    ...(names.length > 0 && !known
      ? [
          `${SERVER_NAMES_ONLY} ${[...new Set(names)].slice(0, 5).join(', ')} only${host === undefined ? '' : `; a client that sends "${host}" ${word}`}`,
        ]
      : []),
  ];
}

/** A truncated answer is asked for again over TCP, by a packet that rules for UDP do not let through (policy-semantics §2.2). */
function truncationNote(state: ClusterState, policy: PodPolicy, { host }: Destination): string[] {
  if (host === undefined || !policy.defaultDeny) return [];
  const cut = dnsServersOf(state, policy.pod).servers.filter((server) => {
    if (decide(state, policy, server).decision !== 'allowed') return false;
    return decide(state, policy, { ...server, protocol: 'TCP' }).reason === 'default_deny';
  });
  return cut.length === 0
    ? []
    : [
        "the DNS answer is taken to fit into UDP: a longer one is asked for again over TCP, which no rule lets to the pod's DNS server",
      ];
}
