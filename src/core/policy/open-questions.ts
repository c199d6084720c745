/** Whether something that was not read, or cannot be evaluated, could change an answer; asked by `decide.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Policy, UnsupportedPolicy } from '../model/policy.ts';
import { enforcementOf } from './enforcement.ts';
import { gapFor, gapText, unevaluatedGap } from './gaps.ts';
import type { Layer, PodPolicy } from './pod-policy.ts';
import { KINDS } from './translate/registry.ts';

/** What an unread policy would have to do to change the answer. */
type Power = 'may_allow' | 'may_deny' | 'may_isolate' | 'may_overrule';

export interface Question {
  readonly power: Power;
  /** The layer that decided. */
  readonly layer: Layer | undefined;
}

/** The first open question with that power, in words; undefined when the answer stands. */
export function openQuestions(state: ClusterState, policy: PodPolicy, question: Question): string | undefined {
  const kinds = unreadKinds(state, question);
  const namespace = policy.pod.meta.namespace ?? 'default';
  const gap = kinds.map((kind) => gapFor(state, kind, namespace)).find((one) => one !== undefined);
  if (gap) return gapText(gap);
  // Where deny beats allow, nothing can overrule an explicit deny.
  if (question.power === 'may_overrule' && question.layer?.key.mode !== 'ordered') return undefined;
  const doubt = policy.doubts[0];
  if (doubt !== undefined) return doubt;
  const unseen = policy.settings.cilium ? undefined : unevaluatedGap(state);
  return unseen ? gapText(unseen) : unsupportedQuestion(state, policy, question.power);
}

/** Kinds in force here of which an object that was not read could have that power. */
function unreadKinds(state: ClusterState, { power, layer }: Question): readonly string[] {
  const enforced = (Object.keys(KINDS) as Policy['kind'][]).filter(
    (kind) => enforcementOf(kind, state).enforced !== 'no',
  );
  return enforced.filter((kind) => hasPower(kind, power, layer)).map((kind) => KINDS[kind].resource);
}

function hasPower(kind: Policy['kind'], power: Power, layer: Layer | undefined): boolean {
  const { joins } = KINDS[kind];
  // An explicit deny of a union stands unless a layer before it lets the packet through.
  if (power === 'may_overrule') return joins === 'before' || (joins === 'normal' && layer?.key.mode === 'ordered');
  // A NetworkPolicy can isolate and allow but never deny what another one allows.
  return kind !== 'NetworkPolicy' || power !== 'may_deny';
}

function unsupportedQuestion(state: ClusterState, policy: PodPolicy, power: Power): string | undefined {
  const other = state.unsupported.find((one) => concerns(one, policy, power));
  if (!other) return undefined;
  const name = `${other.meta.namespace ? `${other.meta.namespace}/` : ''}${other.meta.name}`;
  return `${other.kind} ${name} (${other.apiVersion}) exists and is of a kind that is not evaluated`;
}

/** Cilium knows no foreign kind but ClusterNetworkPolicy, and that from 1.20 (policy-semantics §5). */
function concerns(other: UnsupportedPolicy, policy: PodPolicy, power: Power): boolean {
  if (policy.settings.cilium)
    return (
      other.kind === 'ClusterNetworkPolicy' && policy.settings.minor >= 20 && policy.settings.clusterNetworkPolicies
    );
  if (/istio\.io|linkerd\.io/.test(other.apiVersion)) return false;
  if (other.kind === 'BaselineAdminNetworkPolicy' && power !== 'may_isolate') return false;
  return other.meta.namespace === undefined || other.meta.namespace === policy.pod.meta.namespace;
}
