/** What every use case is given: the ports, plugged by `compose.ts`, and how a run reports and is cancelled. */
import type { Clock } from '../ports/clock.ts';
import type { ClusterSource } from '../ports/cluster-source.ts';
import type { EphemeralContainers } from '../ports/ephemeral-containers.ts';
import type { FlowSource } from '../ports/flow-source.ts';
import type { GitopsSource } from '../ports/gitops-source.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';

export interface Deps {
  readonly cluster: ClusterSource;
  readonly probes: ProbeRunner;
  /** Absent where the operator did not allow it: then nothing can be written. */
  readonly ephemeral?: EphemeralContainers;
  readonly logs: LogSource;
  readonly flows: FlowSource;
  readonly gitops: GitopsSource;
  readonly clock: Clock;
}

export interface Run {
  readonly signal: AbortSignal;
  /** One short line per step, for people. */
  readonly progress: (message: string) => void;
  /** Asks the person behind the client before something is done that cannot be undone; absent where there is no way to ask. */
  readonly confirm?: (question: string) => Promise<'accepted' | 'declined' | 'unanswered'>;
}
