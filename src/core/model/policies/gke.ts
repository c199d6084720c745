/** GKE's allow-list of names, as stored (gke-networking-api apis/fqdnnetworkpolicy/v1alpha1/types.go); see `model/policy.ts`. */
import type { ObjectMeta } from '../object-meta.ts';
import type { LabelSelector } from '../selector.ts';

/** Exactly one of the fields, says the API. */
export interface FqdnPolicyMatch {
  readonly name?: string;
  readonly pattern?: string;
}

export interface FqdnPolicyPort {
  /** TCP, UDP or ALL, which is the default. */
  readonly protocol?: string;
  readonly port?: number;
}

export interface FqdnNetworkPolicy {
  readonly kind: 'FQDNNetworkPolicy';
  readonly meta: ObjectMeta;
  readonly podSelector: LabelSelector;
  readonly egress: readonly {
    readonly matches: readonly FqdnPolicyMatch[];
    readonly ports: readonly FqdnPolicyPort[];
  }[];
}
