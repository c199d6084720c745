/** `source` and `destination` of a Calico rule against the packet and against the pod; called by `rule.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { CalicoEntity } from '../../../model/policies/calico.ts';
import type { Pod } from '../../../model/workload.ts';
import type { Cidr } from '../../../net/cidr.ts';
import { cidrContains, parseNetwork } from '../../../net/cidr.ts';
import { formatIp, parseIp } from '../../../net/ip.ts';
import { patternMatcher } from '../../fqdn/dialects.ts';
import type { PeerIdentity } from '../../identity/identity.ts';
import type { Peer, PeerAnswer, PeerMatch } from '../../rules/rule.ts';
import { gapFor, gapText } from '../../state/gaps.ts';
import { canonicalIp, indexOf } from '../../state/state-index.ts';
import type { Tri } from '../../tri.ts';
import { triAnd, triNot } from '../../tri.ts';
import { domainsOf, selects } from './endpoints.ts';
import { entityTests } from './rule-selectors.ts';

export interface EntityContext {
  readonly state: ClusterState;
  /** Of a namespaced policy. */
  readonly namespace: string | undefined;
  /** e.g. `spec.egress[0].destination`. */
  readonly path: string;
}

const EVERYTHING: Readonly<Record<4 | 6, Cidr>> = {
  4: { family: 4, network: 0n, prefix: 0 },
  6: { family: 6, network: 0n, prefix: 0 },
};

export function ofFamily(family: 4 | 6): PeerMatch {
  return { kind: 'cidr', cidr: EVERYTHING[family], except: [] };
}

/**
 * Networks as alternatives; undefined when the rule names none. A rule is left out for an address family of which a list has no entry
 * (felix/rules/policy.go FilterRuleToIPVersion), which holds for `notNets` too.
 */
export function netPeers({ nets, notNets }: CalicoEntity, path: string): Peer[] | undefined {
  if (nets.length + notNets.length === 0) return undefined;
  const avoided = notNets.flatMap((net) => parseNetwork(net) ?? []);
  const inFamily = (family: 4 | 6) => avoided.filter((net) => net.family === family);
  const spared = notNets.length === 0 ? '' : ` except ${notNets.join(', ')}`;
  const open = (cidr: Cidr) => notNets.length === 0 || inFamily(cidr.family).length > 0;
  const wanted =
    nets.length > 0
      ? nets.map((net, index) => ({ cidr: parseNetwork(net), path: `${path}.nets[${index}]`, text: `nets ${net}` }))
      : ([4, 6] as const).map((family) => ({ cidr: EVERYTHING[family], path: `${path}.notNets`, text: 'notNets' }));
  return wanted.flatMap(({ cidr, path: at, text }): Peer[] => {
    if (!cidr) return [{ match: { kind: 'unknown', why: `"${text}" is no network` }, path: at, text }];
    if (!open(cidr)) return [];
    return [{ match: { kind: 'cidr', cidr, except: inFamily(cidr.family) }, path: at, text: text + spared }];
  });
}

/** What selectors demand of the destination. */
export function selectorMatches(entity: CalicoEntity, { state, namespace }: EntityContext): PeerMatch[] {
  const { takes, avoids } = entityTests(entity, namespace);
  return [
    ...(takes ? [where((identity) => selects(state, takes, identity))] : []),
    ...(avoids ? [where((identity) => inverse(selects(state, avoids, identity)))] : []),
  ];
}

/** Names that a positive selector's sets allow beside their addresses (Calico Enterprise's allowedEgressDomains). */
export function setDomains(entity: CalicoEntity, { state, namespace }: EntityContext): readonly string[] {
  const { takes } = entityTests(entity, namespace);
  return takes ? domainsOf(state, takes) : [];
}

export function domainMatch(domain: string): PeerMatch {
  const selector = domain.includes('*')
    ? { matchPattern: domain, dialect: 'calico' as const }
    : { matchName: domain, dialect: 'calico' as const };
  return { kind: 'fqdn', selector, matches: patternMatcher(domain, 'calico') };
}

/** Addresses and ports of the Service's endpoints, ready or not; never its own address (felix/serviceindex/serviceindex.go). */
export function serviceMatch(entity: CalicoEntity, { state, namespace: own }: EntityContext): PeerMatch[] {
  const { services } = entity;
  if (!services) return [];
  const { name, namespace } = services;
  // The API text says "this policy's namespace"; the code of 2026 looks for a Service in no namespace at all.
  if (namespace === undefined || name === undefined)
    return [
      {
        kind: 'unknown',
        why: `services names no namespace, and whether Calico takes "${own ?? ''}" for it is not certain`,
      },
    ];
  return [
    where(({ ip, port, protocol }) => {
      const backends = state.backends.filter((one) => one.service === name && one.namespace === namespace);
      const wanted = ip && formatIp(ip);
      const hit = backends.some(
        ({ addresses, ports }) =>
          ports.some((one) => one.port === port && one.protocol === protocol) &&
          addresses.some((address) => canonicalIp(address) === wanted),
      );
      if (wanted !== undefined && hit) return { tri: 'yes' };
      const gap = gapFor(state, 'endpointslices', namespace);
      return gap ? { tri: 'unknown', why: gapText(gap) } : { tri: 'no' };
    }),
  ];
}

/** The pod itself as the source of its packets, by the family of the packet: both must be satisfied. */
export function sourceAnswer(
  entity: CalicoEntity,
  context: EntityContext,
  pod: Pod,
): (family: 4 | 6 | undefined) => PeerAnswer {
  const addresses = pod.podIPs.flatMap((text) => parseIp(text) ?? []);
  const answers = addresses.map((ip) => ({
    family: ip.family,
    answer: sourceAt(entity, context, asIdentity(context, pod, ip)),
  }));
  return (family) => {
    const own = answers.filter((one) => family === undefined || one.family === family);
    const [first, ...others] = own.length > 0 ? own : answers;
    if (!first) return sourceAt(entity, context, asIdentity(context, pod, undefined));
    if (others.every(({ answer }) => answer.tri === first.answer.tri)) return first.answer;
    return { tri: 'unknown', why: "it depends on which of the pod's addresses is used" };
  };
}

function asIdentity({ state }: EntityContext, pod: Pod, ip: PeerIdentity['ip']): PeerIdentity {
  const labels = indexOf(state).labelsOf(pod);
  return { kind: 'pod', labels, pod, ...(ip && { ip }), names: [], maybeNames: [], port: 0, protocol: 'TCP', text: '' };
}

function sourceAt(entity: CalicoEntity, context: EntityContext, pod: PeerIdentity): PeerAnswer {
  const { takes, avoids } = entityTests(entity, context.namespace);
  const parts = [
    ...(takes ? [selects(context.state, takes, pod)] : []),
    ...(avoids ? [inverse(selects(context.state, avoids, pod))] : []),
    ...sourceNets(entity, pod),
    ...(entity.ports.length + entity.notPorts.length > 0 ? [OWN_PORT] : []),
  ];
  const tri = parts.map((one) => one.tri).reduce(triAnd, 'yes' as Tri);
  const why = parts.find((one) => one.tri === 'unknown')?.why;
  return { tri, ...(tri === 'unknown' && why !== undefined && { why }) };
}

const OWN_PORT: PeerAnswer = { tri: 'unknown', why: "the rule asks for the packet's source port, which is not known" };

function sourceNets(entity: CalicoEntity, { ip }: PeerIdentity): PeerAnswer[] {
  const peers = netPeers(entity, 'source');
  if (!peers) return [];
  if (!ip) return [{ tri: 'unknown', why: "the pod's own address is not in the cluster state" }];
  const hit = peers.some(
    ({ match }) =>
      match.kind === 'cidr' && cidrContains(match.cidr, ip) && !match.except.some((net) => cidrContains(net, ip)),
  );
  return [{ tri: hit ? 'yes' : 'no' }];
}

export function where(test: (identity: PeerIdentity) => PeerAnswer): PeerMatch {
  return { kind: 'where', test };
}

function inverse({ tri, why }: PeerAnswer): PeerAnswer {
  return { tri: triNot(tri), ...(tri === 'unknown' && why !== undefined && { why }) };
}
