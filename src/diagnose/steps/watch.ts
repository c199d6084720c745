/** Step 3: what packets do. Chooses the container, asks the probe about every endpoint, and watches the engine meanwhile. */
import type { ClusterState } from '../../core/model/cluster-state.ts';
import type { ProbeRequest } from '../../core/model/probe.ts';
import type { Pod } from '../../core/model/workload.ts';
import type { Target } from '../../core/net/host.ts';
import { chooseContainer } from '../../core/path/choose-container.ts';
import type { PlannedTarget } from '../../core/path/plan-targets.ts';
import { requestPath } from '../../core/path/request-path.ts';
import { evaluateEgress } from '../../core/policy/evaluate.ts';
import { notRead } from '../../core/verdict/case.ts';
import type { Deps, Run } from '../deps.ts';
import { DEFAULT_SINCE_SECONDS, type DiagnoseInput } from '../diagnose-input.ts';
import { podRef } from '../locate.ts';
import { destinationOf, targetId } from './endpoints.ts';
import { probeAndWatch, type Watched } from './probe-and-watch.ts';

/** Drops of this pod are followed beside the probe; without a probe what the engine still remembers of them is read. */
export async function watch(
  deps: Deps,
  input: DiagnoseInput,
  {
    pod,
    state,
    targets,
  }: { readonly pod: Pod; readonly state: ClusterState; readonly targets: readonly PlannedTarget[] },
  run: Run,
): Promise<Watched> {
  const ref = podRef(pod);
  const flowRequest = {
    pod: ref,
    ...(pod.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
    sinceSeconds: input.sinceSeconds ?? DEFAULT_SINCE_SECONDS,
    verdicts: ['dropped' as const],
    limit: 200,
  };
  const container = input.probe === false ? NO_PROBE : chooseContainer(pod, input.container);
  if (!container.ok) return { probe: container, flows: await deps.flows.observe(flowRequest, run.signal) };
  run.progress(
    `probing ${targets.map((target) => `${target.host}:${target.port}`).join(', ')} from container ${container.value.container}`,
  );
  const request = {
    probe: probeRequest(input, ref, container.value.container, targets),
    flows: flowRequest,
    patient: new Set(targets.filter((target) => isAllowedByName(state, pod, target)).map(targetId)),
  };
  const { note } = container.value;
  return { ...(await probeAndWatch(deps, request, run)), ...(note === undefined ? {} : { note }) };
}

/** As far as the rules tell before the addresses are known. */
const isAllowedByName = (state: ClusterState, pod: Pod, target: PlannedTarget): boolean =>
  evaluateEgress(state, pod, destinationOf(target, NO_PROBE)).connect.decision === 'allowed';

const NO_PROBE = notRead(
  'probe from inside the pod',
  'not_asked',
  'probing was switched off for this run',
  'run again with probing allowed',
);

/** Longer than the five seconds after which resolvers ask again, so that such a retry shows as what it is. */
const LOOKUP_TIMEOUT_MS = 6000;

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
  connectTimeoutMs: input.connectTimeoutMs ?? 3000,
  lookupTimeoutMs: LOOKUP_TIMEOUT_MS,
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
