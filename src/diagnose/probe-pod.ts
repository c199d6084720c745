/** Tries a target and a comparison from inside the pod, layer by layer: `execProbe`. The difference between the two is the proof. */
import type { ProbeAnswer, ProbedTarget } from '../core/model/answers.ts';
import type { ClusterState, NotRead } from '../core/model/cluster-state.ts';
import type { Destination } from '../core/model/destination.ts';
import type { Subject } from '../core/model/diagnosis.ts';
import type { ProbeTarget, TargetReport } from '../core/model/probe.ts';
import type { Pod } from '../core/model/workload.ts';
import type { Target } from '../core/net/host.ts';
import { interceptorOn } from '../core/path/mesh.ts';
import { requestPath } from '../core/path/request-path.ts';
import { comparisonTargets } from '../core/policy/comparison.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { Deps, Run } from './deps.ts';
import { notChecked } from './finding.ts';
import { podRef, requireContainer, subjectOf } from './locate.ts';
import { probeFindings } from './probe-findings.ts';
import { probeTimes } from './probe-times.ts';
import { requirePod } from './steps/gather.ts';
import { type ProbeWish, probeSomewhere } from './steps/probe-ways.ts';

export interface ProbePodInput {
  readonly workload: WorkloadRef;
  readonly container?: string;
  readonly target: Target;
  /** Chosen from the pod's own policies when absent. */
  readonly compare?: Target;
  readonly connectTimeoutMs?: number;
  /** See `DiagnoseInput`. */
  readonly allowEphemeral?: boolean;
}

interface Plan {
  readonly asked: ProbeTarget;
  readonly comparison?: ProbeTarget;
  readonly because?: string;
}

export async function probePod(deps: Deps, input: ProbePodInput, run: Run): Promise<ProbeAnswer> {
  run.progress('Finding the pod');
  const pod = await requirePod(deps, input.workload, run);
  requireContainer(pod, input.container);
  const state = lazyState(deps, pod, run);
  const plan = await planProbe(pod, input, state.read, run);
  const targets = [plan.asked, ...(plan.comparison === undefined ? [] : [plan.comparison])];
  const attempt = async (container: string) => {
    run.progress(`Probing ${targets.map(({ host, port }) => `${host}:${port}`).join(' and ')} from ${pod.meta.name}`);
    const request = { pod: podRef(pod), container, targets, ...probeTimes(input.connectTimeoutMs) };
    return { probe: await deps.probes.run(request, () => {}, run.signal) };
  };
  const { probe, note } = await probeSomewhere(deps, wishOf(pod, input, plan.asked, state), attempt, run);
  if (!probe.ok) return unprobed(subjectOf(deps, pod), plan, probe.notRead);

  const { rung, limits, container, resolver, libc, clockSkewSeconds } = probe.value;
  const reports = probe.value.targets.map((report) => probed(report, plan, pod));
  return {
    subject: subjectOf(deps, pod, { container }),
    rung,
    limits: note === undefined ? limits : [note, ...limits],
    ...(resolver === undefined ? {} : { resolver }),
    ...(libc === undefined ? {} : { libc }),
    ...(clockSkewSeconds === undefined ? {} : { clockSkewSeconds }),
    targets: reports,
    findings: reports.flatMap((target) => probeFindings(target, probe.value)),
  };
}

interface LazyState {
  readonly read: () => Promise<ClusterState>;
  readonly isRead: () => boolean;
}

/** Where the comparison is given, the state is needed only if the probe fails. */
function lazyState(deps: Deps, pod: Pod, run: Run): LazyState {
  let state: Promise<ClusterState> | undefined;
  return {
    read: () => {
      state ??= deps.cluster.readState(podRef(pod), run.signal);
      return state;
    },
    isRead: () => state !== undefined,
  };
}

const wishOf = (pod: Pod, input: ProbePodInput, asked: ProbeTarget, state: LazyState): ProbeWish => ({
  pod,
  asked,
  state: state.read,
  stateIsRead: state.isRead(),
  ...(input.container === undefined ? {} : { container: input.container }),
  ...(input.allowEphemeral === undefined ? {} : { allowEphemeral: input.allowEphemeral }),
});

function unprobed(subject: Subject, { asked }: Plan, because: NotRead): ProbeAnswer {
  const statement = `The pod can reach ${asked.host}:${asked.port}.`;
  return { subject, limits: [], targets: [], findings: [notChecked('asked-reached', statement, because)] };
}

async function planProbe(pod: Pod, input: ProbePodInput, readState: LazyState['read'], run: Run): Promise<Plan> {
  const asked = probeTarget('asked', input.target);
  if (input.compare !== undefined)
    return { asked, comparison: probeTarget('comparison', input.compare), because: 'given by the caller' };
  run.progress('Choosing a comparison the policies allow');
  const state = await readState();
  const [best] = comparisonTargets(state, pod, destinationOf(input.target));
  if (best === undefined) return { asked };
  return {
    asked,
    comparison: { id: 'comparison', host: best.host, port: best.port, tls: best.port === 443 },
    because: best.because,
  };
}

export function destinationOf(target: Target): Destination {
  return {
    ...(target.host === undefined ? {} : { host: target.host }),
    cnames: [],
    addresses: target.address === undefined ? [] : [target.address],
    port: target.port,
    protocol: 'TCP',
  };
}

function probeTarget(id: string, target: Target): ProbeTarget {
  const { host, address, port, scheme } = target;
  const tls = scheme === undefined ? port === 443 : scheme === 'https';
  const path = requestPath(target);
  return { id, host: host ?? address ?? '', port, tls, ...(path === undefined ? {} : { path }) };
}

function probed(report: TargetReport, plan: Plan, pod: Pod): ProbedTarget {
  const role = report.id === 'comparison' ? 'comparison' : 'asked';
  return {
    role,
    host: report.host,
    port: report.port,
    ...(role === 'comparison' && plan.because !== undefined ? { because: plan.because } : {}),
    reached: isReached(report, pod),
    lookup: report.lookup,
    connects: report.connects,
    tls: report.tls,
    ...(report.http === undefined ? {} : { http: report.http }),
    ...(report.proxy === undefined ? {} : { proxy: report.proxy }),
  };
}

/** Behind a mesh proxy, which accepts everything, only an answer to the TLS handshake shows the far side. */
function isReached({ connects, tls, port }: TargetReport, pod: Pod): boolean {
  const opened = connects.filter(({ outcome }) => outcome === 'connected').map(({ address }) => address);
  const answered = ['ok', 'untrusted', 'wrong_name', 'expired'].includes(tls.outcome);
  return opened.length > 0 && (answered || interceptorOn(pod, { addresses: opened, port }) === undefined);
}
