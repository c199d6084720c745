/** The verdict for one packet of one pod, with everything that matched (policy-semantics §0 `l4`, §5); the heart of `evaluate.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Decision, StageReason } from '../../model/evaluation.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { LayerKey } from '../rules/layers.ts';
import type { PodPolicy } from '../rules/pod-policy.ts';
import { l7Conflict } from './l7-conflict.ts';
import type { RuleMatch } from './match.ts';
import { openQuestions } from './open-questions.ts';
import type { Outcome } from './walk.ts';
import { walk } from './walk.ts';

export interface Trace {
  readonly decision: Decision;
  readonly reason: StageReason;
  readonly identity: PeerIdentity;
  /** The rules that decide. */
  readonly decidedBy: readonly RuleMatch[];
  /** All certain allowing matches, for what L7 makes of them. */
  readonly allows: readonly RuleMatch[];
  /** The layer that decides, or whose end drops the packet; absent where no layer did. */
  readonly layer?: Outcome['layer'];
  /** Why the decision is unknown, in words. */
  readonly why?: string;
}

/** What the engine does with the pod's packet to the identity. */
export function decide(state: ClusterState, policy: PodPolicy, identity: PeerIdentity): Trace {
  const off = enforcementOff(policy);
  if (off) return { decision: 'allowed', reason: off, identity, decidedBy: [], allows: [] };
  if (isLoopback(identity))
    return { decision: 'allowed', reason: 'not_applicable', identity, decidedBy: [], allows: [] };
  const conflict = l7Conflict(policy);
  if (conflict !== undefined)
    return { decision: 'unknown', reason: 'incomplete_state', identity, decidedBy: [], allows: [], why: conflict };
  const outcomes = GATES.map((gate, index) => {
    const layers = policy.gates[index] ?? [];
    // Only the first gate drops by default: that is where policies isolate pods.
    const dropsLast = gate === 'policy' && policy.defaultDeny && policy.isolatedBy.length === 0;
    // Each gate's answer must stand by itself: an allow at one says nothing about what was not read at the other.
    return questioned(state, policy, { gate, trace: { ...walk({ state, layers, identity, dropsLast }), identity } });
  });
  const decisive =
    outcomes.find(({ decision }) => decision === 'denied') ??
    outcomes.find(({ decision }) => decision === 'unknown') ??
    outcomes.find(({ decidedBy }) => decidedBy.length > 0) ??
    outcomes[0];
  return decisive ?? NOTHING(identity);
}

const GATES = ['policy', 'firewall'] as const;

const NOTHING = (identity: PeerIdentity): Trace => ({
  decision: 'allowed',
  reason: 'not_isolated',
  identity,
  decidedBy: [],
  allows: [],
});

function enforcementOff(policy: PodPolicy): 'host_network' | 'enforcement_off' | undefined {
  if (policy.pod.hostNetwork) return 'host_network';
  return policy.settings.cilium && policy.settings.enforcement === 'never' ? 'enforcement_off' : undefined;
}

/** The pod's kernel delivers it without an interface that an engine guards. */
function isLoopback({ ip }: PeerIdentity): boolean {
  return ip !== undefined && (ip.family === 4 ? ip.value >> 24n === 127n : ip.value === 1n);
}

const POWER_TO_CHANGE = {
  allowed_by_rule: 'may_deny',
  not_isolated: 'may_isolate',
  default_deny: 'may_allow',
  explicit_deny: 'may_overrule',
} as const;

/** The answer from what was read stands only if nothing that was not read could change it. */
function questioned(
  state: ClusterState,
  policy: PodPolicy,
  { gate, trace }: { readonly gate: LayerKey['gate']; readonly trace: Trace },
): Trace {
  const power = POWER_TO_CHANGE[trace.reason as keyof typeof POWER_TO_CHANGE];
  const question = power && openQuestions(state, policy, { power, gate, layer: trace.layer?.key });
  if (question === undefined) return trace;
  return { ...trace, decision: 'unknown', reason: 'incomplete_state', why: question };
}
