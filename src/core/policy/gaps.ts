/** What was not read and might matter: the evaluator asks here before it says no. */
import type { ClusterState, NotRead } from '../model/cluster-state.ts';

/** The gap about a resource (plural, lower case, e.g. `ciliumnetworkpolicies`), unless the kind does not exist in the cluster. */
export function gapFor(state: ClusterState, resource: string): NotRead | undefined {
  return state.notRead.find((one) => one.code !== 'kind_absent' && resourceOf(one) === resource);
}

/** The resource a gap is about: the first word of `what`, without its API group. */
function resourceOf(gap: NotRead): string {
  return (
    gap.what
      .trim()
      .toLowerCase()
      .split(/[\s./:]/)[0] ?? ''
  ).replace(/^networkpolicy$/, 'networkpolicies');
}

/** A gap in words, with what would close it. */
export function gapText(gap: NotRead): string {
  return `${gap.what} could not be read (${gap.reason})${gap.nextStep ? `; ${gap.nextStep}` : ''}`;
}
