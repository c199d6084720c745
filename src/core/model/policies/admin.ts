/** The cluster administrators' policies of the Network Policy API, and AWS's copy of one of them; see `model/policy.ts`. */
import type { ObjectMeta } from '../object-meta.ts';
import type { Condition } from '../policy.ts';
import type { LabelSelector } from '../selector.ts';

export interface NamespacedPods {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}

/** Exactly one of the fields, says the API. */
export interface AdminSubject {
  readonly namespaces?: LabelSelector;
  readonly pods?: NamespacedPods;
}

/** Exactly one of the fields; none where the API server knew fewer than the author. */
export interface AdminEgressPeer extends AdminSubject {
  readonly nodes?: LabelSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}

/** v1alpha1 `ports`, which AWS has too. */
export interface AdminPort {
  readonly portNumber?: { readonly protocol?: string; readonly port: number };
  readonly portRange?: { readonly protocol?: string; readonly start: number; readonly end: number };
  readonly namedPort?: string;
}

interface ProtocolPort {
  readonly destinationPort?: {
    readonly number?: number;
    readonly range?: { readonly start: number; readonly end: number };
  };
}

/** v1alpha2 `protocols`; without a port, all of the protocol. */
export interface AdminProtocol {
  readonly tcp?: ProtocolPort;
  readonly udp?: ProtocolPort;
  readonly sctp?: ProtocolPort;
  readonly destinationNamedPort?: string;
}

export interface AdminEgressRule {
  readonly name?: string;
  /** `Allow` in v1alpha1, `Accept` since. */
  readonly action: 'Allow' | 'Accept' | 'Deny' | 'Pass';
  readonly to: readonly AdminEgressPeer[];
  readonly ports?: readonly AdminPort[];
  readonly protocols?: readonly AdminProtocol[];
}

interface AdminSpec {
  readonly meta: ObjectMeta;
  readonly subject: AdminSubject;
  readonly egress: readonly AdminEgressRule[];
  readonly conditions: readonly Condition[];
}

export interface AdminNetworkPolicy extends AdminSpec {
  readonly kind: 'AdminNetworkPolicy';
  readonly priority: number;
}

/** One a cluster, named `default`. */
export interface BaselineAdminNetworkPolicy extends AdminSpec {
  readonly kind: 'BaselineAdminNetworkPolicy';
}

export interface ClusterNetworkPolicy extends AdminSpec {
  readonly kind: 'ClusterNetworkPolicy.policy.networking.k8s.io' | 'ClusterNetworkPolicy.networking.k8s.aws';
  readonly tier: 'Admin' | 'Baseline';
  readonly priority: number;
}

export type AdminPolicy = AdminNetworkPolicy | BaselineAdminNetworkPolicy | ClusterNetworkPolicy;
