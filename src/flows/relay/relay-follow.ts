/** Drops as they happen, by Hubble Relay; the `follow` of `relay-source.ts`. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Read } from '../../core/model/cluster-state.ts';
import type { FlowRequest, Followed } from '../../core/model/flow.ts';
import { createFlowCollector } from '../collect-flows.ts';
import type { FlowListener } from '../flow-reader.ts';
import type { RawObject } from '../raw-flow.ts';
import { disconnected } from './relay-node.ts';
import { followRequest, recentRequest } from './relay-request.ts';
import type { RelaySession } from './relay-session.ts';

const FOLLOW_MS = 300_000;
const PAUSE_MS = 100;
/** Every node searches its whole buffer for an answer: so the relay rests for twice as long as it has worked. */
const PAUSE_FACTOR = 2;

interface Following {
  readonly request: FlowRequest;
  readonly on: FlowListener;
  readonly node: string;
}

/**
 * Two ways at once. A relay that follows holds every flow back until as many others have come as there are nodes, or until nothing has
 * come for a second (pkg/hubble/relay/observer/observer.go, sortFlows); one that lists holds nothing back, but its window is counted by
 * the relay's clock, which may be another than the node's. So lists quicken, and what is followed is complete.
 */
export async function followDrops(
  session: RelaySession,
  { request, on, node }: Following,
  signal: AbortSignal,
): Promise<Read<Followed | undefined>> {
  const collector = createFlowCollector(request.pod);
  const [away, over] = [new AbortController(), new AbortController()];
  const bounded = AbortSignal.any([signal, away.signal, AbortSignal.timeout(FOLLOW_MS)]);
  const listed = AbortSignal.any([bounded, over.signal]);
  const hear = (event: RawObject): void => {
    const flow = collector.take(event);
    if (collector.nodes.size > 0 && disconnected(session, collector, node)) away.abort();
    if (flow?.verdict === 'dropped' && !listed.aborted) on.flow(flow);
  };
  let listing: Promise<unknown> | undefined;
  const started = session.now();
  const recent = (): RawObject => recentRequest(request, started, session.now());
  const read = await session
    .call(followRequest(request, started), bounded, (event) => {
      hear(event);
      if (listing || collector.nodes.size === 0 || bounded.aborted) return;
      on.ready();
      listing = session.callEach(() => again(recent, listed), listed, hear);
    })
    .finally(() => over.abort());
  await listing;
  const attached = listing !== undefined;
  if (signal.aborted && !attached) return { ok: true, value: undefined };
  const notRead = attached && !away.signal.aborted ? undefined : disconnected(session, collector, node);
  if (notRead && !signal.aborted) return { ok: false, notRead };
  return read.ok || attached ? { ok: true, value: { source: `${session.name}, followed` } } : read;
}

async function* again(recent: () => RawObject, signal: AbortSignal): AsyncGenerator<RawObject> {
  while (!signal.aborted) {
    const asked = performance.now();
    yield recent();
    const pause = Math.max(PAUSE_MS, PAUSE_FACTOR * (performance.now() - asked));
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}
