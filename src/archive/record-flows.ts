/** Records observations, followers and FQDN caches; part of `record.ts`. */
import type { FlowSource } from '../ports/flow-source.ts';
import type { Order } from './order.ts';
import type { CacheRecording, FlowRecordings, FollowRecording, ObserveRecording } from './schemas/flow-recording.ts';

export function recordFlows(inner: FlowSource, order: Order) {
  const observe: ObserveRecording[] = [];
  const follow: FollowRecording[] = [];
  const fqdnCache: CacheRecording[] = [];
  const port: FlowSource = {
    observe: async (request, signal) => {
      const result = await inner.observe(request, signal);
      observe.push({ request, result });
      return result;
    },
    follow: async (request, on, signal) => {
      const heard: FollowRecording['flows'][number][] = [];
      const before = order.probesBegun();
      let ready: number | undefined;
      const result = await inner.follow(
        request,
        {
          ready: () => {
            ready = order.next();
            on.ready();
          },
          flow: (flow) => {
            heard.push({ order: order.next(), probes: order.probesBegun() - before, flow });
            on.flow(flow);
          },
        },
        signal,
      );
      const head = { request, ...(ready === undefined ? {} : { ready }) };
      follow.push({ ...head, flows: heard, ended: order.next(), aborted: signal.aborted, result });
      return result;
    },
    fqdnCache: async (request, signal) => {
      const result = await inner.fqdnCache(request, signal);
      fqdnCache.push({ request, result });
      return result;
    },
  };
  return { port, recorded: (): FlowRecordings => ({ observe, follow, fqdnCache }) };
}
