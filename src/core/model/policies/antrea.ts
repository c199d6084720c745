/** Antrea's policies, tiers and groups, as stored (antrea pkg/apis/crd/v1beta1/types.go); see `model/policy.ts`. */
import type { ObjectMeta } from '../object-meta.ts';
import type { LabelSelector } from '../selector.ts';

export interface AntreaName {
  readonly name: string;
  readonly namespace?: string;
}

export interface AntreaBlock {
  readonly cidr: string;
  /** From Antrea 2.2 on. */
  readonly except: readonly string[];
}

/** Fields that select workloads, in `appliedTo` and in peers alike. */
export interface AntreaSelector {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly externalEntitySelector?: LabelSelector;
  readonly nodeSelector?: LabelSelector;
  readonly serviceAccount?: AntreaName;
  /** A ClusterGroup; of the namespaced policy a Group. */
  readonly group?: string;
}

export interface AntreaAppliedTo extends AntreaSelector {
  /** A NodePort Service: for ingress alone. */
  readonly service?: AntreaName;
}

export interface AntreaPeer extends AntreaSelector {
  readonly namespaces?: { readonly match?: string; readonly sameLabels?: readonly string[] };
  readonly ipBlock?: AntreaBlock;
  readonly fqdn?: string;
  readonly scope?: string;
}

export interface AntreaPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
  readonly sourcePort?: number;
  readonly sourceEndPort?: number;
}

export interface AntreaProtocol {
  readonly icmp?: { readonly icmpType?: number; readonly icmpCode?: number };
  /** Only that it is there: multicast is no connection. */
  readonly igmp?: unknown;
}

export interface AntreaRule {
  readonly action: string;
  readonly to: readonly AntreaPeer[];
  readonly toServices?: readonly (AntreaName & { readonly scope?: string })[];
  readonly ports: readonly AntreaPort[];
  readonly protocols: readonly AntreaProtocol[];
  /** Carried untouched: it is reported that they apply. */
  readonly l7Protocols: readonly unknown[];
  readonly appliedTo: readonly AntreaAppliedTo[];
  readonly name?: string;
}

export interface AntreaPolicy {
  readonly kind: 'NetworkPolicy.crd.antrea.io' | 'ClusterNetworkPolicy.crd.antrea.io';
  readonly meta: ObjectMeta;
  readonly tier?: string;
  readonly priority: number;
  readonly appliedTo: readonly AntreaAppliedTo[];
  readonly egress: readonly AntreaRule[];
}

export interface AntreaTier {
  readonly meta: ObjectMeta;
  readonly priority: number;
}

/** A Group, or without a namespace a ClusterGroup. */
export interface AntreaGroup {
  readonly meta: ObjectMeta;
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly externalEntitySelector?: LabelSelector;
  readonly nodeSelector?: LabelSelector;
  readonly ipBlocks: readonly AntreaBlock[];
  readonly serviceReference?: AntreaName;
  readonly childGroups: readonly string[];
}

/** What Antrea's policies refer to. */
export interface AntreaFacts {
  readonly tiers: readonly AntreaTier[];
  readonly groups: readonly AntreaGroup[];
}
