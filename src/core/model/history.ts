/** What a workload ran before: its revisions as the cluster keeps them. Read by `cluster/read-history.ts`, judged by `core/timeline`. */
import type { ObjectRef } from './object-meta.ts';

export interface RevisionContainer {
  readonly name: string;
  readonly role: 'app' | 'init';
  readonly image: string;
  /**
   * Literal values, for what is taken from elsewhere the place (`from Secret db/password`): compared, never shown. What a Secret or
   * ConfigMap held at the time is not kept by anything.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** A ReplicaSet or ControllerRevision. */
export interface Revision {
  readonly object: ObjectRef;
  readonly revision: number;
  /** When the object was made. A rollback uses the old one again, so this may be long before it was rolled out. */
  readonly created?: string;
  /** The pod is of this one. */
  readonly current: boolean;
  readonly containers: readonly RevisionContainer[];
  /** Of the template what decides by which policies, identity and resolver the pod goes out: `label app` → its value, `serviceAccountName`, … */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface WorkloadHistory {
  readonly workload: ObjectRef;
  /** Oldest first; as many as `revisionHistoryLimit` keeps. */
  readonly revisions: readonly Revision[];
}
