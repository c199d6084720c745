/** The kinds of policies that are read whole and evaluated, each with its decoder; read by `read-state.ts`. */
import type { ClusterNetworkPolicy } from '../core/model/policies/admin.ts';
import type { CalicoPolicy } from '../core/model/policies/calico.ts';
import type { Policy } from '../core/model/policy.ts';
import {
  adminNetworkPolicySchema,
  baselineAdminNetworkPolicySchema,
  clusterNetworkPolicySchema,
} from './decode/admin.ts';
import { antreaPolicySchema } from './decode/antrea.ts';
import { applicationNetworkPolicySchema } from './decode/aws.ts';
import { calicoPolicySchema } from './decode/calico.ts';
import { ciliumPolicySchema } from './decode/cilium-policy.ts';
import { egressFirewallSchema, egressNetworkPolicySchema } from './decode/egress-firewall.ts';
import { fqdnNetworkPolicySchema } from './decode/gke.ts';
import { networkPolicySchema } from './decode/network-policy.ts';
import type { Schema } from './decode/shapes.ts';
import * as kinds from './resources.ts';

interface PolicyRead {
  readonly resource: kinds.Resource;
  readonly schema: Schema<Policy>;
  /** Of the same objects in `storedForm`. */
  readonly stored?: Schema<Policy>;
}

/** What nearly every cluster can have: a gap about one of these is always told. */
export const COMMON_POLICIES: readonly PolicyRead[] = [
  { resource: kinds.NETWORK_POLICIES, schema: networkPolicySchema },
  { resource: kinds.CILIUM_POLICIES, schema: ciliumPolicySchema('CiliumNetworkPolicy') },
  { resource: kinds.CILIUM_CLUSTERWIDE_POLICIES, schema: ciliumPolicySchema('CiliumClusterwideNetworkPolicy') },
];

/** Kinds of other engines and of newer APIs: most clusters lack them, which is no gap. */
export const OTHER_POLICIES: readonly PolicyRead[] = [
  calico(kinds.CALICO_POLICIES, 'NetworkPolicy.projectcalico.org'),
  calico(kinds.CALICO_GLOBAL_POLICIES, 'GlobalNetworkPolicy.projectcalico.org'),
  { resource: kinds.ADMIN_POLICIES, schema: adminNetworkPolicySchema },
  { resource: kinds.BASELINE_ADMIN_POLICIES, schema: baselineAdminNetworkPolicySchema },
  cluster(kinds.CLUSTER_POLICIES, 'ClusterNetworkPolicy.policy.networking.k8s.io'),
  cluster(kinds.AWS_CLUSTER_POLICIES, 'ClusterNetworkPolicy.networking.k8s.aws'),
  { resource: kinds.AWS_APPLICATION_POLICIES, schema: applicationNetworkPolicySchema },
  { resource: kinds.ANTREA_POLICIES, schema: antreaPolicySchema('NetworkPolicy.crd.antrea.io') },
  { resource: kinds.ANTREA_CLUSTER_POLICIES, schema: antreaPolicySchema('ClusterNetworkPolicy.crd.antrea.io') },
  { resource: kinds.FQDN_NETWORK_POLICIES, schema: fqdnNetworkPolicySchema },
  { resource: kinds.EGRESS_FIREWALLS, schema: egressFirewallSchema },
  { resource: kinds.EGRESS_NETWORK_POLICIES, schema: egressNetworkPolicySchema },
];

function cluster(resource: kinds.Resource, kind: ClusterNetworkPolicy['kind']): PolicyRead {
  return { resource, schema: clusterNetworkPolicySchema(kind) };
}

function calico(resource: kinds.Resource, kind: CalicoPolicy['kind']): PolicyRead {
  return {
    resource,
    schema: calicoPolicySchema(kind, 'projectcalico.org'),
    stored: calicoPolicySchema(kind, 'crd.projectcalico.org'),
  };
}
