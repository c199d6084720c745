/** What the policy engine decides and why: one trace behind verdict and explanation. Produced by `core/policy/evaluate.ts`. */
import type { NotRead } from './cluster-state.ts';
import type { Destination } from './destination.ts';
import type { ObjectRef } from './object-meta.ts';

export type Decision = 'allowed' | 'denied' | 'unknown';

/** One rule of one policy, at the path where a person finds it. */
export interface RuleRef {
  readonly policy: ObjectRef;
  /** e.g. `spec.egress[1].toFQDNs[0]`. */
  readonly path: string;
  /** `pass` hands the packet to the next layer of policies. */
  readonly effect: 'allow' | 'deny' | 'pass';
  /** e.g. `toFQDNs matchName "api.vendor.example" on 443/TCP`. */
  readonly text: string;
}

export type StageReason =
  | 'not_isolated'
  | 'allowed_by_rule'
  | 'default_deny'
  | 'explicit_deny'
  | 'dns_name_refused'
  | 'dns_not_proxied'
  | 'enforcement_off'
  | 'host_network'
  | 'address_unknown'
  | 'not_applicable'
  | 'incomplete_state'
  /** A service mesh's proxy in the pod decides, not the network plugin. */
  | 'mesh_allows'
  | 'mesh_blocks'
  /** The TLS server name is not among those the rule lets through. */
  | 'server_name_refused';

export interface StageVerdict {
  readonly decision: Decision;
  readonly reason: StageReason;
  readonly decidedBy: readonly RuleRef[];
  /** One sentence, generated from the trace. */
  readonly explanation: string;
  /** The engine answers the denied packet with a refusal instead of silence. */
  readonly rejects?: true;
}

/** A rule that was probably meant to match, and the one change that would make it. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly kind:
    | 'cname_listed'
    | 'wildcard_depth'
    | 'name_similar'
    /** Allowed for the lookup, not for the connection; the reverse is `dns_name_not_listed`. */
    | 'lookup_only'
    | 'port_missing'
    | 'protocol_missing'
    | 'dns_rule_missing'
    | 'dns_rule_without_l7'
    | 'dns_name_not_listed'
    | 'dns_target_mismatch'
    | 'pod_not_selected'
    | 'other_namespace'
    | 'cidr_cannot_match'
    | 'policy_invalid'
    | 'policy_not_enforced'
    | 'deny_wins'
    | 'label_similar'
    | 'shared_address'
    | 'server_name_not_listed'
    | 'same_rule_family';
  readonly statement: string;
  /** What to change, as data for the fix. */
  readonly change?: PolicyChange;
}

/** A structural edit of one policy; rendered to YAML by `gitops`, proved by re-evaluating the patched state. */
export interface PolicyChange {
  readonly policy: ObjectRef;
  readonly op: 'add' | 'remove' | 'replace';
  /** Keys and indices from the object's root, e.g. ['spec','egress',1,'toFQDNs','-']; a final '-' appends (RFC 6902). */
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
  readonly why: string;
}

export interface Evaluation {
  readonly destination: Destination;
  readonly decision: Decision;
  /** The rules that decide: those of the stage that denies, else of both. Empty for a default deny: then see `isolatedBy`. */
  readonly decidedBy: readonly RuleRef[];
  /** The name lookup towards the pod's DNS server. */
  readonly lookup: StageVerdict;
  /** The connection itself. */
  readonly connect: StageVerdict;
  /** What the mesh's proxy in the pod makes of it; absent where no mesh governs the pod's egress. */
  readonly mesh?: StageVerdict;
  /** Policies that put the pod in egress default-deny. */
  readonly isolatedBy: readonly ObjectRef[];
  readonly nearMisses: readonly NearMiss[];
  /** Stated premises, e.g. `Cilium version not read: 1.19 wildcard grammar assumed`. */
  readonly assumptions: readonly string[];
  readonly notEvaluated: readonly NotRead[];
}

/** A policy that selects the pod, with its egress rules in words. */
export interface SelectingPolicy {
  readonly policy: ObjectRef;
  readonly isolatesEgress: boolean;
  /** `valid: false` means the engine does not enforce it; `invalidReason` says why. */
  readonly valid: boolean;
  readonly invalidReason?: string;
  readonly rules: readonly RuleRef[];
}
