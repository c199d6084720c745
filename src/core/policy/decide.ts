/** The verdict for one packet of one pod, with everything that matched (policy-semantics §0 `l4`); the heart of `evaluate.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Decision, StageReason } from '../model/evaluation.ts';
import type { PeerIdentity } from './identity.ts';
import { l7Conflict } from './l7-conflict.ts';
import type { RuleMatch } from './match.ts';
import { matchRule } from './match.ts';
import { openQuestions } from './open-questions.ts';
import type { PodPolicy } from './pod-policy.ts';

export interface Trace {
  readonly decision: Decision;
  readonly reason: StageReason;
  readonly identity: PeerIdentity;
  /** The rules that decide. */
  readonly decidedBy: readonly RuleMatch[];
  /** All certain matches, for what L7 makes of them. */
  readonly allows: readonly RuleMatch[];
  /** Why the decision is unknown, in words. */
  readonly why?: string;
}

/** What the engine does with the pod's packet to the identity. */
export function decide(state: ClusterState, policy: PodPolicy, identity: PeerIdentity): Trace {
  const off = enforcementOff(policy);
  if (off) return { decision: 'allowed', reason: off, identity, decidedBy: [], allows: [] };
  const conflict = l7Conflict(policy);
  if (conflict !== undefined)
    return { decision: 'unknown', reason: 'incomplete_state', identity, decidedBy: [], allows: [], why: conflict };
  const matches = policy.rules.flatMap((rule) => matchRule(state, rule, identity) ?? []);
  const denies = matches.filter((one) => one.rule.effect === 'deny');
  const allows = matches.filter((one) => one.rule.effect === 'allow' && one.tri === 'yes');
  const certain = denies.filter((one) => one.tri === 'yes');
  const base = { identity, allows };
  if (certain.length > 0) return { ...base, decision: 'denied', reason: 'explicit_deny', decidedBy: certain };
  const openDeny = denies[0];
  if (openDeny) return unknown(base, openDeny, [openDeny]);
  if (allows.length > 0 || !policy.defaultDeny) return allowed(state, policy, base);
  return notAllowed(state, policy, base, matches);
}

type Base = Pick<Trace, 'identity' | 'allows'>;

function enforcementOff(policy: PodPolicy): 'host_network' | 'enforcement_off' | undefined {
  if (policy.pod.hostNetwork) return 'host_network';
  return policy.settings.cilium && policy.settings.enforcement === 'never' ? 'enforcement_off' : undefined;
}

/** Allowed by what was read; an unread policy kind may still deny, or isolate a pod that nothing isolates so far. */
function allowed(state: ClusterState, policy: PodPolicy, base: Base): Trace {
  const byRule = base.allows.length > 0;
  const question = openQuestions(state, policy, byRule ? 'may_deny' : 'may_isolate');
  if (question !== undefined)
    return { ...base, decision: 'unknown', reason: 'incomplete_state', decidedBy: base.allows, why: question };
  return { ...base, decision: 'allowed', reason: byRule ? 'allowed_by_rule' : 'not_isolated', decidedBy: base.allows };
}

function notAllowed(state: ClusterState, policy: PodPolicy, base: Base, matches: readonly RuleMatch[]): Trace {
  const open = matches.filter((one) => one.tri === 'unknown');
  // Name what the user can act on: a missing DNS rule before a missing address before missing data.
  const first = ORDER.flatMap((doubt) => open.filter((one) => one.doubt === doubt))[0];
  if (first) return unknown(base, first, open);
  const question = openQuestions(state, policy, 'may_allow');
  if (question !== undefined)
    return { ...base, decision: 'unknown', reason: 'incomplete_state', decidedBy: [], why: question };
  return { ...base, decision: 'denied', reason: 'default_deny', decidedBy: [] };
}

const ORDER = ['dns_not_proxied', 'address_unknown', 'incomplete_state'] as const;

function unknown(base: Base, first: RuleMatch, decidedBy: readonly RuleMatch[]): Trace {
  const reason = first.doubt ?? 'incomplete_state';
  return { ...base, decision: 'unknown', reason, decidedBy, ...(first.why !== undefined && { why: first.why }) };
}
