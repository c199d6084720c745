/** Peers and ports of one Antrea egress rule (antrea docs/antrea-network-policy.md); used by `policy.ts`. */
import type { AntreaPeer, AntreaProtocol, AntreaRule } from '../../../model/policies/antrea.ts';
import type { FqdnSelector } from '../../../model/policy.ts';
import type { Pod } from '../../../model/workload.ts';
import { ALL_PORTS } from '../../../net/port-range.ts';
import type { PeerIdentity } from '../../identity/identity.ts';
import { NAMESPACE_KEY, NAMESPACE_LABELS_PREFIX } from '../../identity/labels.ts';
import type { Requirements } from '../../rules/label-selector.ts';
import { equals, k8sRequirements } from '../../rules/label-selector.ts';
import type { Peer, PeerAnswer, PeerMatch, PeerSet, PortMatch, PortSet } from '../../rules/rule.ts';
import { indexOf } from '../../state/state-index.ts';
import { triOf } from '../../tri.ts';
import { namePeer } from '../name-peer.ts';
import { portEntry } from '../port-entry.ts';
import { labelsText } from '../selector-text.ts';
import type { Members, Scope } from './groups.ts';
import { blockMatch, membersOf } from './groups.ts';

/** Nothing named is everything; named and empty is nothing (computeOFRulesForAdd). */
export function peersOf(rule: AntreaRule, path: string, scope: Scope, pod: Pod): PeerSet {
  const narrowed = sourceDoubt(rule);
  const peers = rule.toServices
    ? rule.toServices.map((one, at) => servicePeer(one, `${path}.toServices[${at}]`, scope))
    : rule.to.flatMap((peer, at) => peerOf(peer, `${path}.to[${at}]`, scope, pod));
  if (!rule.toServices && rule.to.length === 0)
    return narrowed ? [{ match: narrowed, path, text: 'any destination' }] : 'any';
  return narrowed ? peers.map((peer) => ({ ...peer, match: { kind: 'all', of: [peer.match, narrowed] } })) : peers;
}

/** A client's own port is chosen by its system. */
function sourceDoubt({ ports }: AntreaRule): PeerMatch | undefined {
  if (ports.every(({ sourcePort }) => sourcePort === undefined)) return undefined;
  return { kind: 'unknown', why: 'the rule is for certain source ports, and which one the pod will use is not known' };
}

/** Per pod: `namespaces` means those of the pod it is applied to. */
function peerOf(peer: AntreaPeer, path: string, scope: Scope, pod: Pod): Peer[] {
  if (peer.ipBlock) return [{ match: blockMatch(peer.ipBlock), path, text: blockText(peer.ipBlock) }];
  if (peer.fqdn !== undefined) return [namePeer(fqdnSelector(peer.fqdn), path)];
  if (peer.namespaces) return relativePeer(peer, path, scope, pod);
  const text = textOf(peer);
  return matchesOf(membersOf(peer, scope)).map((match) => ({ match, path, text }));
}

function matchesOf({ pods, others, unknown }: Members): PeerMatch[] {
  const labels = pods.map((requirements): PeerMatch => ({ kind: 'labels', requirements }));
  return [...labels, ...others, ...(unknown === undefined ? [] : [{ kind: 'unknown', why: unknown } as const])];
}

function blockText({ cidr, except }: NonNullable<AntreaPeer['ipBlock']>): string {
  return `ipBlock ${cidr}${except.length > 0 ? ` except ${except.join(', ')}` : ''}`;
}

function textOf({ group, serviceAccount, nodeSelector, podSelector, namespaceSelector }: AntreaPeer): string {
  if (group !== undefined) return `group ${group}`;
  if (serviceAccount) return `serviceAccount ${serviceAccount.namespace ?? ''}/${serviceAccount.name}`;
  if (nodeSelector) return `nodeSelector ${labelsText(nodeSelector)}`;
  const pods = podSelector ? `podSelector ${labelsText(podSelector)}` : '';
  const spaces = namespaceSelector ? `namespaceSelector ${labelsText(namespaceSelector)}` : '';
  return [spaces, pods].filter(Boolean).join(' and ') || 'pods';
}

/** The name that was asked for counts, not its CNAMEs (fqdn.go parseDNSResponse). */
function fqdnSelector(name: string): FqdnSelector {
  return { ...(name.includes('*') ? { matchPattern: name } : { matchName: name }), dialect: 'antrea' };
}

function relativePeer(peer: AntreaPeer, path: string, scope: Scope, pod: Pod): Peer[] {
  const { match, sameLabels = [] } = peer.namespaces ?? {};
  const pods = peer.podSelector ? k8sRequirements(peer.podSelector) : [];
  const home = pod.meta.namespace ?? 'default';
  if (match === 'Self') {
    const requirements = [...pods, equals('k8s', NAMESPACE_KEY, home)];
    return [{ match: { kind: 'labels', requirements }, path, text: "pods of the pod's own namespace" }];
  }
  const text = `pods of namespaces with the same ${sameLabels.join(', ')}`;
  const space = indexOf(scope.state).namespaces.get(home);
  if (!space) return [{ match: { kind: 'unknown', why: `the labels of namespace ${home} are not known` }, path, text }];
  const same = sameLabels.map((key) => space.meta.labels[key]);
  // Namespaces without one of the labels are in no group (groupNamespacesByLabelValue).
  if (sameLabels.length === 0 || same.includes(undefined)) return [];
  const spaces: Requirements = sameLabels.map((key, at) =>
    equals('k8s', NAMESPACE_LABELS_PREFIX + key, same[at] ?? ''),
  );
  return [{ match: { kind: 'labels', requirements: [...pods, ...spaces] }, path, text }];
}

/** Connections through the Service's own address only; those straight to its pods are not meant ("toServices egress rules"). */
function servicePeer(
  { name, namespace, scope: reach }: NonNullable<AntreaRule['toServices']>[number],
  path: string,
  scope: Scope,
): Peer {
  const home = namespace ?? scope.namespace ?? 'default';
  const text = `toServices ${home}/${name}`;
  const remote = {
    kind: 'unknown',
    why: `${text} is of several clusters, which are not part of the cluster state`,
  } as const;
  if (reach === 'ClusterSet') return { match: remote, path, text };
  const test = ({ service }: PeerIdentity): PeerAnswer => ({
    tri: triOf(service?.meta.name === name && (service.meta.namespace ?? 'default') === home),
  });
  return { match: { kind: 'where', test }, path, text };
}

/** Ports and protocols are alternatives; neither is everything. */
export function portSetOf({ ports, protocols }: AntreaRule): PortSet {
  if (ports.length === 0 && protocols.length === 0) return 'any';
  const matches = [...ports.map(portEntry), ...protocols.flatMap(protocolMatch)];
  return matches.length > 0 ? matches : 'none';
}

const ECHO_REQUEST = 8;

/** What a ping sends is an echo request; IGMP is no connection. */
function protocolMatch({ icmp }: AntreaProtocol): PortMatch[] {
  if (!icmp || (icmp.icmpType ?? ECHO_REQUEST) !== ECHO_REQUEST) return [];
  return [{ protocols: ['ICMP'], port: ALL_PORTS, text: 'ICMP' }];
}
