/** Live policies compared with a Git repository: `diffGitPolicies`. */

import type { DriftAnswer } from '../core/model/answers.ts';
import type { NotRead } from '../core/model/cluster-state.ts';
import type { DriftReport, PolicyDrift } from '../core/model/drift.ts';
import type { Finding } from '../core/model/evidence.ts';
import { isPatchable } from '../core/model/policy.ts';
import { policiesInReach } from '../core/policy/in-reach.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import type { RepositoryRef } from '../ports/gitops-source.ts';
import { bounded, leftOutOf } from './bounded.ts';
import type { Deps, Run } from './deps.ts';
import { confirmed, notChecked, ruledOut, unreadFindings, unreadPolicies } from './finding.ts';
import { podRef, subjectOf } from './locate.ts';
import { requirePod } from './steps/gather.ts';

export interface DiffGitInput {
  readonly workload: WorkloadRef;
  readonly repository?: RepositoryRef;
}

const MAX_POLICIES = 40;
const MAX_SKIPPED = 20;
const STATEMENT = 'Live policies differ from Git.';

/** The cluster is opened only when there is something to compare it with. */
export async function diffGit(open: () => Promise<Deps>, input: DiffGitInput, run: Run): Promise<DriftAnswer> {
  if (input.repository === undefined) return withoutRepository();
  const deps = await open();
  const pod = await requirePod(deps, input.workload, run);
  const state = await deps.cluster.readState(podRef(pod), run.signal);
  const subject = subjectOf(deps, pod, { state });

  run.progress('Comparing the live policies with Git');
  const read = await deps.gitops.compare(
    input.repository,
    policiesInReach(state, input.workload.namespace).filter(isPatchable),
    input.workload.namespace,
    run.signal,
  );
  const unread = unreadFindings(state.notRead);
  if (!read.ok)
    return {
      subject,
      policies: [],
      skipped: [],
      findings: [notChecked('git-drift', STATEMENT, read.notRead), ...unread],
    };

  const { repository, ref, commit } = read.value;
  const policies = bounded(mostTelling(read.value.policies), MAX_POLICIES);
  const skipped = bounded(read.value.skipped, MAX_SKIPPED);
  const drift = driftFinding(read.value, unreadPolicies(state.notRead), deps.clock.now().toISOString());
  const lists = { policies: policies.kept, skipped: skipped.kept };
  return {
    subject,
    repository,
    ref,
    commit,
    ...lists,
    findings: [drift, ...unread],
    ...leftOutOf({ policies, skipped }),
  };
}

/** Which repository an object comes from is not written on a plain manifest: the user has to say. */
function withoutRepository(): DriftAnswer {
  const because: NotRead = {
    what: 'the Git repository with the policies',
    code: 'not_asked',
    reason: 'no repository was given',
    nextStep:
      'Ask which repository holds the policies and call again with repository: {"repository": "https://HOST/ORG/REPO or an absolute path", "ref": "branch, tag or commit (HEAD if absent)", "path": "folder (whole repository if absent)"}.',
  };
  return { policies: [], skipped: [], findings: [notChecked('git-drift', STATEMENT, because)] };
}

function mostTelling(policies: readonly PolicyDrift[]): PolicyDrift[] {
  return [...policies].sort((a, b) => Number(a.kind === 'same') - Number(b.kind === 'same'));
}

function driftFinding(report: DriftReport, unread: NotRead | undefined, when: string): Finding {
  const where = `${report.repository} at ${report.ref} (${report.commit.slice(0, 12)})`;
  const different = report.policies.filter(({ kind }) => kind !== 'same');
  if (different.length > 0) {
    const shown = different.slice(0, 5).map(({ policy, kind }) => `${policy.kind} ${policy.name}: ${kind}`);
    return confirmed('git-drift', STATEMENT, { source: 'git', where, what: shown.join('; '), when });
  }
  if (unread !== undefined) return notChecked('git-drift', STATEMENT, unread);
  const what = `${report.policies.length} policies compared, all the same`;
  return ruledOut('git-drift', STATEMENT, { source: 'git', where, what, when });
}
