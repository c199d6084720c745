/** Hubble's flows by way of Hubble Relay: gRPC over the API server's port-forward; one of the readers of `flow-source.ts`. */
import type { Read } from '../../core/model/cluster-state.ts';
import type { FlowReport, FlowRequest } from '../../core/model/flow.ts';
import type { ForwardingConnection } from '../../kube/connection.ts';
import { nodeOf } from '../agent-pod.ts';
import { createFlowCollector } from '../collect-flows.ts';
import { type Collected, eventLimit, type FlowReader, gapBefore, reportOf } from '../flow-reader.ts';
import { objectOf, type RawObject, textOf } from '../raw-flow.ts';
import { followDrops } from './relay-follow.ts';
import { disconnected } from './relay-node.ts';
import { bufferRequest, windowRequest } from './relay-request.ts';
import { openRelay, type RelaySession } from './relay-session.ts';

const OBSERVE_MS = 15_000;
/** Each node may send as many events as were asked for. */
const MAX_EVENTS = 20_000;

/**
 * Needs get and create on pods/portforward where the relay runs, and no exec. Every method answers with a stated reason where there is
 * no relay, no permission, or no connection from the relay to the pod's node.
 * @throws DiagnoseError (usage) NAME_INVALID for a pod name outside the Kubernetes grammar; API_UNREACHABLE as `KubeConnection`.
 */
export function createRelaySource(kube: ForwardingConnection): FlowReader {
  const open = openRelay(kube);
  return {
    observe: async (request, signal) => {
      const [session, node] = await Promise.all([open(signal), nodeFor(kube, request, signal)]);
      if (!session.ok) return session;
      if (!node.ok) return node;
      const first = await observe(session.value, request, node.value, signal);
      // Three programs pass the connection on, and one of them may break it off; asking again changes nothing.
      const again = !first.ok && first.notRead.code === 'refused' && !signal.aborted;
      return again ? observe(session.value, request, node.value, signal) : first;
    },
    follow: async (request, on, signal) => {
      const [session, node] = await Promise.all([open(signal), nodeFor(kube, request, signal)]);
      if (!session.ok) return session;
      return node.ok ? followDrops(session.value, { request, on, node: node.value }, signal) : node;
    },
  };
}

async function nodeFor(kube: ForwardingConnection, request: FlowRequest, signal: AbortSignal): Promise<Read<string>> {
  return request.nodeName === undefined ? nodeOf(kube, request.pod, signal) : { ok: true, value: request.nodeName };
}

async function observe(
  session: RelaySession,
  request: FlowRequest,
  node: string,
  signal: AbortSignal,
): Promise<Read<FlowReport>> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(OBSERVE_MS)]);
  // Also tells the cluster's clock, from which the window is counted.
  const oldest = await firstEvent(session, node, bounded);
  if (!oldest.ok) return oldest;
  const begins = session.now() - request.sinceSeconds * 1000;
  const listed = await list(session, request, bounded);
  if (!listed.ok) return listed;
  const away = disconnected(session, listed.value.collector, node);
  if (away) return { ok: false, notRead: away };
  return { ok: true, value: reportOf(request, session.name, listed.value, gapBefore(oldest.value, begins)) };
}

async function firstEvent(session: RelaySession, node: string, signal: AbortSignal): Promise<Read<string | undefined>> {
  let oldest: string | undefined;
  const read = await session.call(bufferRequest(node), signal, (event) => {
    oldest ??= textOf(objectOf(event.flow).time);
  });
  return read.ok ? { ok: true, value: oldest } : read;
}

/** As in `agent-source.ts`: a window is counted from its beginning, so where there is too much, the newest are asked for. */
async function list(session: RelaySession, request: FlowRequest, signal: AbortSignal): Promise<Read<Collected>> {
  const first = await collect(session, request, windowRequest(request, session.now()), signal);
  const full = first.ok && first.value.collector.events >= eventLimit(request);
  if (!full || request.untilSeconds !== undefined) return first;
  const newest = await collect(session, request, windowRequest(request, session.now(), true), signal);
  return newest.ok ? newest : first;
}

// oxlint-disable-next-line max-params -- where, for whom, what, and how to stop
async function collect(
  session: RelaySession,
  { pod }: FlowRequest,
  question: RawObject,
  signal: AbortSignal,
): Promise<Read<Collected>> {
  const collector = createFlowCollector(pod);
  const flows: FlowReport['flows'][number][] = [];
  const enough = new AbortController();
  const read = await session.call(question, AbortSignal.any([signal, enough.signal]), (event) => {
    const flow = collector.take(event);
    if (flow) flows.push(flow);
    if (collector.events >= MAX_EVENTS) enough.abort();
  });
  if (!read.ok) return read;
  return { ok: true, value: { flows, collector, cut: enough.signal.aborted || signal.aborted } };
}
