/** Whether something that was not read, or cannot be evaluated, could change an answer; asked by `decide.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { UnsupportedPolicy } from '../model/policy.ts';
import { gapFor, gapText, unevaluatedGap } from './gaps.ts';
import type { PodPolicy } from './pod-policy.ts';

/** What an unread policy would have to do to change the answer. */
type Power = 'may_allow' | 'may_deny' | 'may_isolate';

/** The first open question with that power, in words; undefined when the answer stands. */
export function openQuestions(state: ClusterState, policy: PodPolicy, power: Power): string | undefined {
  const kinds = unreadKinds(policy, power);
  const namespace = policy.pod.meta.namespace ?? 'default';
  const gap = kinds.map((kind) => gapFor(state, kind, namespace)).find((one) => one !== undefined);
  if (gap) return gapText(gap);
  const doubt = policy.doubts[0];
  if (doubt !== undefined) return doubt;
  if (power === 'may_allow' && state.engine.cni === 'flannel')
    return 'flannel itself does not enforce NetworkPolicy, and whether another enforcer runs was not seen';
  const unseen = unevaluatedGapOf(state, policy);
  return unseen ? gapText(unseen) : unsupportedQuestion(state, policy, power);
}

// A NetworkPolicy can isolate and allow but never deny what another one allows.
function unreadKinds(policy: PodPolicy, power: Power): readonly string[] {
  const { settings } = policy;
  const network = settings.networkPolicies && power !== 'may_deny' ? ['networkpolicies'] : [];
  if (!settings.cilium) return network;
  return [
    ...(settings.namespacedPolicies ? ['ciliumnetworkpolicies'] : []),
    ...(settings.clusterwidePolicies ? ['ciliumclusterwidenetworkpolicies'] : []),
    ...network,
  ];
}

function unevaluatedGapOf(state: ClusterState, policy: PodPolicy) {
  const { cilium, minor, clusterNetworkPolicies } = policy.settings;
  if (!cilium) return unevaluatedGap(state);
  return minor >= 20 && clusterNetworkPolicies ? unevaluatedGap(state, 'clusternetworkpolicies') : undefined;
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
