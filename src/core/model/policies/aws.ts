/** What EKS adds to network policies: allow-lists of names, and the default of a node; see `model/policy.ts`, `model/cluster-state.ts`. */
import type { ObjectMeta } from '../object-meta.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../policy.ts';
import type { LabelSelector } from '../selector.ts';

interface ApplicationPeer extends NetworkPolicyPeer {
  /** Excludes the other fields. */
  readonly domainNames?: readonly string[];
}

export interface ApplicationEgressRule {
  readonly to?: readonly ApplicationPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

export interface ApplicationNetworkPolicy {
  readonly kind: 'ApplicationNetworkPolicy';
  readonly meta: ObjectMeta;
  readonly podSelector: LabelSelector;
  readonly policyTypes?: readonly string[];
  readonly egress?: readonly ApplicationEgressRule[];
}

/** eks.amazonaws.com NodeClass of EKS Auto Mode; nodes name theirs in the label `eks.amazonaws.com/nodeclass`. */
export interface NodeClass {
  readonly meta: ObjectMeta;
  /** `DefaultAllow` (also when absent) or `DefaultDeny`: what becomes of pods that no policy selects. */
  readonly networkPolicy?: string;
}
