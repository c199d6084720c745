/** The revisions of the workload behind a pod, by one list; the `readHistory` of `cluster-source.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { WorkloadHistory } from '../core/model/history.ts';
import type { ObjectRef } from '../core/model/object-meta.ts';
import type { Pod } from '../core/model/workload.ts';
import { controllerRevisionSchema, type KeptRevision, replicaSetSchema } from './decode/history.ts';
import { createGatherer } from './gather.ts';
import type { ObjectReader } from './object-reader.ts';
import { CONTROLLER_REVISIONS, REPLICA_SETS } from './resources.ts';

type Owner = Pod['meta']['owners'][number];

export async function readHistory(reader: ObjectReader, pod: Pod, signal: AbortSignal): Promise<Read<WorkloadHistory>> {
  const namespace = pod.meta.namespace ?? 'default';
  const owner = pod.meta.owners.find(({ kind }) => KEPT.has(kind));
  if (owner === undefined) return failure(noneKept(pod));
  const gather = createGatherer(reader, signal);
  const ofReplicaSets = owner.kind === 'ReplicaSet';
  const { values, notRead } = ofReplicaSets
    ? await gather.inScope(REPLICA_SETS, replicaSetSchema, { namespace })
    : await gather.inScope(CONTROLLER_REVISIONS, controllerRevisionSchema, { namespace });
  const current = values.find((one) => isCurrent(one, owner, pod));
  if (current === undefined) return failure(notRead[0] ?? missing(pod, owner));
  const workload = ofReplicaSets ? ownerOf(current, KEPT_BY_REPLICA_SETS) : owner;
  const own = workload === undefined ? [current] : values.filter(({ meta }) => isOwned(meta.owners, workload));
  return {
    ok: true,
    value: {
      workload: refOf(workload ?? owner, namespace),
      revisions: own
        .map((one) => ({ ...one.revision, current: one === current }))
        .toSorted((a, b) => a.revision - b.revision),
    },
  };
}

const KEPT: ReadonlySet<string> = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet']);
const KEPT_BY_REPLICA_SETS: ReadonlySet<string> = new Set(['Deployment', 'Rollout']);

/** A StatefulSet's pods are labelled with the name of their ControllerRevision, a DaemonSet's with the hash in it (kubernetes pkg/controller). */
function isCurrent({ meta }: KeptRevision, owner: Owner, pod: Pod): boolean {
  if (owner.kind === 'ReplicaSet') return meta.name === owner.name;
  const hash = pod.meta.labels['controller-revision-hash'];
  if (hash === undefined || !isOwned(meta.owners, owner)) return false;
  return meta.name === (owner.kind === 'StatefulSet' ? hash : `${owner.name}-${hash}`);
}

function ownerOf({ meta }: KeptRevision, kinds: ReadonlySet<string>): Owner | undefined {
  return meta.owners.find(({ kind }) => kinds.has(kind));
}

function isOwned(owners: readonly Owner[], by: Owner): boolean {
  return owners.some(({ kind, name }) => kind === by.kind && name === by.name);
}

function refOf({ kind, name }: Owner, namespace: string): ObjectRef {
  return { kind, namespace, name };
}

function failure(notRead: NotRead): { readonly ok: false; readonly notRead: NotRead } {
  return { ok: false, notRead };
}

function noneKept({ meta }: Pod): NotRead {
  const by = meta.owners[0]?.kind;
  return {
    what: `earlier revisions of pod ${meta.namespace ?? 'default'}/${meta.name}`,
    code: 'unsupported',
    reason:
      by === undefined ? 'nothing owns the pod, so no earlier revision is kept' : `a ${by} keeps no earlier revisions`,
  };
}

function missing({ meta }: Pod, { kind, name }: Owner): NotRead {
  return {
    what: `revisions of ${kind} ${meta.namespace ?? 'default'}/${name}`,
    code: 'not_found',
    reason: `the revision that the pod belongs to was not found among those of ${kind} ${name}`,
  };
}
