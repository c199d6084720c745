/** When the policies were last written that select the pod, and the others that were read; third part of `build.ts`. */
import type { ClusterState, NotRead } from '../model/cluster-state.ts';
import type { ObjectRef } from '../model/object-meta.ts';
import type { Pod } from '../model/workload.ts';
import { selectingPolicies } from '../policy/selecting.ts';
import { type Beside, besideOf } from './beside.ts';
import { timeOf } from './failures.ts';
import { unreadRules } from './unread.ts';
import { countsGenerations, lastWrite, refOf, type Write } from './writes.ts';

export interface PolicyWrite extends Write {
  readonly policy: ObjectRef;
  readonly selects: boolean;
}

export interface Rules {
  /** The last write of each policy on record, latest first. */
  readonly writes: readonly PolicyWrite[];
  /** Selecting policies of which no time is on record. */
  readonly undated: readonly ObjectRef[];
  readonly selecting: number;
  /** Of the pod's namespace and of the whole cluster, without those that select it. */
  readonly others: number;
  /** What else decides, or is referred to. */
  readonly beside: Beside;
  /** Kinds that could not be read: among them may be an object that governs the pod, and one that was written. */
  readonly unread: readonly NotRead[];
  /** An archive that does not tell whether there are objects of some kinds. */
  readonly lacking: boolean;
}

export function rulesOf(state: ClusterState, pod: Pod, host: string): Rules {
  const refs = selectingPolicies(state, pod).map(({ policy }) => policy);
  // Policies of other namespaces are read for what they let others do.
  const around = state.policies.filter(
    ({ meta }) => meta.namespace === undefined || meta.namespace === pod.meta.namespace,
  );
  const dated = around.map((object) => {
    const policy = refOf(object.kind, object.meta);
    const selects = refs.some((one) => isSame(one, policy));
    return { object, policy, selects, write: lastWrite(object.meta, countsGenerations(object.kind)) };
  });
  const selecting = dated.filter(({ selects }) => selects).map(({ object }) => object);
  return {
    writes: dated
      .flatMap(({ policy, selects, write }) => (write === undefined ? [] : [{ policy, selects, ...write }]))
      .toSorted((a, b) => timeOf(b.at) - timeOf(a.at)),
    undated: refs.filter((ref) => !dated.some(({ policy, write }) => write !== undefined && isSame(ref, policy))),
    selecting: refs.length,
    others: around.length - selecting.length,
    beside: besideOf(state, pod, { selecting, host }),
    unread: unreadRules(state, pod),
    lacking: state.notRead.some(({ code }) => code === 'not_in_archive'),
  };
}

function isSame(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}
