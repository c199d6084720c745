/** Turns the engine's proposed change into a patch people can apply; used by `proposePolicyFix` and by the diagnosis. */
import type { ClusterState, NotRead, Read } from '../core/model/cluster-state.ts';
import type { Fix, Remedy } from '../core/model/diagnosis.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { Policy } from '../core/model/policy.ts';
import type { PolicyPatch, RepositoryRef } from '../ports/gitops-source.ts';
import type { Deps, Run } from './deps.ts';

export function livePolicy(state: ClusterState, { kind, namespace, name }: ObjectRef): Policy | undefined {
  return state.policies.find(
    (policy) => policy.kind === kind && policy.meta.namespace === namespace && policy.meta.name === name,
  );
}

export interface FixRequest {
  readonly remedy: Remedy;
  readonly state: ClusterState;
  readonly repository?: RepositoryRef;
}

/** A remedy without a patch is still worth saying, so a refused patch comes back as a reason, not as an error. */
export async function fixFromRemedy(
  deps: Deps,
  { remedy, state, repository }: FixRequest,
  run: Run,
): Promise<Read<Fix>> {
  const patches: PolicyPatch[] = [];
  for (const change of remedy.changes) {
    const read = await deps.gitops.patch(change, livePolicy(state, change.policy), repository, run.signal);
    if (!read.ok) return read;
    patches.push(read.value);
  }
  const [first] = patches;
  if (first === undefined) return { ok: false, notRead: NOTHING_TO_CHANGE };
  const inGit = patches.every((patch) => patch.inGit);
  const diff = patches.map((patch) => patch.diff).join('\n');
  return {
    ok: true,
    value: {
      ...remedy,
      diff,
      file: first.file,
      inGit,
      warnings: [...remedy.warnings, ...sourceWarnings(inGit, repository)],
    },
  };
}

const NOTHING_TO_CHANGE: NotRead = {
  what: 'the fix',
  code: 'unsupported',
  reason: 'the proposed remedy holds no change',
};

function sourceWarnings(inGit: boolean, repository: RepositoryRef | undefined): string[] {
  if (inGit) return [];
  return repository === undefined
    ? [
        'The diff is against the live object: no repository was given. If Git manages the policy, change it there or the next sync undoes it.',
      ]
    : ['The diff is against the live object: no file of the repository holds this policy.'];
}
