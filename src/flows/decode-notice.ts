/** What Hubble says about its own completeness: events it lost, nodes it cannot ask. Used by `collect-flows.ts`. */
import type { FlowGap } from '../core/model/flow.ts';
import { clean } from '../core/text/clean.ts';
import { listOf, numberOf, objectOf, type RawObject, textOf } from './raw-flow.ts';

type Lost = Extract<FlowGap, { readonly kind: 'lost_events' }>;

/** Names of `enum LostEventSource` in `api/v1/flow/flow.proto`. */
const WHERE: Readonly<Record<string, Lost['where']>> = {
  PERF_EVENT_RING_BUFFER: 'kernel',
  OBSERVER_EVENTS_QUEUE: 'queue',
  HUBBLE_RING_BUFFER: 'buffer',
};

export function decodeLost(event: RawObject): Pick<Lost, 'where' | 'count'> | undefined {
  if (!('lost_events' in event)) return undefined;
  const { source, num_events_lost } = objectOf(event.lost_events);
  return { where: WHERE[textOf(source) ?? ''] ?? 'unknown', count: numberOf(num_events_lost) ?? 0 };
}

export interface NodeNotice {
  readonly nodes: readonly string[];
  readonly connected: boolean;
  readonly message: string;
}

const MAX_NODES = 5000;

/** `relay.NodeStatusEvent`: sent first, and whenever the state of a node changes. */
export function decodeNodes(event: RawObject): NodeNotice | undefined {
  if (!('node_status' in event)) return undefined;
  const { state_change, node_names, message } = objectOf(event.node_status);
  return {
    nodes: listOf(node_names, MAX_NODES).flatMap((name) => textOf(name) ?? []),
    connected: state_change === 'NODE_CONNECTED',
    message: clean(textOf(message) ?? '', 200).replaceAll('\n', ' '),
  };
}

/** Hubble writes `cluster/node` unless the cluster has the default name. */
export function isNode(told: string, node: string): boolean {
  return told === node || told.endsWith(`/${node}`);
}
