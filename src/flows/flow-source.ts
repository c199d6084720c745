/** The live flow port: tries the ways of reading flows in turn and says which ones failed, and why; built in `compose.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { FlowReport, FlowRequest, Followed } from '../core/model/flow.ts';
import type { ForwardingConnection } from '../kube/connection.ts';
import type { FlowSource } from '../ports/flow-source.ts';
import { createAgentSource } from './agent-source.ts';
import { flowLogsElsewhere, inBrowser } from './elsewhere.ts';
import type { FlowListener, FlowReader } from './flow-reader.ts';
import { createMonitorSource } from './monitor/monitor-source.ts';
import { createRelaySource } from './relay/relay-source.ts';
import { createWhiskerSource } from './whisker/whisker-source.ts';

/**
 * What was is asked of the relay first: that needs no exec into a privileged agent. What happens now is heard from the agent first,
 * which tells it within milliseconds; by a relay it takes some 50 ms, and attaching to one takes longer. The monitor knows only what happens now, and needs no Hubble. Where no
 * Cilium answers, Calico's flow log is asked, which knows only what was.
 * @throws DiagnoseError (usage) NAME_INVALID for a pod name outside the Kubernetes grammar; API_UNREACHABLE as `KubeConnection`.
 */
export function createFlowSource(kube: ForwardingConnection): FlowSource {
  const agent = createAgentSource(kube);
  const relay = createRelaySource(kube);
  const monitor = createMonitorSource(kube);
  const whisker = createWhiskerSource(kube);
  return {
    observe: (request, signal) => observe(kube, { cilium: [relay, agent], whisker }, request, signal),
    follow: (request, on, signal) => follow([agent, relay, monitor], request, on, signal),
    fqdnCache: agent.fqdnCache,
  };
}

// oxlint-disable-next-line max-params -- whom to ask, what, and how to stop
async function observe(
  kube: ForwardingConnection,
  { cilium, whisker }: Readers,
  request: FlowRequest,
  signal: AbortSignal,
): Promise<Read<FlowReport>> {
  const failed: NotRead[] = [];
  for (const reader of cilium) {
    const read = await reader.observe(request, signal);
    if (read.ok) return { ok: true, value: withNotUsed(read.value, failed) };
    failed.push(read.notRead);
  }
  const read = await whisker.observe(request, signal);
  // That there is no Cilium is then nothing to report.
  if (read.ok)
    return {
      ok: true,
      value: withNotUsed(
        read.value,
        failed.filter((one) => !isAbsence(one)),
      ),
    };
  if (read.notRead.code !== 'not_found') return { ok: false, notRead: inBrowser(read.notRead, request.pod) };
  const elsewhere = failed.every(isAbsence) ? await flowLogsElsewhere(kube, request.pod, signal) : undefined;
  return { ok: false, notRead: elsewhere ?? allFailed(failed) };
}

interface Readers {
  readonly cilium: readonly Pick<FlowReader, 'observe'>[];
  readonly whisker: Pick<FlowReader, 'observe'>;
}

// oxlint-disable-next-line max-params -- whom to ask, what, who hears, and how to stop
async function follow(
  readers: readonly Pick<FlowReader, 'follow'>[],
  request: FlowRequest,
  on: FlowListener,
  signal: AbortSignal,
): Promise<Read<Followed | undefined>> {
  const failed: NotRead[] = [];
  for (const reader of readers) {
    if (signal.aborted) return { ok: true, value: undefined };
    const read = await reader.follow(request, on, signal);
    if (read.ok) return read;
    failed.push(read.notRead);
  }
  return { ok: false, notRead: allFailed(failed) };
}

/** A relay that nobody has installed is nothing to report. */
function withNotUsed(report: FlowReport, failed: readonly NotRead[]): FlowReport {
  const notUsed = failed.filter(({ code }) => code !== 'not_found');
  return notUsed.length === 0 ? report : { ...report, notUsed };
}

const isAbsence = ({ code }: NotRead): boolean => code === 'not_found' || code === 'unsupported';

/** The last way's failure, which is the one that most clusters have, with those of the others. */
function allFailed(failed: readonly NotRead[]): NotRead {
  const last = failed.at(-1) ?? { what: 'flows', code: 'unsupported', reason: 'there is no way to read them' };
  const others = failed.slice(0, -1).filter(({ code }) => code !== 'not_found');
  const also = others.map(({ what, reason }) => `${what}: ${reason}`);
  return { ...last, reason: [last.reason, ...also].join('; ') };
}
