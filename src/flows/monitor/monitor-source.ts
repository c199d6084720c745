/** Drops heard from the agent's monitor, for clusters whose Hubble is off; the last of the readers of `flow-source.ts`. */
import type { Read } from '../../core/model/cluster-state.ts';
import type { FlowRequest, Followed } from '../../core/model/flow.ts';
import { parseK8sName } from '../../core/net/host.ts';
import type { ExecResult, KubeConnection } from '../../kube/connection.ts';
import { type Agent, findAgent } from '../agent-pod.ts';
import { createLineSplitter } from '../collect-flows.ts';
import { outcomeOf } from '../exec-problem.ts';
import type { FlowListener, FlowReader } from '../flow-reader.ts';
import { endpointIdOf } from '../fqdn-cache.ts';
import { untilStdinEnds } from '../hubble-command.ts';
import { decodeDrop, type Watched } from './decode-drop.ts';

const FOLLOW_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const PROGRAM_MISSING = 127;

/** Only `follow`: the monitor has no memory. Verdicts are not in its JSON; a packet's drop is. */
export function createMonitorSource(kube: KubeConnection): Pick<FlowReader, 'follow'> {
  return {
    follow: async (request, on, signal) => {
      const pod = checked(request);
      const [agent, endpoint] = await Promise.all([findAgent(kube, request, signal), endpointIdOf(kube, pod, signal)]);
      if (!agent.ok) return agent;
      if (!endpoint.ok) return endpoint;
      return follow(kube, agent.value, { pod, endpointId: endpoint.value, on }, signal);
    },
  };
}

function checked({ pod: { namespace, name } }: FlowRequest): FlowRequest['pod'] {
  return { namespace: parseK8sName(namespace, 'namespace'), name: parseK8sName(name, 'pod name') };
}

async function follow(
  kube: KubeConnection,
  agent: Agent,
  watched: Watched & { readonly on: FlowListener },
  signal: AbortSignal,
): Promise<Read<Followed | undefined>> {
  const { container, ...pod } = agent;
  const run = (program: string): Promise<Read<ExecResult>> => {
    const argv = untilStdinEnds([program, 'monitor', '--json', '--type', 'drop', '--from', String(watched.endpointId)]);
    const base = { pod, container, timeoutMs: FOLLOW_TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
    const listening = { stdin: '', holdStdin: true, onOpen: watched.on.ready, onStdout: listener(watched) };
    return kube.exec({ ...base, ...listening, argv }, signal);
  };
  const first = await run('cilium-dbg');
  // Its name before Cilium 1.15.
  const read = first.ok && first.value.exitCode === PROGRAM_MISSING ? await run('cilium') : first;
  const outcome = outcomeOf(pod, 'cilium-dbg monitor', read);
  if (!outcome.ok) return outcome;
  return { ok: true, value: { source: `cilium-dbg monitor in ${agent.namespace}/${agent.name}` } };
}

function listener(watched: Watched & { readonly on: FlowListener }): (chunk: string) => void {
  return createLineSplitter((line) => {
    const flow = decodeDrop(line, watched, new Date().toISOString());
    if (flow) watched.on.flow(flow);
  });
}
