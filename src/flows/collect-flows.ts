/** Keeps what concerns one pod, each packet once; between `decode-flow.ts` and the port in `hubble-source.ts`. */
import type { Flow } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import { type DecodedFlow, decodeLine } from './decode-flow.ts';

/**
 * A packet that a policy drops is reported twice, as verdict and as drop, some 50 µs apart (seen on 1.19); a SYN is sent again
 * after a second at the earliest.
 */
const SAME_PACKET_MS = 100;

export interface FlowCollector {
  /** The flow of this line if it is new and concerns the pod. */
  take(line: string): Flow | undefined;
  readonly lost: boolean;
}

export function createFlowCollector(pod: PodRef): FlowCollector {
  const seen = new Map<string, number>();
  let lost = false;
  const isRepeat = ({ flow, tuple }: DecodedFlow): boolean => {
    const time = Date.parse(flow.time);
    const before = seen.get(tuple);
    seen.set(tuple, time);
    return flow.verdict === 'dropped' && before !== undefined && Math.abs(time - before) < SAME_PACKET_MS;
  };
  return {
    take: (line) => {
      const decoded = decodeLine(line);
      if (decoded === 'lost') lost = true;
      if (decoded === undefined || decoded === 'lost' || !concerns(decoded.flow, pod)) return undefined;
      return isRepeat(decoded) ? undefined : decoded.flow;
    },
    get lost() {
      return lost;
    },
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
