/** References to CiliumCIDRGroups as peers; used by `cilium-peers.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { CiliumCidrGroup, CiliumCidrRule } from '../../model/policy.ts';
import type { LabelRequirement, LabelSelector } from '../../model/selector.ts';
import type { Cidr } from '../../net/cidr.ts';
import { cidrContains, parseCidr } from '../../net/cidr.ts';
import { gapFor } from '../gaps.ts';
import type { PeerIdentity } from '../identity.ts';
import type { Peer, PeerAnswer } from '../rule.ts';
import { indexOf } from '../state-index.ts';
import { triOf } from '../tri.ts';

interface Place {
  readonly path: string;
  readonly state: ClusterState;
}

/** What one entry with cidrGroupRef or cidrGroupSelector selects; nothing where the group does not exist. */
export function cidrGroupPeers(set: CiliumCidrRule, except: readonly Cidr[], { path, state }: Place): Peer[] {
  const what = set.cidrGroupRef ? `CiliumCIDRGroup ${set.cidrGroupRef}` : 'CiliumCIDRGroups by label';
  const gap = gapFor(state, 'ciliumcidrgroups');
  const unread: Peer[] = gap
    ? [{ match: { kind: 'unknown', why: `${gap.what}: ${gap.reason}` }, path, text: what }]
    : [];
  if (set.cidrGroupSelector) return [selectorPeer(set.cidrGroupSelector, except, { path, state }), ...unread];
  const named = state.cidrGroups.filter((group) => group.meta.name === set.cidrGroupRef);
  const ranges = named.flatMap((group) => rangesOf(group).map((cidr) => ({ group, ...cidr })));
  // A group that does not exist selects nothing; one that may exist unread is an open question.
  if (named.length === 0) return unread;
  return ranges.map(({ group, text, cidr }) => ({
    match: { kind: 'cidr', cidr, except },
    path,
    text: `CiliumCIDRGroup ${group.meta.name} ${text}`,
  }));
}

/** What does not parse as a prefix is passed over (pkg/policy/k8s, cidrsAndLabelsForCIDRGroup). */
function rangesOf(group: CiliumCidrGroup): { readonly text: string; readonly cidr: Cidr }[] {
  return group.externalCIDRs.flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr ? [{ text, cidr }] : [];
  });
}

/**
 * A selector is asked of each destination's own labels, among which are those of all groups that hold it: so one that only excludes, or
 * asks nothing, takes pods and nodes too (pkg/policy/types, matchesEncodedRequirements).
 */
function selectorPeer(selector: LabelSelector, except: readonly Cidr[], { path, state }: Place): Peer {
  const groups = state.cidrGroups.map((group) => ({
    labels: group.meta.labels,
    ranges: rangesOf(group).map(({ cidr }) => cidr),
  }));
  const test = (identity: PeerIdentity): PeerAnswer => {
    if (!carriesRanges(state, identity)) return { tri: triOf(admits(selector, [])) };
    const { ip } = identity;
    if (!ip) return { tri: 'unknown', why: 'the addresses of the name are not known' };
    if (except.some((cidr) => cidrContains(cidr, ip))) return { tri: 'no' };
    const holding = groups.filter(({ ranges }) => ranges.some((cidr) => cidrContains(cidr, ip)));
    return {
      tri: triOf(
        admits(
          selector,
          holding.map(({ labels }) => labels),
        ),
      ),
    };
  };
  return { match: { kind: 'where', test }, path, text: 'CiliumCIDRGroups by label' };
}

/** Whether labels of ranges stay on the identity (policy-semantics §3.4). */
function carriesRanges(state: ClusterState, { kind }: PeerIdentity): boolean {
  const { settings } = indexOf(state);
  if (kind === 'world') return true;
  return kind === 'pod' ? settings.matchPodsByCidr : settings.matchNodesByCidr;
}

type Labels = Readonly<Record<string, string>>;

function admits({ matchLabels, matchExpressions }: LabelSelector, groups: readonly Labels[]): boolean {
  const exact = Object.entries(matchLabels).every(([key, value]) => groups.some((labels) => labels[key] === value));
  return exact && matchExpressions.every((requirement) => meets(requirement, groups));
}

function meets({ key, operator, values }: LabelRequirement, groups: readonly Labels[]): boolean {
  const listed = groups.some((labels) => values.includes(labels[key] ?? NO_VALUE));
  const present = groups.some((labels) => labels[key] !== undefined);
  const answers = { In: listed, NotIn: !listed, Exists: present, DoesNotExist: !present };
  return answers[operator];
}

/** No label has it: the API allows no such character. */
const NO_VALUE = '\u0000';
