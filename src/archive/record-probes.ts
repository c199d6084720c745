/** Records probes with each event as it came; part of `record.ts`. */
import type { ProbeEvent } from '../core/model/probe.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import type { Order } from './order.ts';
import type { ProbeRecording } from './schemas/probe-recording.ts';

export function recordProbes(inner: ProbeRunner, order: Order) {
  const recordings: ProbeRecording[] = [];
  const port: ProbeRunner = {
    run: async (request, onEvent, signal) => {
      const began = order.probeBegan();
      const events: { order: number; event: ProbeEvent }[] = [];
      const hear = (event: ProbeEvent) => {
        events.push({ order: order.next(), event });
        onEvent(event);
      };
      const result = await inner.run(request, hear, signal);
      recordings.push({ request, began, events, ended: order.next(), result });
      return result;
    },
  };
  return { port, recorded: (): readonly ProbeRecording[] => recordings };
}
