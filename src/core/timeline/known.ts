/** What is known of one endpoint's failing, put side by side: the input of `changed.ts`, `events.ts` and `lines.ts`. */
import type { NotRead } from '../model/cluster-state.ts';
import type { Pod } from '../model/workload.ts';
import type { FailureSpan } from './failures.ts';
import type { Rollout } from './rollout.ts';
import type { Rules } from './rules.ts';

export interface Seen extends Omit<FailureSpan, 'container' | 'class'> {
  readonly container?: string;
  /** Of the first failure; absent of a drop. */
  readonly class?: FailureSpan['class'];
  readonly from: 'log' | 'flow';
  readonly drops?: { readonly first: string; readonly count: number };
}

/** A commit that changed a policy's file, or its rules for the host. */
export interface Committed {
  readonly at: string;
  readonly what: string;
  readonly where: string;
}

export interface Known {
  readonly asOf: string;
  readonly pod: Pod;
  readonly seen: Seen;
  readonly worksNow: boolean;
  readonly rules: Rules;
  readonly rollout?: Rollout;
  readonly rolloutNotRead?: NotRead;
  readonly commits: readonly Committed[];
}
