/** What an address is to Calico's selectors: a pod, a member of sets, a host endpoint; asked by `entity.ts`. */

import type { ClusterState } from '../../../model/cluster-state.ts';
import type { CalicoSet } from '../../../model/policies/calico.ts';
import type { Cidr } from '../../../net/cidr.ts';
import { cidrContains, parseNetwork } from '../../../net/cidr.ts';
import type { PeerIdentity } from '../../identity/identity.ts';
import type { PeerAnswer } from '../../rules/rule.ts';
import { gapFor, gapText } from '../../state/gaps.ts';
import type { Tri } from '../../tri.ts';
import { triAnd } from '../../tri.ts';
import { podLookup, setLookup } from './labels.ts';
import type { LabelLookup } from './selector.ts';

interface Member {
  readonly set: CalicoSet;
  readonly lookup: LabelLookup;
  readonly nets: readonly Cidr[];
}

const members = new WeakMap<ClusterState, readonly Member[]>();

function membersOf(state: ClusterState): readonly Member[] {
  const known = members.get(state);
  if (known) return known;
  const made = (state.calico?.sets ?? []).map((set) => ({
    set,
    lookup: setLookup(state, set),
    nets: set.nets.flatMap((net) => parseNetwork(net) ?? []),
  }));
  members.set(state, made);
  return made;
}

/** Felix turns a selector into the addresses of everything it takes (felix/calc/rule_scanner.go): is this one among them? */
export function selects(state: ClusterState, test: (labels: LabelLookup) => Tri, identity: PeerIdentity): PeerAnswer {
  const pod = identity.pod ? test(podLookup(state, identity.pod)) : 'no';
  if (pod === 'yes') return { tri: 'yes' };
  const taken = membersOf(state).map((member) => ({
    member,
    tri: triAnd(test(member.lookup), holds(member, identity)),
  }));
  if (taken.some(({ tri }) => tri === 'yes')) return { tri: 'yes' };
  if (pod === 'unknown') return { tri: 'unknown', why: unreadLabels(state, identity) };
  const open = taken.find(({ tri }) => tri === 'unknown');
  if (open) return { tri: 'unknown', why: whyOpen(open.member, identity) };
  const why = unreadSets(state, identity);
  return why === undefined ? { tri: 'no' } : { tri: 'unknown', why };
}

/** Names that the sets a selector takes allow (Calico Enterprise's allowedEgressDomains). */
export function domainsOf(state: ClusterState, test: (labels: LabelLookup) => Tri): readonly string[] {
  return membersOf(state).flatMap(({ set, lookup }) => (test(lookup) === 'yes' ? set.allowedEgressDomains : []));
}

function holds({ nets }: Member, { ip }: PeerIdentity): Tri {
  if (ip) return nets.some((net) => cidrContains(net, ip)) ? 'yes' : 'no';
  if (nets.length === 0) return 'no';
  // The whole IPv4 Internet holds every outside IPv4 address; the stage states that one is assumed.
  return nets.some((net) => net.family === 4 && net.prefix === 0) ? 'yes' : 'unknown';
}

function whyOpen({ set }: Member, { ip }: PeerIdentity): string {
  const name = `${set.kind} ${set.meta.namespace ? `${set.meta.namespace}/` : ''}${set.meta.name}`;
  if (!ip) return `whether ${name} holds the addresses cannot be told: they are not known`;
  return `whether the selector takes ${name} depends on labels that are not in the cluster state`;
}

function unreadLabels(state: ClusterState, { pod }: PeerIdentity): string {
  const gap = gapFor(state, 'serviceaccounts');
  if (gap) return gapText(gap);
  return `the labels of namespace ${pod?.meta.namespace ?? ''}, or of the pod's service account, are not in the cluster state`;
}

/** Only nodes can be host endpoints; sets may hold any address. */
function unreadSets(state: ClusterState, { kind }: PeerIdentity): string | undefined {
  const kinds = [
    'networksets',
    'globalnetworksets',
    ...(kind === 'host' || kind === 'remote-node' ? ['hostendpoints'] : []),
  ];
  const gap = kinds.map((one) => gapFor(state, one)).find((one) => one !== undefined);
  return gap && gapText(gap);
}
