/** The kinds of policies that are read whole and evaluated, each with its decoder; read by `read-state.ts`. */
import type { Policy } from '../core/model/policy.ts';
import { ciliumPolicySchema } from './decode/cilium-policy.ts';
import { networkPolicySchema } from './decode/network-policy.ts';
import type { Schema } from './decode/shapes.ts';
import * as kinds from './resources.ts';

interface PolicyRead {
  readonly resource: kinds.Resource;
  readonly schema: Schema<Policy>;
}

/** What nearly every cluster can have: a gap about one of these is always told. */
export const COMMON_POLICIES: readonly PolicyRead[] = [
  { resource: kinds.NETWORK_POLICIES, schema: networkPolicySchema },
  { resource: kinds.CILIUM_POLICIES, schema: ciliumPolicySchema('CiliumNetworkPolicy') },
  { resource: kinds.CILIUM_CLUSTERWIDE_POLICIES, schema: ciliumPolicySchema('CiliumClusterwideNetworkPolicy') },
];

/** Kinds of other engines and of newer APIs: most clusters lack them, which is no gap. */
export const OTHER_POLICIES: readonly PolicyRead[] = [];
