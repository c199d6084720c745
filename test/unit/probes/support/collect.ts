/** Test support: feeds lines to the collector as a program's output. */
import type { ProbeEvent, ProbeTarget } from '../../../../src/core/model/probe.ts';
import { createCollector } from '../../../../src/probes/collector.ts';

const NONCE = 'a1b2c3';

export const line = (...fields: string[]): string => `${[NONCE, ...fields].join('\t')}\n`;

/** `times`: seconds of our clock, one for each time it is read (the start, then every record); the last stays. */
export function collect(
  chunks: readonly string[],
  { target = {}, times = [0] }: { target?: Partial<ProbeTarget>; times?: readonly number[] } = {},
) {
  const events: ProbeEvent[] = [];
  const asked: ProbeTarget = { id: 'asked', host: 'api.vendor.test', port: 443, tls: true, ...target };
  let read = 0;
  const clock = { now: () => new Date((times[Math.min(read++, times.length - 1)] ?? 0) * 1000) };
  const request = {
    pod: { namespace: 'shop', name: 'checkout-1' },
    container: 'app',
    targets: [asked],
    connectTimeoutMs: 1000,
    lookupTimeoutMs: 1000,
  };
  const collector = createCollector(request, NONCE, clock, {
    event: (event) => events.push(event),
    need: () => undefined,
    done: () => undefined,
  });
  for (const chunk of chunks) collector.push(chunk);
  const collected = collector.collected();
  const [report] = collected.targets;
  if (report === undefined) throw new Error('no report');
  return { ...collected, report, events };
}
