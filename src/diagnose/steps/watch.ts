/** Step 3: what packets do. Chooses the container, asks the probe about every endpoint, and watches the engine meanwhile. */
import type { ClusterState } from '../../core/model/cluster-state.ts';
import type { ProbeRequest } from '../../core/model/probe.ts';
import type { Pod } from '../../core/model/workload.ts';
import type { Target } from '../../core/net/host.ts';
import type { PlannedTarget } from '../../core/path/plan-targets.ts';
import { requestPath } from '../../core/path/request-path.ts';
import { evaluateEgress } from '../../core/policy/evaluate.ts';
import { notRead } from '../../core/verdict/case.ts';
import type { Deps, Run } from '../deps.ts';
import { DEFAULT_SINCE_SECONDS, type DiagnoseInput, hostOf } from '../diagnose-input.ts';
import { podRef } from '../locate.ts';
import { probeTimes } from '../probe-times.ts';
import { destinationOf, targetId } from './endpoints.ts';
import { probeAndWatch, type Watched } from './probe-and-watch.ts';
import { type ProbeWish, probeSomewhere } from './probe-ways.ts';

export interface Watching {
  readonly pod: Pod;
  readonly state: ClusterState;
  readonly targets: readonly PlannedTarget[];
  /** The container that a probe of this run has run in already. */
  readonly from?: string;
}

/** Drops of this pod are followed beside the probe; without a probe what the engine still remembers of them is read. */
export async function watch(deps: Deps, input: DiagnoseInput, about: Watching, run: Run): Promise<Watched> {
  const { pod, state, targets, from } = about;
  const ref = podRef(pod);
  const flows = {
    pod: ref,
    ...(pod.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
    sinceSeconds: input.sinceSeconds ?? DEFAULT_SINCE_SECONDS,
    verdicts: ['dropped' as const],
    limit: 200,
  };
  if (input.probe === false) return { probe: NO_PROBE, flows: await deps.flows.observe(flows, run.signal) };
  const patient = new Set(targets.filter((target) => isAllowedByName(state, pod, target)).map(targetId));
  const attempt = (container: string): Promise<Watched> => {
    run.progress(
      `probing ${targets.map((target) => `${target.host}:${target.port}`).join(', ')} from container ${container}`,
    );
    return probeAndWatch(deps, { probe: probeRequest(input, ref, container, targets), flows, patient }, run);
  };
  if (from !== undefined) return attempt(from);
  const tried = await probeSomewhere(deps, wishOf(input, pod, state), attempt, run);
  return {
    probe: tried.probe,
    flows: tried.last?.flows ?? (await deps.flows.observe(flows, run.signal)),
    ...(tried.note === undefined ? {} : { note: tried.note }),
  };
}

const wishOf = (input: DiagnoseInput, pod: Pod, state: ClusterState): ProbeWish => ({
  pod,
  asked: { host: hostOf(input.target), port: input.target.port },
  state: () => Promise.resolve(state),
  stateIsRead: true,
  ...(input.container === undefined ? {} : { container: input.container }),
  ...(input.allowEphemeral === undefined ? {} : { allowEphemeral: input.allowEphemeral }),
});

/** As far as the rules tell before the addresses are known. */
const isAllowedByName = (state: ClusterState, pod: Pod, target: PlannedTarget): boolean =>
  evaluateEgress(state, pod, destinationOf(target, NO_PROBE)).connect.decision === 'allowed';

const NO_PROBE = notRead(
  'probe from inside the pod',
  'not_asked',
  'probing was switched off for this run',
  'run again with probing allowed',
);

const probeRequest = (
  input: DiagnoseInput,
  pod: ProbeRequest['pod'],
  container: string,
  targets: readonly PlannedTarget[],
): ProbeRequest => ({
  pod,
  container,
  targets: targets.map((target) => ({
    id: targetId(target),
    host: target.host,
    port: target.port,
    tls: speaksTls(input.target, target),
    ...requested(input.target, target),
  })),
  ...probeTimes(input.connectTimeoutMs),
});

/** Only the asked URL is requested: other endpoints are compared with, or are the next hop. */
function requested(asked: Target, target: PlannedTarget): { readonly path?: string } {
  const path = target.role === 'asked' ? requestPath(asked) : undefined;
  return path === undefined ? {} : { path };
}

/** TLS is tried where it is expected: by the scheme of the asked URL, else by the well-known ports. */
const speaksTls = (asked: Target, target: PlannedTarget): boolean =>
  target.role === 'asked' && asked.scheme !== undefined
    ? asked.scheme === 'https'
    : target.port === 443 || target.port === 8443;
