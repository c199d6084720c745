/** The smallest policy change that lets the pod reach the target, as a diff, or why there is none: `proposePolicyFix`. */
import { appliedBy } from '../core/drift/applied-by.ts';
import { commitSubjects, historySentences } from '../core/drift/history-text.ts';
import type { FixAnswer } from '../core/model/answers.ts';
import type { ClusterState } from '../core/model/cluster-state.ts';
import type { Destination } from '../core/model/destination.ts';
import type { Fix } from '../core/model/diagnosis.ts';
import type { Evaluation } from '../core/model/evaluation.ts';
import type { Finding } from '../core/model/evidence.ts';
import { isPatchable } from '../core/model/policy.ts';
import type { SyncState } from '../core/model/sync.ts';
import type { Pod } from '../core/model/workload.ts';
import type { Target } from '../core/net/host.ts';
import { evaluateEgress } from '../core/policy/evaluate.ts';
import { policiesInReach } from '../core/policy/in-reach.ts';
import { limitsOfReading } from '../core/verdict/findings-git.ts';
import { repositoriesToGive, sourceOfTruth } from '../core/verdict/source-of-truth.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut, unreadFindings } from './finding.ts';
import { evaluationFinding } from './list-policies.ts';
import { podRef, subjectOf } from './locate.ts';
import { destinationOf } from './probe-pod.ts';
import { adviceFor, proposeFix as fixFor, withPullRequest } from './steps/fix.ts';
import { requirePod } from './steps/gather.ts';

export interface ProposeFixInput {
  readonly workload: WorkloadRef;
  readonly target: Target;
  readonly repository?: RepositoryRef;
}

const STATEMENT = 'A policy change would let the pod reach the target.';
const FIX_IN_GIT = 'fix-in-git';
const IN_GIT = 'The change is against the file in Git.';

export async function proposeFix(deps: Deps, input: ProposeFixInput, run: Run): Promise<FixAnswer> {
  run.progress('Reading the pod and the policies around it');
  const pod = await requirePod(deps, input.workload, run);
  const [state, sync] = await Promise.all([
    deps.cluster.readState(podRef(pod), run.signal),
    deps.cluster.readSync(deps.clock.now(), run.signal),
  ]);

  const destination = await withKnownAddresses(deps, pod, destinationOf(input.target), run);
  const evaluation = evaluateEgress(state, pod, destination);

  run.progress('Looking for the smallest change');
  const request = { state, pod, endpoint: { evaluation }, repository: input.repository, sync };
  const fix = await fixFor(deps, request, run);

  const subject = subjectOf(deps, pod, { state });
  const when = deps.clock.now().toISOString();
  const base = [
    evaluationFinding(evaluation, subject, when),
    ...truthOf(input, { state, sync, when }),
    ...unreadFindings([...state.notRead, ...sync.notRead]),
  ];
  const common = { subject, decision: evaluation.decision };
  const seen = { state, sync, when };
  if (fix === undefined) {
    // Where nothing has to change, no place for a change is asked about.
    const where =
      evaluation.decision === 'allowed' ? [] : whereItBelongs(input, seen, 'where a change belongs is not known');
    return { ...common, findings: [noRemedy(evaluation, adviceFor(request), when), ...where, ...base] };
  }
  const inGit =
    input.repository === undefined
      ? whereItBelongs(input, seen, 'the diff is against the live object')
      : againstGit(fix, input.repository, seen);
  const findings = [proven(fix, state, when), ...inGit, ...base];
  return { ...common, fix: withPullRequest(fix, request.endpoint, { subject, findings }), findings };
}

interface Seen {
  readonly state: ClusterState;
  readonly sync: SyncState;
  readonly when: string;
}

/** What the diff is against, who applies that, and what Git's history says of it. */
function againstGit(fix: Fix, repository: RepositoryRef, { sync, when }: Seen): readonly Finding[] {
  const { diff, file, against, history, warnings } = fix;
  const limits = limitsOfReading(fix);
  if (against !== undefined) {
    const { ref, commit } = against;
    const compared = { ...against, path: repository.path ?? '', skipped: [] };
    const sentences = [
      `The diff is made against this commit, at ${file}.`,
      appliedBy(file, compared, sync),
      ...(history ? historySentences(history) : []),
    ];
    const subjects = history === undefined ? [] : commitSubjects(history);
    const untrusted = subjects.length === 0 ? {} : { untrusted: subjects.join('\n') };
    const where = `${against.repository} at ${ref} (${commit.slice(0, 12)})`;
    const seen = { source: 'git', where, what: sentences.join(' '), when, ...untrusted } as const;
    return [confirmed(FIX_IN_GIT, IN_GIT, seen), ...limits];
  }
  const what = diff === '' ? 'the diff' : 'a file of the repository that holds the policy';
  const reason = warnings.at(-1) ?? 'the repository does not hold the policy';
  const nextStep =
    'Find out what makes the live policy (its labels, annotations and metadata.managedFields) and change it there.';
  return [notChecked(FIX_IN_GIT, IN_GIT, { what, code: 'not_found', reason, nextStep }), ...limits];
}

function truthOf({ workload }: ProposeFixInput, { state, sync, when }: Seen): readonly Finding[] {
  const truth = sourceOfTruth(policiesInReach(state, workload.namespace).filter(isPatchable), sync, when);
  return truth === undefined ? [] : [truth];
}

/** Where no repository was named: what to give as the one that the change belongs to. */
function whereItBelongs(
  { workload, repository }: ProposeFixInput,
  { state, sync }: Seen,
  so: string,
): readonly Finding[] {
  if (repository !== undefined) return [];
  const live = policiesInReach(state, workload.namespace).filter(isPatchable);
  const [given] = repositoriesToGive(live, sync);
  if (given === undefined) return [];
  return [
    notChecked(FIX_IN_GIT, IN_GIT, {
      what: 'Git repository of the policies',
      code: 'not_asked',
      reason: `no repository was named, so ${so}`,
      nextStep: given,
    }),
  ];
}

/** Address rules can only be judged with addresses; the agent's DNS cache knows the name's without a new lookup. */
async function withKnownAddresses(deps: Deps, pod: Pod, destination: Destination, run: Run): Promise<Destination> {
  if (destination.addresses.length > 0) return destination;
  const node = pod.nodeName === undefined ? {} : { nodeName: pod.nodeName };
  const cache = await deps.flows.fqdnCache({ pod: podRef(pod), ...node }, run.signal);
  const entries = cache.ok ? cache.value.filter(({ name }) => name.replace(/\.$/, '') === destination.host) : [];
  return { ...destination, addresses: [...new Set(entries.flatMap(({ ips }) => ips))] };
}

function noRemedy(evaluation: Evaluation, advice: readonly string[], when: string): Finding {
  const { decision, connect } = evaluation;
  if (decision === 'allowed') {
    const what = `policies already allow it: ${connect.explanation}`;
    return ruledOut('fix-proposed', STATEMENT, { source: 'policy', where: 'policies that select the pod', what, when });
  }
  const { reason, nextStep } = whyNone(evaluation);
  return notChecked('fix-proposed', STATEMENT, {
    what: 'a policy change',
    code: 'unsupported',
    reason: [reason, ...advice].join('; '),
    nextStep,
  });
}

function whyNone({ decision, lookup, connect, mesh }: Evaluation): {
  readonly reason: string;
  readonly nextStep: string;
} {
  const denying = [lookup, connect].find(({ reason }) => reason === 'explicit_deny');
  if (denying !== undefined)
    return {
      reason: `a rule denies it explicitly: ${denying.explanation}`,
      nextStep: 'Ask whoever owns that rule whether the destination is meant to be denied.',
    };
  if (mesh?.decision === 'denied' && connect.decision === 'allowed' && lookup.decision === 'allowed')
    return {
      reason: `the policies allow it, the mesh does not: ${mesh.explanation}`,
      nextStep: "Change the mesh's own configuration, which this tool does not write.",
    };
  return decision === 'unknown'
    ? {
        reason: 'the engine’s decision is not known, so no change can be proved',
        nextStep: 'Run diagnoseEgress: it probes from the pod.',
      }
    : {
        reason: 'no small change of an existing rule was found',
        nextStep: 'Add a rule for the destination to a policy that selects the pod.',
      };
}

function proven({ policy, summary, before, after, warnings }: Fix, state: ClusterState, when: string): Finding {
  const where = `${policy.kind} ${policy.name}, re-evaluated with ${state.engine.cni} rules`;
  if (after !== 'allowed') {
    const reason = `the change opens the connection, but the answer stays ${after}: ${warnings[0] ?? ''}`;
    const nextStep = 'Run diagnoseEgress: its probe shows whether the lookup passes.';
    return notChecked('fix-proposed', STATEMENT, {
      what: 'the effect of the change',
      code: 'unsupported',
      reason,
      nextStep,
    });
  }
  return confirmed('fix-proposed', STATEMENT, {
    source: 'policy',
    where,
    what: `${summary} Before: ${before}; after: ${after}.`,
    when,
  });
}
