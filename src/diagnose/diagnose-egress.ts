/** The diagnosis as numbered steps: `tools/diagnose-egress.ts` calls it; every judgement it makes is in `core/verdict`. */
import type { Read } from '../core/model/cluster-state.ts';
import type { Diagnosis, Fix } from '../core/model/diagnosis.ts';
import type { FqdnCacheEntry } from '../core/model/flow.ts';
import type { Pod } from '../core/model/workload.ts';
import { isByProxy } from '../core/path/logged-proxy.ts';
import { type PlannedTarget, planTargets } from '../core/path/plan-targets.ts';
import { comparisonTargets } from '../core/policy/comparison.ts';
import type { Case, EndpointCase } from '../core/verdict/case.ts';
import { findingsOf } from '../core/verdict/findings.ts';
import { hopOf } from '../core/verdict/hops.ts';
import { judge, policyWouldHelp } from '../core/verdict/judge.ts';
import { namedByOthers } from '../core/verdict/named-by-others.ts';
import { nextSteps } from '../core/verdict/next-steps.ts';
import { storyOf } from '../core/verdict/story.ts';
import { timelineOf } from '../core/verdict/timeline-of.ts';
import type { Deps, Run } from './deps.ts';
import { DEFAULT_SINCE_SECONDS, type DiagnoseInput, hostOf } from './diagnose-input.ts';
import { podRef, subjectOf } from './locate.ts';
import { compareWithGit } from './steps/drift.ts';
import { endpointCase } from './steps/endpoints.ts';
import { proposeFix, withPullRequest } from './steps/fix.ts';
import { type Gathered, gather, requirePod } from './steps/gather.ts';
import { pastDrops } from './steps/past-drops.ts';
import { followRedirect } from './steps/redirects.ts';
import { watch } from './steps/watch.ts';

export async function diagnoseEgress(deps: Deps, input: DiagnoseInput, run: Run): Promise<Diagnosis> {
  const asOf = deps.clock.now().toISOString();
  // 1. Which pod.
  run.progress(`finding ${input.workload.kind} ${input.workload.namespace}/${input.workload.name}`);
  const pod = await requirePod(deps, input.workload, run);
  // 2. What selects it, and what its logs say.
  run.progress('reading policies and logs');
  const gathered = await gather(deps, pod, input.sinceSeconds ?? DEFAULT_SINCE_SECONDS, run);
  // 3. What packets do, while Git is compared and its controllers are read.
  const [{ watched, targets }, past, git] = await Promise.all([
    watchAll(deps, input, { pod, gathered }, run),
    // Without a probe the flows that are read reach back that far anyway.
    input.probe === false ? undefined : pastDrops(deps, { pod, logs: gathered.logs }, run),
    compareWithGit(deps, { pod, state: gathered.state, repository: input.repository, host: hostOf(input.target) }, run),
  ]);
  // 4. Each endpoint with its evidence.
  const flows = { ...watched, ...(past === undefined ? {} : { pastFlows: past }) };
  const endpoints = targets.map((target) => endpointCase(target, { ...flows, pod, state: gathered.state }));
  const seen = await withFqdnCache(
    deps,
    { asOf, pod, ...gathered, ...flows, ...git, endpoints: nonEmpty(endpoints) },
    run,
  );
  // 5. The verdict, and 6. the fix for the endpoint it is about.
  const judgement = judge(seen);
  run.progress(`verdict: ${judgement.verdict}`);
  const request = { ...seen, endpoint: judgement.endpoint, repository: input.repository };
  // A proxy in the environment is meant to be the way out: opening another one is not for this tool to suggest unasked.
  const wanted = policyWouldHelp(judgement) && !isByProxy(seen, judgement.endpoint);
  const fix = wanted ? withOrigin(await proposeFix(deps, request, run), judgement.endpoint) : undefined;
  const findings = findingsOf(seen, judgement.endpoint);
  const container = watched.probe.ok ? { container: watched.probe.value.container } : {};
  const subject = subjectOf(deps, pod, { state: gathered.state, ...container });
  const story = storyOf(seen, judgement, fix);
  const timeline = timelineOf(seen, judgement.endpoint);
  return {
    question: questionOf(input),
    subject,
    verdict: judgement.verdict,
    about: { host: judgement.endpoint.host, port: judgement.endpoint.port },
    ...(judgement.cause === undefined ? {} : { cause: judgement.cause }),
    ...(story === undefined ? {} : { story }),
    ...(timeline === undefined ? {} : { timeline }),
    hops: seen.endpoints.map(hopOf),
    findings,
    ...(fix === undefined ? {} : { fix: withPullRequest(fix, judgement.endpoint, { subject, findings }) }),
    nextSteps: nextSteps(seen, judgement, findings, fix),
    assumptions: [...judgement.endpoint.evaluation.assumptions, ...(watched.note === undefined ? [] : [watched.note])],
    asOf,
  };
}

/** Whoever applies a fix must know whose word it is that the host is needed. */
function withOrigin(fix: Fix | undefined, endpoint: EndpointCase): Fix | undefined {
  const origin = namedByOthers(endpoint);
  return fix === undefined || origin === undefined ? fix : { ...fix, warnings: [origin, ...fix.warnings] };
}

async function watchAll(
  deps: Deps,
  input: DiagnoseInput,
  { pod, gathered }: { readonly pod: Pod; readonly gathered: Gathered },
  run: Run,
) {
  const targets = plan(input, pod, gathered);
  const about = { pod, state: gathered.state };
  const watched = await watch(deps, input, { ...about, targets }, run);
  return followRedirect(deps, input, { ...about, watched, targets }, run);
}

function plan(input: DiagnoseInput, pod: Pod, { state, logs }: Gathered): readonly PlannedTarget[] {
  const host = hostOf(input.target);
  const destination = { host, cnames: [], addresses: [], port: input.target.port, protocol: 'TCP' as const };
  return planTargets(
    { host, port: input.target.port },
    logs.ok ? logs.value : undefined,
    comparisonTargets(state, pod, destination),
  );
}

/** The cache explains only a disagreement between rules and packets, so it is read only then. */
async function withFqdnCache(deps: Deps, seen: Case, run: Run): Promise<Case> {
  const wanted = seen.endpoints.some((endpoint) => endpoint.evaluation.connect.reason === 'dns_not_proxied');
  if (!wanted) return seen;
  const node = seen.pod.nodeName === undefined ? {} : { nodeName: seen.pod.nodeName };
  const fqdnCache: Read<readonly FqdnCacheEntry[]> = await deps.flows.fqdnCache(
    { pod: podRef(seen.pod), ...node },
    run.signal,
  );
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
