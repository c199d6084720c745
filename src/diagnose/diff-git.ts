/** Live policies compared with a Git repository: `diffGitPolicies`. */

import { commitSubjects, historySentences } from '../core/drift/history-text.ts';
import type { DriftAnswer } from '../core/model/answers.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { DriftReport, PolicyDrift } from '../core/model/drift.ts';
import type { Finding } from '../core/model/evidence.ts';
import { isPatchable } from '../core/model/policy.ts';
import { policiesInReach } from '../core/policy/in-reach.ts';
import { limitsOfReading } from '../core/verdict/findings-git.ts';
import { repositoriesToGive, sourceOfTruth } from '../core/verdict/source-of-truth.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut, unreadFindings, unreadPolicies } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { asApplied, forecastOf } from './steps/drift.ts';
import { requirePod } from './steps/gather.ts';

export interface DiffGitInput {
  readonly workload: WorkloadRef;
  readonly repository?: RepositoryRef;
}

const MAX_POLICIES = 40;
const MAX_SKIPPED = 20;
const STATEMENT = 'Live policies differ from Git.';

export async function diffGit(open: () => Promise<Deps>, input: DiffGitInput, run: Run): Promise<DriftAnswer> {
  const deps = await open();
  const pod = await requirePod(deps, input.workload, run);
  const [state, sync] = await Promise.all([
    deps.cluster.readState(podRef(pod), run.signal),
    deps.cluster.readSync(deps.clock.now(), run.signal),
  ]);
  const subject = subjectOf(deps, pod, { state });
  const live = policiesInReach(state, input.workload.namespace).filter(isPatchable);
  const when = deps.clock.now().toISOString();
  const truth = sourceOfTruth(live, sync, when);
  const owners = truth === undefined ? [] : [truth];
  if (input.repository === undefined) {
    const asked = notChecked('git-drift', STATEMENT, notAsked(repositoriesToGive(live, sync)));
    return { subject, policies: [], skipped: [], findings: [asked, ...owners, ...unreadFindings(sync.notRead)] };
  }

  const beside = [...owners, ...unreadFindings([...sync.notRead, ...state.notRead])];
  run.progress('Comparing the live policies with Git');
  const compared = await deps.gitops.compare(
    asApplied(input.repository, sync),
    live,
    input.workload.namespace,
    run.signal,
  );
  const read = forecastOf(compared, { live, sync, path: input.repository.path ?? '' });
  if (!read.ok)
    return {
      subject,
      policies: [],
      skipped: [],
      findings: [notChecked('git-drift', STATEMENT, read.notRead), ...beside],
    };

  const { repository, ref, commit } = read.value;
  const policies = bounded(mostTelling(read.value.policies), MAX_POLICIES);
  const skipped = bounded(read.value.skipped, MAX_SKIPPED);
  const drift = driftFinding(read.value, unreadPolicies(state.notRead), when);
  const lists = { policies: policies.kept, skipped: skipped.kept };
  return {
    subject,
    repository,
    ref,
    commit,
    ...lists,
    findings: [drift, ...beside, ...limitsOfReading(read.value)],
    ...leftOutOf({ policies, skipped }),
  };
}

const HOW =
  'call again with repository: {"repository": "https://HOST/ORG/REPO or an absolute path", "ref": "branch, tag or commit (HEAD if absent)", "path": "folder (whole repository if absent)"}.';

/** A repository that the cluster names is not opened unasked: anyone who may write the object may have named it. */
function notAsked(known: readonly string[]): NotRead {
  const nextStep =
    known.length > 0 ? known.slice(0, 3).join(' ') : `Ask which repository holds the policies and ${HOW}`;
  return {
    what: 'the Git repository with the policies',
    code: 'not_asked',
    reason: 'no repository was given',
    nextStep,
  };
}

function mostTelling(policies: readonly PolicyDrift[]): PolicyDrift[] {
  return [...policies].sort((a, b) => Number(a.kind === 'same') - Number(b.kind === 'same'));
}

function driftFinding(report: DriftReport, unread: NotRead | undefined, when: string): Finding {
  const where = `${report.repository} at ${report.ref} (${report.commit.slice(0, 12)})`;
  const different = report.policies.filter(({ kind }) => kind !== 'same');
  if (different.length > 0) {
    const shown = different.slice(0, 5).map(({ policy, kind, forecast, history }) => {
      const then =
        forecast === undefined
          ? ''
          : `, then ${forecast.outcome.replace('_', ' ')}${forecast.when === undefined ? '' : ` ${forecast.when}`}`;
      const earlier = history === undefined ? '' : ` (${historySentences(history).join(' ')})`;
      return `${policy.kind} ${policy.name}: ${kind}${then}${earlier}`;
    });
    const subjects = [...new Set(different.flatMap(({ history }) => (history ? commitSubjects(history) : [])))];
    const untrusted = subjects.length === 0 ? {} : { untrusted: subjects.slice(0, 10).join('\n') };
    return confirmed('git-drift', STATEMENT, { source: 'git', where, what: shown.join('; '), when, ...untrusted });
  }
  if (unread !== undefined) return notChecked('git-drift', STATEMENT, unread);
  const what = `${report.policies.length} policies compared, all the same`;
  return ruledOut('git-drift', STATEMENT, { source: 'git', where, what, when });
}
