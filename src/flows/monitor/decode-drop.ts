/** One line of `cilium-dbg monitor --json` as the drop of one pod's packet; used by `monitor-source.ts`. */
import type { Flow } from '../../core/model/flow.ts';
import type { PodRef } from '../../core/model/probe.ts';
import type { Protocol } from '../../core/model/workload.ts';
import { isAddress } from '../../core/net/host.ts';
import { clean } from '../../core/text/clean.ts';
import { numberOf, objectOf, parseLine, type RawObject, textOf } from '../raw-flow.ts';

export interface Watched {
  readonly pod: PodRef;
  /** The pod's number in the agent. */
  readonly endpointId: number;
}

/** Texts of `pkg/monitor/api/drop.go` for the two reasons that policy gives; Hubble's names for them. */
const BY_POLICY: Readonly<Record<string, string>> = {
  'Policy denied': 'POLICY_DENIED',
  'Policy denied by denylist': 'POLICY_DENY',
};
const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** `time`: when the line was heard; it bears none itself. Its fields are those of `DropNotifyVerbose` (pkg/monitor/datapath_drop.go). */
export function decodeDrop(line: string, { pod, endpointId }: Watched, time: string): Flow | undefined {
  const raw = parseLine(line);
  if (raw?.type !== 'drop' || numberOf(raw.source) !== endpointId) return undefined;
  const summary = objectOf(raw.summary);
  const l3 = objectOf(summary.l3);
  const identity = numberOf(raw.dstLabel);
  // The program of an endpoint reports both directions; only a packet towards it names it as the destination.
  const direction = numberOf(raw.dstID) === endpointId ? 'ingress' : 'egress';
  const self = { namespace: pod.namespace, pod: pod.name };
  const flow: Omit<Flow, 'summary'> = {
    time,
    event: 'drop',
    verdict: 'dropped',
    dropReason: reasonOf(raw),
    direction,
    source: { ...(direction === 'egress' && self), ...ipOf(l3.src) },
    destination: {
      ...(direction === 'ingress' && self),
      ...ipOf(l3.dst),
      ...portOf(summary),
      names: [],
      ...(identity !== undefined && { identity }),
      labels: [],
    },
    allowedBy: [],
    deniedBy: [],
  };
  return { ...flow, summary: summaryOf(flow) };
}

function portOf(summary: RawObject): Pick<Flow['destination'], 'port' | 'protocol'> {
  const port = numberOf(objectOf(summary.l4).dst);
  const protocol = PROTOCOLS.find((one) => textOf(summary[one.toLowerCase()]) !== undefined);
  return { ...(port !== undefined && { port }), ...(protocol && { protocol }) };
}

function summaryOf({ dropReason, direction, source, destination }: Omit<Flow, 'summary'>): string {
  const { ip = '?', port = '?', protocol = '?' } = destination;
  return `dropped (${dropReason}): ${source.ip ?? '?'} → ${ip}:${port}/${protocol}, ${direction}`;
}

function ipOf(value: unknown): { readonly ip?: string } {
  const ip = textOf(value);
  return ip !== undefined && isAddress(ip) ? { ip } : {};
}

/** One word, as Hubble's reasons are. */
function reasonOf({ reason }: RawObject): string {
  const text = clean(textOf(reason) ?? 'unknown', 100);
  return BY_POLICY[text] ?? text.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
