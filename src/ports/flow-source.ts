/** Flow evidence of the datapath. Implemented by `flows/` (Hubble through its relay or exec into the agent, Cilium's monitor) and its replay. */
import type { Read } from '../core/model/cluster-state.ts';
import type { Flow, FlowReport, FlowRequest, Followed, FqdnCacheEntry } from '../core/model/flow.ts';

export interface FlowSource {
  observe(request: FlowRequest, signal: AbortSignal): Promise<Read<FlowReport>>;
  /**
   * Follows drops of the pod from now on until `signal` aborts; `onFlow` hears each one. `onReady` fires once the stream is
   * attached. Resolves when it ends; a source that cannot follow resolves at once with the reason.
   * Where it was heard is told unless it ended before that was known.
   */
  follow(
    request: FlowRequest,
    on: { ready: () => void; flow: (flow: Flow) => void },
    signal: AbortSignal,
  ): Promise<Read<Followed | undefined>>;
  /** The FQDN cache of the agent on the pod's node. */
  fqdnCache(
    request: Pick<FlowRequest, 'pod' | 'nodeName'>,
    signal: AbortSignal,
  ): Promise<Read<readonly FqdnCacheEntry[]>>;
}
