/** Policy objects as stored in the API, field for field; `core/policy/translate` turns them into the one internal rule type. */
import type { Dialect } from './dialect.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { AdminPolicy } from './policies/admin.ts';
import type { AntreaPolicy } from './policies/antrea.ts';
import type { ApplicationNetworkPolicy } from './policies/aws.ts';
import type { CalicoPolicy } from './policies/calico.ts';
import type { EgressFirewall, EgressNetworkPolicy } from './policies/egress-firewall.ts';
import type { FqdnNetworkPolicy } from './policies/gke.ts';
import type { LabelSelector } from './selector.ts';

/** `.status.conditions[]` entry; Cilium's operator writes `Valid` there. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except: readonly string[] };
}

export interface NetworkPolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface NetworkPolicyEgressRule {
  readonly to?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

export interface NetworkPolicy {
  readonly kind: 'NetworkPolicy';
  readonly meta: ObjectMeta;
  readonly podSelector: LabelSelector;
  /** Absent when the object does not say (the API server then derives it). */
  readonly policyTypes?: readonly string[];
  readonly egress?: readonly NetworkPolicyEgressRule[];
}

/** A name or a pattern, in the dialect of the API that it was read from; Cilium's where that is absent. */
export interface FqdnSelector {
  readonly matchName?: string;
  readonly matchPattern?: string;
  readonly dialect?: Dialect;
}

export interface CiliumCidrRule {
  readonly cidr?: string;
  readonly cidrGroupRef?: string;
  readonly cidrGroupSelector?: LabelSelector;
  readonly except: readonly string[];
}

export interface CiliumPort {
  /** A number or a name, as text; the API stores it as a string. */
  readonly port?: string;
  readonly endPort?: number;
  readonly protocol?: string;
}

export interface CiliumPortRule {
  readonly ports?: readonly CiliumPort[];
  readonly dns?: readonly FqdnSelector[];
  /** HTTP rules are carried untouched: this project reports that they apply, it does not evaluate them. */
  readonly http?: readonly unknown[];
  readonly otherL7?: readonly string[];
  readonly serverNames?: readonly string[];
}

/** One element of `egress` or `egressDeny`. A present-but-empty list differs from an absent one (policy-semantics §3.3). */
export interface CiliumEgressRule {
  readonly toEndpoints?: readonly LabelSelector[];
  readonly toEntities?: readonly string[];
  readonly toCIDR?: readonly string[];
  readonly toCIDRSet?: readonly CiliumCidrRule[];
  readonly toFQDNs?: readonly FqdnSelector[];
  readonly toServices?: readonly unknown[];
  readonly toNodes?: readonly LabelSelector[];
  readonly toGroups?: readonly unknown[];
  readonly toRequires?: readonly LabelSelector[];
  readonly toPorts?: readonly CiliumPortRule[];
  readonly icmps?: readonly unknown[];
}

export interface CiliumRule {
  readonly endpointSelector?: LabelSelector;
  readonly nodeSelector?: LabelSelector;
  readonly egress?: readonly CiliumEgressRule[];
  readonly egressDeny?: readonly CiliumEgressRule[];
  readonly hasIngress: boolean;
  /** `enableDefaultDeny.egress` where written. */
  readonly enableDefaultDenyEgress?: boolean;
}

export interface CiliumPolicy {
  readonly kind: 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';
  readonly meta: ObjectMeta;
  /** `spec` (if any) first, then `specs`; `path` says which: `spec` or `specs[2]`. */
  readonly rules: readonly { readonly path: string; readonly rule: CiliumRule }[];
  readonly conditions: readonly Condition[];
}

export interface CiliumCidrGroup {
  readonly meta: ObjectMeta;
  readonly externalCIDRs: readonly string[];
}

/** A policy of a kind that exists in the cluster but that this version cannot evaluate: never silently ignored. */
export interface UnsupportedPolicy {
  readonly kind: string;
  readonly apiVersion: string;
  readonly meta: ObjectMeta;
}

/** Policies that are compared with Git and whose changes can be rendered. */
export type PatchablePolicy = NetworkPolicy | CiliumPolicy;

/**
 * Every kind that is evaluated. `kind` tells them apart: kinds that share a name carry their group, as kubectl takes them
 * (`NetworkPolicy.projectcalico.org`).
 */
export type Policy =
  | PatchablePolicy
  | CalicoPolicy
  | AdminPolicy
  | ApplicationNetworkPolicy
  | FqdnNetworkPolicy
  | EgressFirewall
  | EgressNetworkPolicy
  | AntreaPolicy;

export function isPatchable(policy: Policy): policy is PatchablePolicy {
  return isPatchableKind(policy.kind);
}

export function isPatchableKind(kind: string): kind is PatchablePolicy['kind'] {
  return ['NetworkPolicy', 'CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'].includes(kind);
}
