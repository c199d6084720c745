/** Calico's policies, tiers and sets as stored in the API, field for field; `core/policy/translate/calico` reads the policies. */
import type { ObjectMeta } from '../object-meta.ts';

export interface CalicoServiceAccounts {
  readonly names: readonly string[];
  readonly selector?: string;
}

/** `source` or `destination` of a rule. Absent and empty lists mean the same here. */
export interface CalicoEntity {
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
  readonly selector?: string;
  readonly notSelector?: string;
  readonly namespaceSelector?: string;
  /** Numbers, ranges `a:b` and names. */
  readonly ports: readonly (number | string)[];
  readonly notPorts: readonly (number | string)[];
  readonly serviceAccounts?: CalicoServiceAccounts;
  readonly services?: { readonly name?: string; readonly namespace?: string };
  /** Calico Enterprise and Calico Cloud only. */
  readonly domains: readonly string[];
}

export interface CalicoIcmp {
  readonly type?: number;
  readonly code?: number;
}

export interface CalicoRule {
  readonly action: string;
  readonly ipVersion?: number;
  readonly protocol?: number | string;
  readonly notProtocol?: number | string;
  readonly icmp?: CalicoIcmp;
  readonly notICMP?: CalicoIcmp;
  readonly source: CalicoEntity;
  readonly destination: CalicoEntity;
  /** It has an HTTP match, which is not read. */
  readonly http: boolean;
}

export interface CalicoPolicy {
  readonly kind: 'NetworkPolicy.projectcalico.org' | 'GlobalNetworkPolicy.projectcalico.org';
  readonly meta: ObjectMeta;
  readonly tier: string;
  /** Absent: after all that have one. */
  readonly order?: number;
  readonly selector?: string;
  readonly namespaceSelector?: string;
  readonly serviceAccountSelector?: string;
  /** Absent when the object does not say. */
  readonly types?: readonly string[];
  readonly egress: readonly CalicoRule[];
  readonly doNotTrack: boolean;
  readonly preDNAT: boolean;
}

export interface CalicoTier {
  readonly meta: ObjectMeta;
  readonly order?: number;
  readonly defaultAction?: string;
}

/** A NetworkSet (with a namespace), a GlobalNetworkSet or a HostEndpoint: addresses that selectors find by labels. */
export interface CalicoSet {
  readonly kind: 'NetworkSet' | 'GlobalNetworkSet' | 'HostEndpoint';
  readonly meta: ObjectMeta;
  readonly nets: readonly string[];
  /** Calico Enterprise and Calico Cloud only. */
  readonly allowedEgressDomains: readonly string[];
}

/** What Calico's policies refer to; a list is absent where it was not read, and `notRead` then says why. */
export interface CalicoFacts {
  readonly tiers?: readonly CalicoTier[];
  readonly sets: readonly CalicoSet[];
  /** Labels of service accounts, which selectors may ask for. */
  readonly serviceAccounts?: readonly ObjectMeta[];
}
