/** Where a missing name belongs: the existing rule that should list it, best first; used by `connect-change.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import { matchPorts } from '../policy/decide/match.ts';
import { selectorDomain, sharedParent } from '../policy/fqdn/name-family.ts';
import type { PeerIdentity } from '../policy/identity/identity.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import type { Peer, PolicyRule } from '../policy/rules/rule.ts';

/** One egress element with only names as peers, with all its port lists. */
export interface NameRule {
  readonly rule: PolicyRule;
  readonly rules: readonly PolicyRule[];
  readonly peers: readonly Peer[];
  /** Some port list of it covers the wanted port without further filtering. */
  readonly coversPort: boolean;
  readonly rank: number;
}

interface Wanted {
  readonly host: string;
  readonly destination: Destination;
  readonly identity: PeerIdentity;
}

/** Candidates by rank: a sibling's rule on the port, the rule that lists the CNAME target, any name rule on the port, the rest. */
export function nameRules(state: ClusterState, policy: PodPolicy, wanted: Wanted): readonly NameRule[] {
  const elements = new Map<string, PolicyRule[]>();
  for (const rule of policy.rules) {
    if (rule.effect !== 'allow' || rule.policy.kind === 'NetworkPolicy' || !onlyNames(rule)) continue;
    const key = `${rule.policy.kind} ${rule.policy.namespace ?? ''}/${rule.policy.name} ${rule.path}`;
    elements.set(key, [...(elements.get(key) ?? []), rule]);
  }
  const found = [...elements.values()].flatMap((rules) => nameRule(state, rules, wanted) ?? []);
  return found.toSorted((a, b) => a.rank - b.rank);
}

function onlyNames(rule: PolicyRule): boolean {
  return typeof rule.peers !== 'string' && rule.peers.every((peer) => peer.match.kind === 'fqdn');
}

function nameRule(state: ClusterState, rules: readonly PolicyRule[], wanted: Wanted): NameRule | undefined {
  const first = rules[0];
  if (!first || typeof first.peers === 'string') return undefined;
  const covering = rules.find((rule) => isPlain(rule) && matchPorts(state, rule, wanted.identity).tri === 'yes');
  const base = { rule: covering ?? first, rules, peers: first.peers, coversPort: covering !== undefined };
  return { ...base, rank: rankOf(base, wanted) };
}

// A rule with HTTP rules or a server-name list would let the name through to a filter it is not in.
function isPlain({ l7 }: PolicyRule): boolean {
  return !l7.http && !l7.other && l7.serverNames.length === 0;
}

function rankOf({ peers, coversPort, rule }: Omit<NameRule, 'rank'>, { host, destination }: Wanted): number {
  const selectors = peers.flatMap(({ match }) => (match.kind === 'fqdn' ? [match] : []));
  const family = selectors.some(({ selector }) => sharedParent(host, selectorDomain(selector)) !== undefined);
  const alias = selectors.some(({ matches }) => destination.cnames.some(matches));
  const kind = family ? 0 : alias ? 1 : 2;
  // Own-namespace policies before clusterwide ones, which would open the name for more pods.
  return (coversPort ? 0 : 20) + kind * 2 + (rule.policy.kind === 'CiliumNetworkPolicy' ? 0 : 10);
}
