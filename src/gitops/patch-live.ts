/** The diff of a change against the live object, for policies that no file in Git holds (or when no repository was named). */
import { dump } from 'js-yaml';
import { applyEdit, type Edit } from '../core/drift/apply-change.ts';
import type { Json } from '../core/drift/json.ts';
import { toManifest } from '../core/drift/manifest.ts';
import { unifiedDiff } from '../core/drift/unified-diff.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { PatchablePolicy } from '../core/model/policy.ts';
import type { PolicyPatch } from '../ports/gitops-source.ts';
import { GitProblem } from './git-problem.ts';

/** @throws GitProblem when the change does not fit the live object, or needs one and there is none. */
export function patchLive(ref: ObjectRef, live: PatchablePolicy | undefined, edits: readonly Edit[]): PolicyPatch {
  const file = `live/${[ref.kind.toLowerCase(), ref.namespace, ref.name].filter((part) => part !== undefined).join('-')}.yaml`;
  const { manifest, omitted } = live === undefined ? { manifest: undefined, omitted: [] } : toManifest(live);
  const after = edits.reduce<Json | undefined>((object, edit) => applyEdit(object ?? null, edit), manifest);
  if (after === undefined || after === null) throw doesNotFit(ref, live);
  const note = omitted.length > 0 ? `# Rebuilt from the live object; not shown: ${omitted.join(', ')}.\n` : '';
  const before = manifest === undefined ? {} : { before: note + yamlOf(manifest) };
  return { diff: unifiedDiff({ path: file, ...before, after: note + yamlOf(after) }), file, inGit: false };
}

function yamlOf(value: Json): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

function doesNotFit(ref: ObjectRef, live: PatchablePolicy | undefined): GitProblem {
  const name = `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
  return live === undefined
    ? new GitProblem('not_found', `${name} was read neither from the cluster nor from Git`, 'Name an existing policy.')
    : new GitProblem(
        'invalid',
        `the change does not fit the live ${name}`,
        'Read the policy again: it may have changed.',
      );
}
