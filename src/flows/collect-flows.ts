/** Keeps what concerns one pod, each packet once, and what Hubble says it lacks; between `decode-flow.ts` and the adapters. */
import type { Flow, FlowGap } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import { type DecodedFlow, decodeFlow } from './decode-flow.ts';
import { decodeLost, decodeNodes } from './decode-notice.ts';
import type { RawObject } from './raw-flow.ts';

/**
 * A packet that a policy drops is reported twice, as verdict and as drop, some 50 µs apart (seen on 1.19); a SYN is sent again
 * after a second at the earliest.
 */
const SAME_PACKET_MS = 100;

export interface FlowCollector {
  /** The flow of this event if it is new and concerns the pod. */
  take(event: RawObject): Flow | undefined;
  /** Flows seen so far, also other pods' and repeats: the sender's limit counts them. */
  readonly events: number;
  /** Empty when nothing was lost as far as Hubble knows. */
  missing(): readonly FlowGap[];
  /** Nodes by what was last said of them; told by a relay only. */
  readonly nodes: ReadonlyMap<string, NodeState>;
}

export interface NodeState {
  readonly connected: boolean;
  readonly message: string;
}

type LostWhere = Extract<FlowGap, { readonly kind: 'lost_events' }>['where'];

export function createFlowCollector(pod: PodRef): FlowCollector {
  const isRepeat = createRepeats();
  const lost = new Map<LostWhere, number>();
  const nodes = new Map<string, NodeState>();
  let events = 0;
  return {
    take: (event) => {
      const loss = decodeLost(event);
      if (loss) lost.set(loss.where, (lost.get(loss.where) ?? 0) + loss.count);
      const notice = decodeNodes(event);
      for (const node of notice?.nodes ?? [])
        nodes.set(node, { connected: notice?.connected === true, message: notice?.message ?? '' });
      const decoded = decodeFlow(event);
      if (decoded === undefined) return undefined;
      events++;
      return !concerns(decoded.flow, pod) || isRepeat(decoded) ? undefined : decoded.flow;
    },
    get events() {
      return events;
    },
    missing: () => [...lost].map(([where, count]) => ({ kind: 'lost_events', where, count })),
    nodes,
  };
}

/** In whatever order they are told, and however often. */
function createRepeats(): (decoded: DecodedFlow) => boolean {
  const seen = new Map<string, number>();
  return ({ flow, tuple }) => {
    const time = Date.parse(flow.time);
    const slot = Math.floor(time / SAME_PACKET_MS);
    const times = [slot - 1, slot, slot + 1].map((one) => seen.get(`${tuple} ${one}`) ?? Number.NaN);
    seen.set(`${tuple} ${slot}`, time);
    return flow.verdict === 'dropped' && times.some((before) => Math.abs(time - before) < SAME_PACKET_MS);
  };
}

/** Hubble's `--pod` means every pod whose name begins so: `checkout-1` also gives `checkout-10`. */
function concerns({ source, destination }: Flow, pod: PodRef): boolean {
  return [source, destination].some((end) => end.namespace === pod.namespace && end.pod === pod.name);
}

/** Splits a stream into lines; an unfinished line longer than `maxChars` is dropped. */
export function createLineSplitter(onLine: (line: string) => void, maxChars = 65_536): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxChars) rest = '';
    for (const line of lines) onLine(line);
  };
}
