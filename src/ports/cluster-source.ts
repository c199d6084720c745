/** Where cluster objects come from: a live API server or an archive. Implemented by `cluster/live` and `cluster/archive`. */
import type { ClusterState, Read } from '../core/model/cluster-state.ts';
import type { WorkloadHistory } from '../core/model/history.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { SyncState } from '../core/model/sync.ts';
import type { Pod } from '../core/model/workload.ts';

/** `pod/NAME` (or bare NAME) or a workload whose pod is picked, as the user wrote it. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: 'pod' | 'deployment' | 'statefulset' | 'daemonset' | 'replicaset' | 'job';
  readonly name: string;
}

export interface ClusterIdentity {
  /** kubeconfig context or `archive`. */
  readonly context: string;
  /** API server without credentials, or the archive's directory name. */
  readonly server: string;
}

export interface ClusterSource {
  identify(): ClusterIdentity;
  /** The pod itself, or the workload's pod that fails most (not ready first), else the newest running one. */
  findPod(ref: WorkloadRef, signal: AbortSignal): Promise<Read<Pod>>;
  /** The pod itself, or all pods of the workload in that order; at least one. */
  findPods(ref: WorkloadRef, signal: AbortSignal): Promise<Read<readonly Pod[]>>;
  /**
   * What an egress evaluation of this pod may need. Never throws for a refused or absent kind: each goes into
   * `ClusterState.notRead`; throws only when the cluster cannot be reached at all.
   */
  readState(pod: PodRef, signal: AbortSignal): Promise<ClusterState>;
  /** What the pod's workload ran before, for the question since when something fails. A pod without a workload that keeps revisions is no gap, and says so. */
  readHistory(pod: Pod, signal: AbortSignal): Promise<Read<WorkloadHistory>>;
  /**
   * The GitOps controllers and their sources, for questions about Git only; `now` decides which sync windows are open. As tolerant as
   * `readState`.
   */
  readSync(now: Date, signal: AbortSignal): Promise<SyncState>;
}
