/** Hubble and the FQDN cache, asked through exec in the Cilium agent of the pod's node; one of the readers of `flow-source.ts`. */
import type { Read } from '../core/model/cluster-state.ts';
import type { FlowGap, FlowReport, FlowRequest, Followed, FqdnCacheEntry } from '../core/model/flow.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { ExecRequest, ExecResult, KubeConnection } from '../kube/connection.ts';
import type { FlowSource } from '../ports/flow-source.ts';
import { type Agent, findAgent, type Where } from './agent-pod.ts';
import { createFlowCollector, createLineSplitter } from './collect-flows.ts';
import { outcomeOf } from './exec-problem.ts';
import { eventLimit, type FlowListener, type FlowReader, gapBefore, reportOf } from './flow-reader.ts';
import { decodeFqdnCache, endpointIdOf } from './fqdn-cache.ts';
import {
  BUFFER_COMMAND,
  FQDN_CACHE_COMMAND,
  followCommand,
  OLD_FQDN_CACHE_COMMAND,
  observeCommand,
} from './hubble-command.ts';
import { objectOf, parseLine, textOf } from './raw-flow.ts';

const EXEC_TIMEOUT_MS = 15_000;
const FOLLOW_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
/** For a connection that does not tell when the session opens; what happened until Hubble listens is handed in by `--since`. */
const ATTACHED_AT_LATEST_MS = 300;
const PROGRAM_MISSING = 127;

/** Agents are replaced when Cilium is upgraded. */
const KEPT_MS = 30_000;

type Finder = (where: Where, signal: AbortSignal) => Promise<Read<Agent>>;

/**
 * Every method answers with a stated reason where there is no agent, no permission, no Hubble or no program. Flows and cache
 * entries of other pods never leave.
 * @throws DiagnoseError (usage) NAME_INVALID for a pod name outside the Kubernetes grammar; API_UNREACHABLE as `KubeConnection`.
 */
export function createAgentSource(kube: KubeConnection): FlowReader & Pick<FlowSource, 'fqdnCache'> {
  const find = createFinder(kube);
  return {
    observe: (request, signal) => observe(kube, find, request, signal),
    follow: (request, on, signal) => follow(kube, { find, request, on }, signal),
    fqdnCache: (where, signal) => fqdnCache(kube, find, where, signal),
  };
}

/** One diagnosis asks several times on the same node; only a found agent is kept, for a while and until a command in it fails. */
function createFinder(kube: KubeConnection): Finder & { forget(agent: PodRef): void } {
  const known = new Map<string, { readonly agent: Agent; readonly until: number }>();
  const find = async (where: Where, signal: AbortSignal): Promise<Read<Agent>> => {
    const kept = where.nodeName === undefined ? undefined : known.get(where.nodeName);
    if (kept && performance.now() < kept.until) return { ok: true, value: kept.agent };
    const found = await findAgent(kube, where, signal);
    if (found.ok && where.nodeName !== undefined)
      known.set(where.nodeName, { agent: found.value, until: performance.now() + KEPT_MS });
    return found;
  };
  const forget = (agent: PodRef): void => {
    for (const [node, kept] of known) if (kept.agent.name === agent.name) known.delete(node);
  };
  return Object.assign(find, { forget });
}

type RunOptions = Pick<ExecRequest, 'argv'> & Partial<ExecRequest>;

async function run(
  kube: KubeConnection,
  { container, ...pod }: Agent,
  options: RunOptions & { readonly shown: string },
  signal: AbortSignal,
): Promise<Read<ExecResult>> {
  const { shown, ...rest } = options;
  const base = { pod, container, timeoutMs: EXEC_TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  return outcomeOf(pod, shown, await kube.exec({ ...base, ...rest }, signal));
}

async function observe(
  kube: KubeConnection,
  find: ReturnType<typeof createFinder>,
  request: FlowRequest,
  signal: AbortSignal,
): Promise<Read<FlowReport>> {
  observeCommand(request);
  const agent = await find(request, signal);
  if (!agent.ok) return agent;
  const [listed, gap] = await Promise.all([
    list(kube, agent.value, request, signal),
    bufferGap(kube, agent.value, request, signal),
  ]);
  if (!listed.ok) {
    find.forget(agent.value);
    return listed;
  }
  const { namespace, name } = agent.value;
  return { ok: true, value: reportOf(request, `hubble observe in ${namespace}/${name}`, listed.value, gap) };
}

/**
 * Hubble counts a window's events from its beginning. Where there are more than may be listed, the newest of all are asked for:
 * they are of the window, too, if it reaches until now.
 */
async function list(kube: KubeConnection, agent: Agent, request: FlowRequest, signal: AbortSignal) {
  const ask = (newest: boolean) =>
    run(kube, agent, { argv: observeCommand(request, newest), shown: 'hubble observe' }, signal);
  const read = await ask(false);
  if (!read.ok) return read;
  const first = collect(request, read.value);
  if (request.untilSeconds !== undefined || first.collector.events < eventLimit(request))
    return { ok: true as const, value: first };
  const again = await ask(true);
  return { ok: true as const, value: again.ok ? collect(request, again.value) : first };
}

function collect({ pod }: FlowRequest, { stdout, ended }: ExecResult) {
  const collector = createFlowCollector(pod);
  const flows = stdout.split('\n').flatMap((line) => collector.take(parseLine(line) ?? {}) ?? []);
  return { flows, collector, cut: ended !== 'exited' };
}

/** Compared by the node's own clock, which the command tells first; by ours where the image has no `date`. */
async function bufferGap(
  kube: KubeConnection,
  agent: Agent,
  { sinceSeconds }: FlowRequest,
  signal: AbortSignal,
): Promise<readonly FlowGap[]> {
  const read = await run(kube, agent, { argv: BUFFER_COMMAND, shown: 'hubble observe --first 1' }, signal);
  if (!read.ok) return [{ kind: 'buffer_unknown' }];
  const [clock = '', ...lines] = read.value.stdout.split('\n');
  const now = /^\d{10}$/.test(clock) ? Number(clock) * 1000 : Date.now();
  const oldest = [clock, ...lines].flatMap((line) => textOf(objectOf(parseLine(line)?.flow).time) ?? [])[0];
  return gapBefore(oldest, now - sinceSeconds * 1000);
}

interface Following {
  readonly find: ReturnType<typeof createFinder>;
  readonly request: FlowRequest;
  readonly on: FlowListener;
}

async function follow(
  kube: KubeConnection,
  { find, request, on }: Following,
  signal: AbortSignal,
): Promise<Read<Followed | undefined>> {
  const argv = followCommand(request);
  const agent = await find(request, signal).catch((error: unknown) => {
    // The probe may be over before the agent is found, which is no failure of anything.
    if (signal.aborted) return undefined;
    throw error;
  });
  if (agent === undefined) return { ok: true, value: undefined };
  if (!agent.ok) return agent;
  const collector = createFlowCollector(request.pod);
  const onStdout = createLineSplitter((line) => {
    const flow = collector.take(parseLine(line) ?? {});
    if (flow?.verdict === 'dropped') on.flow(flow);
  });
  const onOpen = once(on.ready);
  const timer = setTimeout(onOpen, ATTACHED_AT_LATEST_MS);
  const options = { argv, stdin: '', holdStdin: true, timeoutMs: FOLLOW_TIMEOUT_MS, onStdout, onOpen };
  const read = await run(kube, agent.value, { ...options, shown: 'hubble observe --follow' }, signal);
  clearTimeout(timer);
  if (!read.ok) find.forget(agent.value);
  if (!read.ok) return read;
  const { namespace, name } = agent.value;
  return { ok: true, value: { source: `hubble observe --follow in ${namespace}/${name}` } };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

async function fqdnCache(
  kube: KubeConnection,
  find: ReturnType<typeof createFinder>,
  where: Where,
  signal: AbortSignal,
): Promise<Read<readonly FqdnCacheEntry[]>> {
  const [agent, endpoint] = await Promise.all([find(where, signal), endpointIdOf(kube, where.pod, signal)]);
  if (!agent.ok) return agent;
  if (!endpoint.ok) return endpoint;
  const read = await runCacheList(kube, agent.value, signal);
  if (!read.ok) {
    find.forget(agent.value);
    return read;
  }
  const entries = decodeFqdnCache(read.value.stdout);
  if (entries === undefined) {
    const what = `FQDN cache of ${agent.value.namespace}/${agent.value.name}`;
    return { ok: false, notRead: { what, code: 'invalid', reason: 'the agent’s answer is not the expected JSON' } };
  }
  return { ok: true, value: entries.filter(({ endpointId }) => endpointId === endpoint.value) };
}

async function runCacheList(
  kube: KubeConnection,
  { container, ...pod }: Agent,
  signal: AbortSignal,
): Promise<Read<ExecResult>> {
  const base = { pod, container, timeoutMs: EXEC_TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  const first = await kube.exec({ ...base, argv: FQDN_CACHE_COMMAND }, signal);
  const old = first.ok && first.value.exitCode === PROGRAM_MISSING;
  const read = old ? await kube.exec({ ...base, argv: OLD_FQDN_CACHE_COMMAND }, signal) : first;
  return outcomeOf(pod, 'cilium-dbg fqdn cache list', read);
}
