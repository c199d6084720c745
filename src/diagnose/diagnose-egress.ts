/** The diagnosis as numbered steps: `tools/diagnose-egress.ts` calls it; every judgement it makes is in `core/verdict`. */
import type { ClusterState, Read } from '../core/model/cluster-state.ts';
import type { Diagnosis } from '../core/model/diagnosis.ts';
import type { FqdnCacheEntry } from '../core/model/flow.ts';
import type { ProbeRequest } from '../core/model/probe.ts';
import type { Pod } from '../core/model/workload.ts';
import type { Target } from '../core/net/host.ts';
import { chooseContainer } from '../core/path/choose-container.ts';
import { type PlannedTarget, planTargets } from '../core/path/plan-targets.ts';
import { proxyOf } from '../core/path/proxy-env.ts';
import { comparisonTargets } from '../core/policy/comparison.ts';
import { evaluateEgress } from '../core/policy/evaluate.ts';
import { type Case, type EndpointCase, notRead } from '../core/verdict/case.ts';
import { findingsOf } from '../core/verdict/findings.ts';
import { hopOf } from '../core/verdict/hops.ts';
import { judge, policyWouldHelp } from '../core/verdict/judge.ts';
import { nextSteps } from '../core/verdict/next-steps.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';
import type { Deps, Run } from './deps.ts';
import { compareWithGit } from './steps/drift.ts';
import { destinationOf, endpointCase, targetId } from './steps/endpoints.ts';
import { proposeFix } from './steps/fix.ts';
import { type Gathered, gather, requirePod } from './steps/gather.ts';
import { probeAndWatch, type Watched } from './steps/probe-and-watch.ts';

export interface DiagnoseInput {
  readonly workload: WorkloadRef;
  readonly container?: string;
  readonly target: Target;
  readonly repository?: RepositoryRef;
  /** Per connection attempt; default 3000. */
  readonly connectTimeoutMs?: number;
  /** How far back logs and flows are read; default one hour. */
  readonly sinceSeconds?: number;
  /** False: no exec into the pod; policy, logs and flows alone. */
  readonly probe?: boolean;
}

const HOUR = 3600;

export async function diagnoseEgress(deps: Deps, input: DiagnoseInput, run: Run): Promise<Diagnosis> {
  const asOf = deps.clock.now().toISOString();
  // 1. Which pod.
  run.progress(`finding ${input.workload.kind} ${input.workload.namespace}/${input.workload.name}`);
  const pod = await requirePod(deps, input.workload, run);
  // 2. What selects it, and what its logs say.
  run.progress('reading policies and logs');
  const gathered = await gather(deps, pod, input.sinceSeconds ?? HOUR, run);
  // 3. What packets do, while Git is compared.
  const targets = plan(input, pod, gathered);
  const [watched, drift] = await Promise.all([
    watch(deps, input, { pod, state: gathered.state, targets }, run),
    compareWithGit(deps, { pod, state: gathered.state, repository: input.repository }, run),
  ]);
  // 4. Each endpoint with its evidence.
  const endpoints = targets.map((target) => endpointCase(target, { ...watched, pod, state: gathered.state }));
  const seen = await withFqdnCache(
    deps,
    { asOf, pod, ...gathered, ...watched, drift, endpoints: nonEmpty(endpoints) },
    run,
  );
  // 5. The verdict, and 6. the fix for the endpoint it is about.
  const judgement = judge(seen);
  run.progress(`verdict: ${judgement.verdict}`);
  const request = { ...seen, endpoint: judgement.endpoint, repository: input.repository };
  // A proxy in the environment is meant to be the way out: opening another one is not for this tool to suggest unasked.
  const wanted = policyWouldHelp(judgement) && proxyOf(seen, judgement.endpoint) === undefined;
  const fix = wanted ? await proposeFix(deps, request, run) : undefined;
  const findings = findingsOf(seen, judgement.endpoint);
  return {
    question: questionOf(input),
    subject: subjectOf(deps, seen),
    verdict: judgement.verdict,
    about: { host: judgement.endpoint.host, port: judgement.endpoint.port },
    ...(judgement.cause === undefined ? {} : { cause: judgement.cause }),
    hops: seen.endpoints.map(hopOf),
    findings,
    ...(fix === undefined ? {} : { fix }),
    nextSteps: nextSteps(seen, judgement, findings, fix),
    assumptions: [...judgement.endpoint.evaluation.assumptions, ...(watched.note === undefined ? [] : [watched.note])],
    asOf,
  };
}

const hostOf = (target: Target): string => target.host ?? target.address ?? '';

function plan(input: DiagnoseInput, pod: Pod, { state, logs }: Gathered): readonly PlannedTarget[] {
  const host = hostOf(input.target);
  const destination = { host, cnames: [], addresses: [], port: input.target.port, protocol: 'TCP' as const };
  return planTargets(
    { host, port: input.target.port },
    logs.ok ? logs.value : undefined,
    comparisonTargets(state, pod, destination),
  );
}

async function watch(
  deps: Deps,
  input: DiagnoseInput,
  {
    pod,
    state,
    targets,
  }: { readonly pod: Pod; readonly state: ClusterState; readonly targets: readonly PlannedTarget[] },
  run: Run,
): Promise<Watched> {
  const ref = { namespace: pod.meta.namespace ?? 'default', name: pod.meta.name };
  const flowRequest = {
    pod: ref,
    ...(pod.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
    sinceSeconds: input.sinceSeconds ?? HOUR,
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
  })),
  connectTimeoutMs: input.connectTimeoutMs ?? 3000,
  lookupTimeoutMs: 5000,
});

/** TLS is tried where it is expected: by the scheme of the asked URL, else by the well-known ports. */
const speaksTls = (asked: Target, target: PlannedTarget): boolean =>
  target.role === 'asked' && asked.scheme !== undefined
    ? asked.scheme === 'https'
    : target.port === 443 || target.port === 8443;

/** The cache explains only a disagreement between rules and packets, so it is read only then. */
async function withFqdnCache(deps: Deps, seen: Case, run: Run): Promise<Case> {
  const wanted = seen.endpoints.some((endpoint) => endpoint.evaluation.connect.reason === 'dns_not_proxied');
  if (!wanted) return seen;
  const ref = { namespace: seen.pod.meta.namespace ?? 'default', name: seen.pod.meta.name };
  const node = seen.pod.nodeName === undefined ? {} : { nodeName: seen.pod.nodeName };
  const fqdnCache: Read<readonly FqdnCacheEntry[]> = await deps.flows.fqdnCache({ pod: ref, ...node }, run.signal);
  return { ...seen, fqdnCache };
}

function nonEmpty(endpoints: readonly EndpointCase[]): Case['endpoints'] {
  const [first, ...rest] = endpoints;
  if (first === undefined) throw new Error('a diagnosis has at least the asked endpoint');
  return [first, ...rest];
}

const questionOf = ({ workload, target }: DiagnoseInput): Diagnosis['question'] => ({
  namespace: workload.namespace,
  workload: `${workload.kind}/${workload.name}`,
  host: hostOf(target),
  port: target.port,
  protocol: 'TCP',
});

function subjectOf(deps: Deps, { pod, probe, state }: Case): Diagnosis['subject'] {
  return {
    context: deps.cluster.identify().context,
    pod: pod.meta.name,
    ...(pod.meta.uid === undefined ? {} : { uid: pod.meta.uid }),
    ...(pod.nodeName === undefined ? {} : { node: pod.nodeName }),
    ...(probe.ok ? { container: probe.value.container } : {}),
    engine: [state.engine.cni, state.engine.version].filter(Boolean).join(' '),
  };
}
