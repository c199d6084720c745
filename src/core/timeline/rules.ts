/** When the policies were last written that select the pod, and the others that were read; third part of `build.ts`. */
import type { ClusterState, NotRead } from '../model/cluster-state.ts';
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import type { Policy } from '../model/policy.ts';
import type { Pod } from '../model/workload.ts';
import { enforcementOf } from '../policy/engine/enforcement.ts';
import { selectingPolicies } from '../policy/selecting.ts';
import { gapFor } from '../policy/state/gaps.ts';
import { KINDS } from '../policy/translate/registry.ts';
import { isTime, timeOf } from './failures.ts';

export interface PolicyWrite {
  readonly policy: ObjectRef;
  readonly at: string;
  readonly created: boolean;
  /** Who wrote it, by managedFields. */
  readonly by?: string;
  readonly selects: boolean;
}

export interface Rules {
  /** The last write of each policy on record, latest first. */
  readonly writes: readonly PolicyWrite[];
  /** Selecting policies of which no time is on record. */
  readonly undated: readonly ObjectRef[];
  readonly selecting: number;
  /** A kind of policies that could not be read: among them may be one that selects the pod, and one that was written. */
  readonly unread?: NotRead;
}

export function rulesOf(state: ClusterState, pod: Pod): Rules {
  const unread = unreadPolicies(state, pod);
  const selecting = selectingPolicies(state, pod).map(({ policy }) => policy);
  // Policies of other namespaces are read for what they let others do.
  const around = state.policies.filter(
    ({ meta }) => meta.namespace === undefined || meta.namespace === pod.meta.namespace,
  );
  const dated = around.map(({ kind, meta }) => {
    const policy = refOf(kind, meta);
    const selects = selecting.some((one) => isSame(one, policy));
    const write = lastWrite(meta);
    return { policy, selects, ...(write !== undefined && { write }) };
  });
  return {
    writes: dated
      .flatMap(({ policy, selects, write }) => (write === undefined ? [] : [{ policy, selects, ...write }]))
      .toSorted((a, b) => timeOf(b.at) - timeOf(a.at)),
    undated: selecting.filter((ref) => !dated.some(({ policy, write }) => write !== undefined && isSame(ref, policy))),
    selecting: selecting.length,
    ...(unread !== undefined && { unread }),
  };
}

/** Of a kind that the engine enforces. */
function unreadPolicies(state: ClusterState, { meta }: Pod): NotRead | undefined {
  const kinds = (Object.keys(KINDS) as Policy['kind'][]).filter((kind) => enforcementOf(kind, state).enforced !== 'no');
  const resources = [...new Set(kinds.map((kind) => KINDS[kind].resource))];
  return resources.map((resource) => gapFor(state, resource, meta.namespace ?? 'default')).find((gap) => gap);
}

/** Agents write `status`, and older API servers and captures do not say of what an entry is. */
const STATUS_WRITERS = /^cilium(?:-operator|-agent)?(?:-|$)/;

/**
 * The latest time at which something of the object was written, status aside. The first generation is the object as it was created;
 * later ones say nothing of the time. managedFields keep one time a manager, and a manager that gave up all its fields is gone with its
 * time (kubernetes.io/docs/reference/using-api/server-side-apply).
 */
function lastWrite(meta: ObjectMeta): Omit<PolicyWrite, 'policy' | 'selects'> | undefined {
  const { creationTimestamp, generation } = meta;
  if (generation === 1 && isTime(creationTimestamp)) return { at: creationTimestamp, created: true };
  const [latest] = meta.managers
    .filter(
      ({ manager, subresource, time }) => subresource === undefined && !STATUS_WRITERS.test(manager) && isTime(time),
    )
    .toSorted((a, b) => timeOf(b.time) - timeOf(a.time));
  if (latest?.time !== undefined) {
    const created = isTime(creationTimestamp) && timeOf(latest.time) <= timeOf(creationTimestamp);
    return { at: created ? creationTimestamp : latest.time, created, by: latest.manager };
  }
  // Without a manager's time nothing says that it is still as it was created.
  return undefined;
}

function refOf(kind: string, { namespace, name }: ObjectMeta): ObjectRef {
  return { kind, name, ...(namespace !== undefined && { namespace }) };
}

function isSame(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}
