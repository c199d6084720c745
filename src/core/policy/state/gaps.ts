/** What was not read and might matter: the evaluator asks here before it says no. */
import type { ClusterState, NotRead } from '../../model/cluster-state.ts';

/**
 * The gap about a resource (plural, lower case, e.g. `ciliumnetworkpolicies`). A kind that is not installed is none. Nor is what an
 * archive lacks: whoever asks about a set of manifests means them as the whole cluster, and `archiveNote` says so.
 * @param namespace only gaps that concern this namespace
 */
export function gapFor(state: ClusterState, resource: string, namespace?: string): NotRead | undefined {
  if (state.notRead.length === 0) return undefined;
  return realGaps(state).find((gap) => concerns(gap, resource) && (namespace === undefined || inScope(gap, namespace)));
}

/** One sentence about what an archive does not hold; undefined when it lacks nothing. */
export function archiveNote(state: ClusterState): string | undefined {
  const lacking = state.notRead.filter((gap) => gap.code === 'not_in_archive').map((gap) => gap.what);
  return lacking.length === 0
    ? undefined
    : `the archive is taken for the whole cluster; it does not hold: ${lacking.join('; ')}`;
}

/** True when the archive was not given the resource. */
export function lacksInArchive(state: ClusterState, resource: string, namespace?: string): boolean {
  return state.notRead.some(
    (gap) =>
      gap.code === 'not_in_archive' &&
      firstWord(gap) === resource &&
      (namespace === undefined || inScope(gap, namespace)),
  );
}

/** A gap in words, with what would close it. */
export function gapText(gap: NotRead): string {
  return `${gap.what} could not be read (${gap.reason})${gap.nextStep ? `; ${gap.nextStep.replace(/\.$/, '')}` : ''}`;
}

function realGaps(state: ClusterState): readonly NotRead[] {
  return state.notRead.filter((gap) => gap.code !== 'kind_absent' && gap.code !== 'not_in_archive');
}

function concerns(gap: NotRead, resource: string): boolean {
  if (firstWord(gap) === resource) return true;
  return isPolicies(resource) && gap.what.endsWith('which may hold policies');
}

/** Kinds whose names others have too go by their project's name. */
function isPolicies(resource: string): boolean {
  return resource.endsWith('policies') || ['aws', 'antrea', 'calico'].includes(resource);
}

function firstWord(gap: NotRead): string {
  return (
    gap.what
      .trim()
      .toLowerCase()
      .split(/[\s./:]/)[0] ?? ''
  );
}

/** `… in namespace X`, `… X/name` and `… outside namespaces X, Y` say where the gap is. */
function inScope(gap: NotRead, namespace: string): boolean {
  const inside = / in namespace (\S+)/.exec(gap.what) ?? /^\S+ ([^\s/]+)\/\S+$/.exec(gap.what);
  if (inside) return inside[1] === namespace;
  const outside = / outside namespaces? (.+)$/.exec(gap.what);
  return !outside?.[1]?.split(/,\s*/).includes(namespace);
}
