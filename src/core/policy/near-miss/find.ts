/** Rules that were probably meant to match and the one change that would make them; asked by `evaluate.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Destination } from '../../model/destination.ts';
import type { Decision, NearMiss } from '../../model/evaluation.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import type { Connect } from '../stages/connect.ts';
import type { Lookup } from '../stages/lookup.ts';
import type { MissContext } from './context.ts';
import { contextOf } from './context.ts';
import { denyMisses } from './deny.ts';
import { dnsMisses } from './dns.ts';
import { nameMisses } from './names.ts';
import { unenforcedPolicies } from './not-enforced.ts';
import { peerMisses } from './peers.ts';
import { portMisses } from './ports.ts';
import { invalidPolicies, WHOLE_POLICY } from './scope.ts';
import { selectionMisses } from './selection.ts';
import { serverNameMisses } from './server-names.ts';
import { sharedMisses } from './shared.ts';

const MOST = 12;

/** Most telling first, each place once. */
export function nearMissesOf(
  state: ClusterState,
  policy: PodPolicy,
  destination: Destination,
  stages: { decision: Decision; lookup: Lookup; connect: Connect },
): readonly NearMiss[] {
  const context = contextOf(state, policy, destination, stages);
  const found = [
    ...unenforcedPolicies(context),
    ...invalidPolicies(context),
    ...sharedMisses(context),
    ...(stages.decision === 'allowed' ? [] : missesOf(context)),
  ];
  return distinct(found.toSorted((a, b) => rank(a) - rank(b))).slice(0, MOST);
}

function missesOf(context: MissContext): NearMiss[] {
  const { connect, questions } = context;
  const dropped = [...questions, ...connect.traces].some(({ reason }) => reason === 'default_deny');
  return [
    ...denyMisses(context),
    ...serverNameMisses(context),
    ...dnsMisses(context),
    ...nameMisses(context),
    ...portMisses(context),
    ...peerMisses(context),
    ...(dropped ? selectionMisses(context, MOST) : []),
  ];
}

/** What fits the destination but for one thing comes before what merely resembles it. */
const ORDER: readonly NearMiss['kind'][] = [
  'shared_address',
  'deny_wins',
  'policy_not_enforced',
  'policy_invalid',
  'server_name_not_listed',
  'dns_name_not_listed',
  'dns_target_mismatch',
  'dns_rule_missing',
  'dns_rule_without_l7',
  'cname_listed',
  'wildcard_depth',
  'name_similar',
  'port_missing',
  'protocol_missing',
  'cidr_cannot_match',
  'label_similar',
  'lookup_only',
  'pod_not_selected',
  'other_namespace',
  'same_rule_family',
];

function rank({ kind, rule }: NearMiss): number {
  // An invalid policy that would not have helped is told for its own sake.
  return kind === 'policy_invalid' && rule.text === WHOLE_POLICY ? ORDER.length : ORDER.indexOf(kind);
}

/** Entries of one rule that ask for the same change, or say the same of the same place, are one. */
function distinct(misses: readonly NearMiss[]): NearMiss[] {
  const seen = new Set<string>();
  return misses.filter(({ kind, rule, change }) => {
    const { kind: policyKind, namespace, name } = rule.policy;
    const at = JSON.stringify([policyKind, namespace, name]);
    const keys = [
      `${kind} ${at} ${rule.path}`,
      ...(change ? [`${at} ${JSON.stringify([change.path, change.value])}`] : []),
    ];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}
