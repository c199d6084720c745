/** Since when an endpoint fails, and what changed about then. Built by `core/timeline`, part of the diagnosis. */

export interface TimelineEvent {
  /** RFC 3339. */
  readonly at: string;
  readonly kind:
    | 'rollout'
    | 'start'
    | 'restart'
    | 'policy'
    /** An object that policies refer to, or that decides beside them. */
    | 'related'
    /** What enforces them on the pod's node. */
    | 'engine'
    | 'git'
    | 'log_begins'
    | 'first_failure'
    | 'last_failure'
    | 'drop';
  readonly what: string;
  readonly where: string;
}

/**
 * What changed shortly before the first failure, as far as the state tells. `application`: a rollout did, and no rule. `policy`: a rule
 * did, within a log that shows none of it before. `neither`: nothing did, within a log that goes further back. `open`: not told apart.
 */
export type Changed = 'application' | 'policy' | 'neither' | 'open';

export interface Timeline {
  readonly host: string;
  /** In order of time. */
  readonly events: readonly TimelineEvent[];
  readonly changed: Changed;
  /** At most five: the sequence in one sentence, what follows from it, and what it cannot show. */
  readonly lines: readonly [sequence: string, ...string[]];
}
