/** When an object was last written, as far as its metadata tells; for `rules.ts` and `beside.ts`. */
import type { ObjectMeta, ObjectRef } from '../model/object-meta.ts';
import { isTime, timeOf } from './failures.ts';

export interface Write {
  readonly at: string;
  readonly created: boolean;
  /** Who wrote it, by managedFields. */
  readonly by?: string;
  /** As far as is on record it was of labels or annotations: who wrote it owns nothing of the rules, and others do. */
  readonly isOfLabels?: true;
}

/** Of something that is no evaluated policy. */
export interface BesideWrite extends Write {
  readonly object: ObjectRef;
  /** Why it is looked at, e.g. `of a kind that is not evaluated`. */
  readonly why: string;
  /** What enforces, not what is asked for: that it was written or started later hides nothing. */
  readonly isEngine?: true;
}

/** Agents write `status`, and older API servers and captures do not say of what an entry is. */
const STATUS_WRITERS = /^cilium(?:-operator|-agent)?(?:-|$)/;

/**
 * The latest time at which something of the object was written, status aside. managedFields keep one time a manager, and a manager that
 * gave up all its fields is gone with its time (kubernetes.io/docs/reference/using-api/server-side-apply).
 * @param counts the API server counts the generations of this kind: then the first one is the object as it was created
 */
export function lastWrite(meta: ObjectMeta, counts: boolean): Write | undefined {
  const { creationTimestamp, generation } = meta;
  if (counts && generation === 1 && isTime(creationTimestamp)) return { at: creationTimestamp, created: true };
  const [latest] = meta.managers
    .filter(
      ({ manager, subresource, time }) => subresource === undefined && !STATUS_WRITERS.test(manager) && isTime(time),
    )
    .toSorted((a, b) => timeOf(b.time) - timeOf(a.time));
  if (latest?.time === undefined) return undefined;
  const created = isTime(creationTimestamp) && timeOf(latest.time) <= timeOf(creationTimestamp);
  const isOfLabels = !created && latest.owns === undefined && meta.managers.some(({ owns }) => owns !== undefined);
  return {
    at: created ? creationTimestamp : latest.time,
    created,
    by: latest.manager,
    ...(isOfLabels && { isOfLabels }),
  };
}

/**
 * Calico keeps a copy of the metadata in an annotation and shows that one: its generation stands still, whatever is written
 * (calico libcalico-go/lib/backend/k8s/resources/resources.go).
 */
export function countsGenerations(kind: string): boolean {
  return !kind.endsWith('.projectcalico.org');
}

export function refOf(kind: string, { namespace, name }: ObjectMeta): ObjectRef {
  return { kind, name, ...(namespace !== undefined && { namespace }) };
}
