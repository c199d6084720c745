/** References to CiliumCIDRGroups as peers; used by `peers.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { CiliumCidrGroup, CiliumCidrRule } from '../../../model/policy.ts';
import type { LabelRequirement, LabelSelector } from '../../../model/selector.ts';
import type { Cidr } from '../../../net/cidr.ts';
import { cidrContains, parseCidr } from '../../../net/cidr.ts';
import type { PeerIdentity } from '../../identity/identity.ts';
import type { Peer, PeerAnswer } from '../../rules/rule.ts';
import { gapFor } from '../../state/gaps.ts';
import { indexOf } from '../../state/state-index.ts';
import { triOf } from '../../tri.ts';
import { labelsText } from '../selector-text.ts';

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
  if (set.cidrGroupSelector) {
    const { cidrGroupSelector: selector } = set;
    const text = `CiliumCIDRGroups ${labelsText(selector)}`;
    if (sharesAnything(selector, except, state)) return [{ match: { kind: 'where', test: anything }, path, text }];
    const peer = memberPeer((groups) => admits(selector, groups, indexOf(state).settings.minor), except, {
      path,
      state,
    });
    return [{ ...peer, text }, ...unread];
  }
  const named = state.cidrGroups.filter((group) => group.meta.name === set.cidrGroupRef);
  // A group that does not exist selects nothing; one that may exist unread is an open question.
  if (named.length === 0) return unread;
  // Where nodes bear the labels of ranges, a group of all addresses takes them as well, unlike a range of all addresses.
  if (indexOf(state).settings.matchNodesByCidr)
    return [
      { ...memberPeer((groups) => groups.some((group) => named.includes(group)), except, { path, state }), text: what },
    ];
  return named.flatMap((group) =>
    rangesOf(group).map(({ text, cidr }): Peer => {
      return { match: { kind: 'cidr', cidr, except }, path, text: `CiliumCIDRGroup ${group.meta.name} ${text}` };
    }),
  );
}

/** 1.20 keeps an empty selector under the key of "any destination", whose match and this one's differ (pkg/policy/api, SelectorKey). */
function sharesAnything(
  { matchLabels, matchExpressions }: LabelSelector,
  except: readonly Cidr[],
  state: ClusterState,
) {
  const empty = Object.keys(matchLabels).length + matchExpressions.length + except.length === 0;
  return empty && indexOf(state).settings.minor >= 20;
}

function anything({ kind }: PeerIdentity): PeerAnswer {
  if (kind === 'world') return { tri: 'yes' };
  return {
    tri: 'unknown',
    why: 'Cilium takes an empty cidrGroupSelector for any destination if it met one such rule before',
  };
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
 * asks nothing, took pods and nodes too until 1.19 (pkg/policy/types, matchesEncodedRequirements and CIDRSelector.Matches).
 */
function memberPeer(
  admitted: (groups: readonly CiliumCidrGroup[]) => boolean,
  except: readonly Cidr[],
  { path, state }: Place,
): Omit<Peer, 'text'> {
  const groups = state.cidrGroups.map((group) => ({ group, ranges: rangesOf(group).map(({ cidr }) => cidr) }));
  const { minor } = indexOf(state).settings;
  const test = (identity: PeerIdentity): PeerAnswer => {
    if (!carriesRanges(state, identity)) return { tri: triOf(minor < 20 && admitted([])) };
    const { ip, alsoAt } = identity;
    if (!ip) return { tri: 'unknown', why: 'the addresses of the name are not known' };
    const within = (cidr: Cidr) => (alsoAt ?? [ip]).some((one) => cidrContains(cidr, one));
    // Since 1.19 an exception of all addresses is the label of the world, which only outside addresses have.
    if (except.some((cidr) => within(cidr) && (cidr.prefix > 0 || identity.kind === 'world' || minor < 19)))
      return { tri: 'no' };
    const around = groups.flatMap(({ group, ranges }) => {
      const prefixes = ranges.filter(within).map(({ prefix }) => prefix);
      return prefixes.length > 0 ? [{ group, prefix: Math.max(...prefixes) }] : [];
    });
    const narrowestFirst = around.toSorted((one, other) => other.prefix - one.prefix);
    return { tri: triOf(admitted(narrowestFirst.map(({ group }) => group))) };
  };
  return { match: { kind: 'where', test }, path };
}

/** Whether labels of ranges stay on the identity (policy-semantics §3.4). */
function carriesRanges(state: ClusterState, { kind }: PeerIdentity): boolean {
  const { settings } = indexOf(state);
  if (kind === 'world') return true;
  return kind === 'pod' ? settings.matchPodsByCidr : settings.matchNodesByCidr;
}

/** Before 1.19 the narrowest group's value of a key hides those of others (pkg/ipcache, mergeParentLabels). @param groups narrowest first */
function admits(
  { matchLabels, matchExpressions }: LabelSelector,
  groups: readonly CiliumCidrGroup[],
  minor: number,
): boolean {
  const all = groups.map(({ meta }) => meta.labels);
  const exact = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] }) as const);
  return [...exact, ...matchExpressions].every((requirement) =>
    meets(requirement, (key) => all.flatMap((labels) => labels[key] ?? []).slice(0, minor < 19 ? 1 : undefined)),
  );
}

function meets({ key, operator, values }: LabelRequirement, valuesOf: (key: string) => readonly string[]): boolean {
  // Keys with a source are taken since 1.20.
  const given = valuesOf(key.replace(/^(?:any|cidrgroup):/, ''));
  const listed = given.some((value) => values.includes(value));
  const answers = { In: listed, NotIn: !listed, Exists: given.length > 0, DoesNotExist: given.length === 0 };
  return answers[operator];
}
