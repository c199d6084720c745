/** Calico's tiers as layers of the walk; asked by `policy.ts` and, on Calico, by `translate/network-policy.ts`. */
import type { ClusterState } from '../../../model/cluster-state.ts';
import type { ObjectRef } from '../../../model/object-meta.ts';
import type { CalicoTier } from '../../../model/policies/calico.ts';
import type { LayerKey } from '../../rules/layers.ts';
import { ADMIN, ADMIN_POSITION, BASELINE, BASELINE_POSITION, NORMAL_POSITION } from '../../rules/layers.ts';
import type { TranslatedPolicy } from '../../rules/rule.ts';
import { gapFor, gapText } from '../../state/gaps.ts';
import { networkPolicyKey } from './sorting.ts';

const DEFAULT_TIER = 'default';

/** The tiers Calico makes itself: api/pkg/apis/projectcalico/v3/tier.go; up to 3.30 the first and the last had the longer names. */
const BUILT_IN: Readonly<Record<string, { readonly order: number; readonly passes: boolean }>> = {
  'kube-admin': { order: ADMIN_POSITION, passes: true },
  adminnetworkpolicy: { order: ADMIN_POSITION, passes: true },
  [DEFAULT_TIER]: { order: NORMAL_POSITION, passes: false },
  'kube-baseline': { order: BASELINE_POSITION, passes: true },
  baselineadminnetworkpolicy: { order: BASELINE_POSITION, passes: true },
};

export interface TierPlace {
  readonly layer: LayerKey;
  /** What no rule of the tier matched is dropped (`defaultAction`). */
  readonly drops: boolean;
  /** Why its place among the tiers is not known. */
  readonly uncertain?: string;
}

/** Every Kubernetes NetworkPolicy has the order 1000 in the tier `default` (libcalico-go conversion.go K8sNetworkPolicyToCalico). */
export function networkPolicyPlace(
  { namespace = 'default', name }: ObjectRef,
  state: ClusterState,
): Pick<TranslatedPolicy, 'layer' | 'order' | 'sortKey'> {
  const { layer } = tierPlace(state, DEFAULT_TIER);
  return { layer, order: 1000, sortKey: networkPolicyKey(namespace, name, state.engine.version) };
}

export function tierPlace(state: ClusterState, name: string): TierPlace {
  const built = BUILT_IN[name];
  if (built) return { layer: builtInLayer(name, built.order), drops: !built.passes };
  const tiers = state.calico?.tiers ?? [];
  const tier = tiers.find(({ meta }) => meta.name === name);
  // One that may stand anywhere is asked first, where its doubt counts for all that follows.
  const layer = layerOf(name, tier ? positionOf(tier, tiers) : Number.MIN_SAFE_INTEGER);
  if (tier) return { layer, drops: tier.defaultAction !== 'Pass' };
  return { layer, drops: true, uncertain: missing(state, name) };
}

/** What the standard kinds share a tier with, which other translators place by these keys. */
function builtInLayer(name: string, order: number): LayerKey {
  if (order === ADMIN_POSITION) return ADMIN;
  return order === BASELINE_POSITION ? BASELINE : layerOf(name, order);
}

function layerOf(name: string, position: number): LayerKey {
  return { gate: 'policy', position, name: `Calico tier "${name}"`, mode: 'ordered', drops: 'here' };
}

/** Felix sorts by order, tiers without one last, and equal ones by name (felix/calc/policy_sorter.go TierLess). */
function positionOf(tier: CalicoTier, tiers: readonly CalicoTier[]): number {
  const { order } = tier;
  const builtIn = Object.entries(BUILT_IN).filter(([, one]) => one.order === order);
  const equals = tiers.filter((one) => one.order === order).map(({ meta }) => meta.name);
  const names = [...new Set([...equals, ...builtIn.map(([name]) => name)])].sort();
  const steps = names.indexOf(tier.meta.name) - (builtIn[0] ? names.indexOf(builtIn[0][0]) : 0);
  // A step is far below the distance of any two orders people write, and far above what a double loses.
  return order === undefined ? LAST * (1 + steps * STEP) : order + steps * STEP;
}

const STEP = 1e-6;
const LAST = 1e300;

function missing(state: ClusterState, name: string): string {
  const gap = gapFor(state, 'tiers');
  return gap
    ? `the order of its tier "${name}" is not known: ${gapText(gap)}`
    : `its tier "${name}" is not in the cluster state, so the order among the tiers is not known`;
}
