/** The namespace firewalls of OVN-Kubernetes and OpenShift SDN, as stored; see `model/policy.ts`. */
import type { ObjectMeta } from '../object-meta.ts';
import type { LabelSelector } from '../selector.ts';

/** Exactly one of the fields, says the API; SDN has no `nodeSelector`. */
export interface FirewallDestination {
  readonly cidrSelector?: string;
  readonly dnsName?: string;
  readonly nodeSelector?: LabelSelector;
}

export interface FirewallRule {
  readonly type: 'Allow' | 'Deny';
  readonly to: FirewallDestination;
  /** OVN-Kubernetes only. */
  readonly ports: readonly { readonly protocol: string; readonly port?: number }[];
}

/** k8s.ovn.org/v1 (ovn-kubernetes go-controller/pkg/crd/egressfirewall/v1/types.go). */
export interface EgressFirewall {
  readonly kind: 'EgressFirewall';
  readonly meta: ObjectMeta;
  readonly egress: readonly FirewallRule[];
  /** `.status.status`: what the controller made of it. */
  readonly status?: string;
}

/** network.openshift.io/v1 (openshift/api network/v1/types.go). */
export interface EgressNetworkPolicy {
  readonly kind: 'EgressNetworkPolicy';
  readonly meta: ObjectMeta;
  readonly egress: readonly FirewallRule[];
}
