/** Step 3: probe all endpoints in one session while following the engine's drops, and stop waiting once they decide. */
import type { Read } from '../../core/model/cluster-state.ts';
import type { Flow, FlowReport, FlowRequest, Followed } from '../../core/model/flow.ts';
import type { ProbeReport, ProbeRequest } from '../../core/model/probe.ts';
import { type ProbeProgress, trackProbe, withDrops } from '../../core/path/probe-progress.ts';
import type { Deps, Run } from '../deps.ts';

export interface Watched {
  readonly probe: Read<ProbeReport>;
  /** Flows seen during the probe, or why none could be. */
  readonly flows: Read<FlowReport>;
  /** Why another container stands in for the application's: a premise of what the probe says. */
  readonly note?: string;
}

/** A follower that has not attached by then is not waited for: retransmitted SYNs are dropped, and reported, again. */
const ATTACH_MS = 400;

export interface WatchRequest {
  readonly probe: ProbeRequest;
  readonly flows: FlowRequest;
  /** Ids of targets whose drops end no wait; see `trackProbe`. */
  readonly patient: ReadonlySet<string>;
}

export async function probeAndWatch(
  deps: Deps,
  { probe: request, flows: flowRequest, patient }: WatchRequest,
  run: Run,
): Promise<Watched> {
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const progress = trackProbe(request.targets, patient);
  const drops: Flow[] = [];
  const follower = follow(deps, flowRequest, signal, (flow) => {
    drops.push(flow);
    progress.drop(flow);
    stopWhenSettled(progress, stop);
  });
  await Promise.race([follower.attached, delay(ATTACH_MS)]);
  const startedAt = deps.clock.now().getTime();
  // The follower ends with the probe, also when that throws: it holds a session in the agent.
  const probe = await deps.probes
    .run(request, (event) => onEvent(progress, stop, event), signal)
    .finally(() => stop.abort());
  const followed = await follower.ended;
  const flows = await flowsOfProbe(
    deps,
    { ...flowRequest, sinceSeconds: secondsSince(deps, startedAt) },
    { drops, followed },
    run,
  );
  return { probe: mergeDrops(probe, drops), flows };
}

function onEvent(progress: ProbeProgress, stop: AbortController, event: Parameters<ProbeProgress['event']>[0]): void {
  progress.event(event);
  stopWhenSettled(progress, stop);
}

function stopWhenSettled(progress: ProbeProgress, stop: AbortController): void {
  if (progress.settled()) stop.abort();
}

function follow(deps: Deps, request: FlowRequest, signal: AbortSignal, flow: (flow: Flow) => void) {
  let attach: () => void = () => undefined;
  const attached = new Promise<void>((resolve) => {
    attach = resolve;
  });
  const ended = deps.flows.follow(request, { ready: () => attach(), flow }, signal);
  void ended.then(attach, attach);
  return { attached, ended };
}

/** Only the time of the probe counts: an older drop may belong to a policy that was corrected since. */
const secondsSince = (deps: Deps, startedAt: number): number =>
  Math.ceil((deps.clock.now().getTime() - startedAt) / 1000) + 2;

/** What the follower missed (it attached late, or can't follow) is read back from the engine's buffer. */
async function flowsOfProbe(
  deps: Deps,
  request: FlowRequest,
  live: { readonly drops: readonly Flow[]; readonly followed: Read<Followed | undefined> },
  run: Run,
): Promise<Read<FlowReport>> {
  const observed = await deps.flows.observe(request, run.signal);
  if (observed.ok)
    return { ok: true, value: { ...observed.value, flows: newestFirst([...observed.value.flows, ...live.drops]) } };
  const { drops, followed } = live;
  if (drops.length === 0) return followed.ok ? observed : followed;
  const source = followed.ok ? (followed.value?.source ?? 'drops that were followed') : 'drops that were followed';
  // What is shown was heard; that nothing else was dropped, nobody has said.
  return { ok: true, value: { flows: drops, source, truncated: true, notUsed: [observed.notRead] } };
}

function newestFirst(flows: readonly Flow[]): readonly Flow[] {
  const unique = new Map(flows.map((flow) => [`${flow.time} ${flow.summary}`, flow]));
  return [...unique.values()].sort((a, b) => b.time.localeCompare(a.time));
}

/** Only drops heard live mark an unfinished attempt: they are what ended the wait. */
function mergeDrops(probe: Read<ProbeReport>, drops: readonly Flow[]): Read<ProbeReport> {
  if (!probe.ok) return probe;
  return {
    ok: true,
    value: { ...probe.value, targets: probe.value.targets.map((target) => withDrops(target, drops)) },
  };
}

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
