/** Runs a fixed probe program inside the pod. Implemented by `probes/` (live exec) and its replay. */
import type { Read } from '../core/model/cluster-state.ts';
import type { ProbeEvent, ProbeReport, ProbeRequest } from '../core/model/probe.ts';

export interface ProbeRunner {
  /**
   * `onEvent` hears each layer's result as it comes. Aborting `signal` ends the program in the pod and resolves with what was
   * seen so far (unfinished steps are `not_checked`).
   */
  run(request: ProbeRequest, onEvent: (event: ProbeEvent) => void, signal: AbortSignal): Promise<Read<ProbeReport>>;
}
