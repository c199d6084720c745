/** Calico's flow log (Goldmane) by way of Whisker: HTTP over the API server's port-forward; the last reader of `flow-source.ts`. */
import { DiagnoseError } from '../../core/errors.ts';
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { FlowGap, FlowReport, FlowRequest, GroupedFlow } from '../../core/model/flow.ts';
import type { PodRef } from '../../core/model/probe.ts';
import { isAskedFor } from '../../core/path/grouped-flow.ts';
import type { ForwardingConnection } from '../../kube/connection.ts';
import type { FlowReader } from '../flow-reader.ts';
import { podArgument } from '../hubble-command.ts';
import { type Decoded, decodeList } from './decode-grouped.ts';
import { BodyTooLong, httpGet } from './http-get.ts';
import { findWhisker, nameInFlows } from './whisker-pod.ts';
import { answerProblem, brokenOff } from './whisker-problem.ts';
import { actionsFor, flowsPath, HISTORY_SECONDS } from './whisker-request.ts';

/** Where its console listens, without TLS (whisker/docker-image/default.conf); `/whisker-backend/` leads on to the API. */
const PORT = 8081;
const ANSWER_MS = 10_000;

/**
 * Needs get and create on pods/portforward where Whisker runs. The pod is asked for by the name that flows have for it, so that other
 * pods' flows never leave. What happens now cannot be followed: flows come half a minute late.
 * @throws DiagnoseError (usage) NAME_INVALID for a pod name outside the Kubernetes grammar; API_UNREACHABLE as `KubeConnection`.
 */
export function createWhiskerSource(kube: ForwardingConnection): Pick<FlowReader, 'observe'> {
  return {
    observe: async (request, signal) => {
      podArgument(request.pod);
      const whisker = await findWhisker(kube, signal);
      if (!whisker.ok) return whisker;
      const name = await nameInFlows(kube, request.pod, signal);
      if (!name.ok) return name;
      const source = `Whisker ${whisker.value.namespace}/${whisker.value.name}`;
      if (actionsFor(request.verdicts).length === 0)
        return { ok: true, value: reportOf(request, source, { flows: [], skipped: 0 }) };
      const listed = await read(kube, { whisker: whisker.value, name: name.value, request }, signal);
      if (!listed.ok) return { ok: false, notRead: { ...listed.notRead, what: source } };
      const isOurs = ({ source: from }: GroupedFlow) =>
        from.name === name.value && from.namespace === request.pod.namespace;
      const { flows, skipped } = listed.value;
      return { ok: true, value: reportOf(request, source, { flows: flows.filter(isOurs), skipped }) };
    },
  };
}

interface Question {
  readonly whisker: PodRef;
  readonly name: string;
  readonly request: FlowRequest;
}

/** `why` tells whether another question, or the same again, may be answered. */
type Listed = Extract<Read<Decoded>, { ok: true }> | { ok: false; notRead: NotRead; why?: 'too long' | 'broken off' };

/** Of what is too much, at least what was denied is read; the rest then counts as skipped. */
async function read(kube: ForwardingConnection, question: Question, signal: AbortSignal): Promise<Listed> {
  const { request } = question;
  const first = await list(kube, question, signal);
  if (first.ok || first.why === undefined) return first;
  // Three programs pass the connection on, and one of them may break it off; asking again changes nothing.
  if (first.why === 'broken off') return list(kube, question, signal);
  if (request.verdicts.length > 0 && !request.verdicts.includes('dropped')) return first;
  const denied = await list(kube, { ...question, request: { ...request, verdicts: ['dropped'] } }, signal);
  return denied.ok ? { ok: true, value: { ...denied.value, skipped: denied.value.skipped + 1 } } : denied;
}

async function list(
  kube: ForwardingConnection,
  { whisker, name, request }: Question,
  signal: AbortSignal,
): Promise<Listed> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const connection = await kube.forward({ pod: whisker, port: PORT }, bounded);
    if (!connection.ok) return connection;
    const answer = await httpGet(connection.value, flowsPath(request, name), bounded);
    const decoded = answer.status === 200 ? decodeList(answer.body) : undefined;
    return decoded ? { ok: true, value: decoded } : { ok: false, notRead: answerProblem(whisker, answer) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DiagnoseError) throw error;
    const why = error instanceof BodyTooLong ? 'too long' : 'broken off';
    return { ok: false, notRead: brokenOff(whisker, error), ...(bounded.aborted ? {} : { why }) };
  }
}

function reportOf(request: FlowRequest, source: string, { flows, skipped }: Decoded): FlowReport {
  const wanted = flows.filter((flow) => isAskedFor(flow, request.verdicts));
  const grouped = wanted.toSorted(newestFirst).slice(0, request.limit);
  const missing: FlowGap[] =
    request.sinceSeconds > HISTORY_SECONDS ? [{ kind: 'kept_for', seconds: HISTORY_SECONDS }] : [];
  return {
    flows: [],
    grouped,
    source,
    truncated: skipped > 0 || wanted.length > grouped.length || missing.length > 0,
    ...(missing.length > 0 && { missing }),
  };
}

/** Of the same time, what was denied comes first: a bound keeps it. */
function newestFirst(a: GroupedFlow, b: GroupedFlow): number {
  return b.to.localeCompare(a.to) || b.action.localeCompare(a.action);
}
