/** One translator a kind: every kind of policy becomes the one internal rule type here; called by `rules/policies.ts`. */
import type { ClusterState } from '../../model/cluster-state.ts';
import type { Policy } from '../../model/policy.ts';
import type { TranslatedPolicy } from '../rules/rule.ts';
import { translateAdmin } from './admin/policy.ts';
import { translateAntrea } from './antrea/policy.ts';
import { translateApplication } from './aws/policy.ts';
import { translateCalico } from './calico/policy.ts';
import { translateCilium } from './cilium/policy.ts';
import { translateEgressFirewall, translateEgressNetworkPolicy } from './egress-firewall.ts';
import { translateFqdnNetworkPolicy } from './gke.ts';
import { translateNetworkPolicy } from './network-policy.ts';

type Translator<K extends Policy['kind']> = (
  policy: Extract<Policy, { readonly kind: K }>,
  state: ClusterState,
) => TranslatedPolicy;

interface KindEntry<K extends Policy['kind']> {
  readonly translate: Translator<K>;
  /** Where it stands: in the union of network policies, in a layer that may come before it, or in one after it. */
  readonly joins: 'normal' | 'before' | 'after';
  /** At which gate; that of the policies where absent. */
  readonly gate?: 'firewall';
  /** It cannot deny what another policy of its layer allows. */
  readonly allowsOnly?: true;
  /** Governs pods of every namespace. */
  readonly clusterwide: boolean;
  /** The first word of the `NotRead` about this kind (`cluster/resources.ts` labels). */
  readonly resource: string;
}

export const KINDS: { readonly [K in Policy['kind']]: KindEntry<K> } = {
  NetworkPolicy: {
    translate: translateNetworkPolicy,
    joins: 'normal',
    clusterwide: false,
    allowsOnly: true,
    resource: 'networkpolicies',
  },
  CiliumNetworkPolicy: {
    translate: translateCilium,
    joins: 'normal',
    clusterwide: false,
    resource: 'ciliumnetworkpolicies',
  },
  CiliumClusterwideNetworkPolicy: {
    translate: translateCilium,
    joins: 'normal',
    clusterwide: true,
    resource: 'ciliumclusterwidenetworkpolicies',
  },
  'NetworkPolicy.projectcalico.org': {
    translate: translateCalico,
    joins: 'before',
    clusterwide: false,
    resource: 'calico',
  },
  'GlobalNetworkPolicy.projectcalico.org': {
    translate: translateCalico,
    joins: 'before',
    clusterwide: true,
    resource: 'calico',
  },
  AdminNetworkPolicy: {
    translate: translateAdmin,
    joins: 'before',
    clusterwide: true,
    resource: 'adminnetworkpolicies',
  },
  BaselineAdminNetworkPolicy: {
    translate: translateAdmin,
    joins: 'after',
    clusterwide: true,
    resource: 'baselineadminnetworkpolicies',
  },
  'ClusterNetworkPolicy.policy.networking.k8s.io': {
    translate: translateAdmin,
    joins: 'before',
    clusterwide: true,
    resource: 'clusternetworkpolicies',
  },
  'ClusterNetworkPolicy.networking.k8s.aws': {
    translate: translateAdmin,
    joins: 'before',
    clusterwide: true,
    resource: 'aws',
  },
  ApplicationNetworkPolicy: {
    translate: translateApplication,
    joins: 'normal',
    clusterwide: false,
    allowsOnly: true,
    resource: 'applicationnetworkpolicies',
  },
  'NetworkPolicy.crd.antrea.io': {
    translate: translateAntrea,
    joins: 'before',
    clusterwide: false,
    resource: 'antrea',
  },
  'ClusterNetworkPolicy.crd.antrea.io': {
    translate: translateAntrea,
    joins: 'before',
    clusterwide: true,
    resource: 'antrea',
  },
  FQDNNetworkPolicy: {
    translate: translateFqdnNetworkPolicy,
    joins: 'normal',
    clusterwide: false,
    allowsOnly: true,
    resource: 'fqdnnetworkpolicies',
  },
  EgressFirewall: {
    translate: translateEgressFirewall,
    joins: 'before',
    gate: 'firewall',
    clusterwide: false,
    resource: 'egressfirewalls',
  },
  EgressNetworkPolicy: {
    translate: translateEgressNetworkPolicy,
    joins: 'before',
    gate: 'firewall',
    clusterwide: false,
    resource: 'egressnetworkpolicies',
  },
};

export function translate(policy: Policy, state: ClusterState): TranslatedPolicy {
  // The table pairs each kind with its own translator, which the type of a lookup by a union key cannot say.
  const entry = KINDS[policy.kind] as KindEntry<Policy['kind']>;
  return (entry.translate as (one: Policy, all: ClusterState) => TranslatedPolicy)(policy, state);
}
