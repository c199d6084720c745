/** The order in which an engine consults policies, as data; translators place policies in it, `decide/walk.ts` walks it. */

/**
 * One stop of the walk. Positions use one scale for all engines: the tier orders that Calico gives the standard kinds
 * (libcalico-go: admin 1,000, default 1,000,000, baseline 10,000,000), below them the tiers users make.
 */
export interface LayerKey {
  /** Every gate must let the packet through; `firewall` is what stands behind the policies (EgressFirewall). */
  readonly gate: 'policy' | 'firewall';
  /** Low first. */
  readonly position: number;
  /** e.g. `the Admin tier`, `Calico tier "security"`, `network policies`. */
  readonly name: string;
  /** `union`: order means nothing and a deny beats every allow. `ordered`: the first rule that matches decides. */
  readonly mode: 'union' | 'ordered';
  /** Where what isolates the pod drops what nothing allowed: at the end of this layer, or after the last (Cilium from 1.20). */
  readonly drops: 'here' | 'last';
  /** The position at which a `pass` goes on; the next layer when absent. */
  readonly passTo?: number;
  /**
   * Between rules of one order: by the policies' names (the default), deny before allow before pass, or open where policies disagree
   * because the API promises nothing.
   */
  readonly ties?: 'name' | 'strictest' | 'open';
}

export const ADMIN_POSITION = 1_000;
export const NORMAL_POSITION = 1_000_000;
export const BASELINE_POSITION = 10_000_000;

/** NetworkPolicy and all that joins it: Cilium's policies, allow-lists of names. */
export const NORMAL: LayerKey = {
  gate: 'policy',
  position: NORMAL_POSITION,
  name: 'network policies',
  mode: 'union',
  drops: 'here',
};

/** Cilium from 1.20 keeps the default deny for the end, so that a Baseline allow still counts (policy-semantics §5.2). */
export const NORMAL_UNTIL_LAST: LayerKey = { ...NORMAL, drops: 'last' };

export const ADMIN: LayerKey = {
  gate: 'policy',
  position: ADMIN_POSITION,
  name: 'the Admin tier',
  mode: 'ordered',
  drops: 'here',
};

export const BASELINE: LayerKey = {
  gate: 'policy',
  position: BASELINE_POSITION,
  name: 'the Baseline tier',
  mode: 'ordered',
  drops: 'here',
};
