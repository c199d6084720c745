/** The question of a diagnosis, checked by `tools/diagnose-egress.ts` before it gets here. */
import type { Target } from '../core/net/host.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';

export interface DiagnoseInput {
  readonly workload: WorkloadRef;
  readonly container?: string;
  readonly target: Target;
  readonly repository?: RepositoryRef;
  /** Per connection attempt; default 3000. */
  readonly connectTimeoutMs?: number;
  /** How far back logs and flows are read; default one hour. */
  readonly sinceSeconds?: number;
  /** False: no exec into the pod; policy, logs and flows alone. */
  readonly probe?: boolean;
  /** An ephemeral container may be added where no container can run the probe; the operator and the person still decide. */
  readonly allowEphemeral?: boolean;
}

/** How far back logs and flows are read when the caller does not say; seconds. */
export const DEFAULT_SINCE_SECONDS = 3600;

export const hostOf = (target: Target): string => target.host ?? target.address ?? '';
