/** Findings and the evidence under them: what was seen, where and when. The vocabulary of every result. */
import type { NotRead } from './cluster-state.ts';

export type FindingState = 'confirmed' | 'ruled_out' | 'not_checked';

export interface Evidence {
  /** What kind of observation this is. */
  readonly source: 'probe' | 'policy' | 'flow' | 'log' | 'git' | 'cluster';
  /** Where it was seen, e.g. `pod shop/checkout-1 container app (python3)` or `CiliumNetworkPolicy shop/checkout spec.egress[1]`. */
  readonly where: string;
  /** What was seen, in our words. */
  readonly what: string;
  /** RFC 3339. */
  readonly when: string;
  /** Text from a pod, log or the network, redacted and sanitised, never trusted; rendered inside a fence. */
  readonly untrusted?: string;
}

/** One statement with its state. `confirmed`: the statement was seen to hold; `ruled_out`: seen not to hold. */
export interface Finding {
  /** Stable, kebab-case: `policy-allows-connect`, `dns-answers`, `git-drift`… */
  readonly id: string;
  readonly state: FindingState;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
  /** Present exactly when `state` is `not_checked`. */
  readonly notChecked?: NotRead;
}
