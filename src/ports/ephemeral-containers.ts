/** Adds a container of ours to a running pod: the only thing that this program ever writes. Implemented by `probes/ephemeral.ts`; there only where the operator allowed it. */
import type { Read } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';

export interface EphemeralContainers {
  /** For the question that is asked before. */
  readonly image: string;
  /**
   * Finds one of ours that still starts or runs, else adds one, and waits until it runs: its name. It ends by itself after some minutes.
   * Whoever calls has the consent of the person who asked.
   */
  add(pod: PodRef, signal: AbortSignal): Promise<Read<string>>;
}
