/** Finds the pod a question is about, by name or through its workload, or all of the workload's; tells a missing namespace from a missing pod. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { Pod } from '../core/model/workload.ts';
import type { WorkloadRef } from '../ports/cluster-source.ts';
import { podSchema } from './decode/pod.ts';
import { decodeAll } from './decode/shapes.ts';
import type { ObjectReader, RawObject } from './object-reader.ts';
import { asArray, asRecord, metaOf, nameOf, textOf } from './raw-meta.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  inWords,
  JOBS,
  NAMESPACES,
  PODS,
  REPLICA_SETS,
  type Resource,
  STATEFUL_SETS,
} from './resources.ts';
import { similarNames } from './similar.ts';

const WORKLOADS: Readonly<Record<Exclude<WorkloadRef['kind'], 'pod'>, Resource>> = {
  deployment: DEPLOYMENTS,
  statefulset: STATEFUL_SETS,
  daemonset: DAEMON_SETS,
  replicaset: REPLICA_SETS,
  job: JOBS,
};

export async function findPod(reader: ObjectReader, ref: WorkloadRef, signal: AbortSignal): Promise<Read<Pod>> {
  if (ref.kind === 'pod') {
    const pod = await podByName(reader, ref, signal);
    return pod.ok ? decodePod(pod.value) : pod;
  }
  const read = await podsOfWorkload(reader, { ...ref, kind: ref.kind }, signal);
  return read.ok ? decodePod(read.value[0]) : read;
}

/** The pod itself, or all pods of the workload, the most telling first. */
export async function findPods(
  reader: ObjectReader,
  ref: WorkloadRef,
  signal: AbortSignal,
): Promise<Read<readonly Pod[]>> {
  if (ref.kind === 'pod') {
    const pod = await findPod(reader, ref, signal);
    return pod.ok ? { ok: true, value: [pod.value] } : pod;
  }
  const read = await podsOfWorkload(reader, { ...ref, kind: ref.kind }, signal);
  if (!read.ok) return read;
  const { values, notRead } = decodeAll(PODS, read.value, podSchema);
  return values.length > 0 || notRead[0] === undefined ? { ok: true, value: values } : failure(notRead[0]);
}

function decodePod(raw: RawObject): Read<Pod> {
  const { values, notRead } = decodeAll(PODS, [raw], podSchema);
  const pod = values[0];
  return pod
    ? { ok: true, value: pod }
    : failure(notRead[0] ?? { what: PODS.label, code: 'invalid', reason: 'not understood' });
}

function failure(notRead: NotRead): { readonly ok: false; readonly notRead: NotRead } {
  return { ok: false, notRead };
}

async function podByName(reader: ObjectReader, ref: WorkloadRef, signal: AbortSignal): Promise<Read<RawObject>> {
  const read = await reader.get(PODS, { namespace: ref.namespace, name: ref.name }, signal);
  if (read.ok || !isMissing(read.notRead)) return read;
  return failure(await explainMissing(reader, { resource: PODS, ref, notRead: read.notRead }, signal));
}

function isMissing(notRead: NotRead): boolean {
  return notRead.code === 'not_found' || notRead.code === 'not_in_archive';
}

interface Missing {
  readonly resource: Resource;
  readonly ref: WorkloadRef;
  readonly notRead: NotRead;
}

/** A namespace that may not be read is taken to exist: the refusal says nothing about it. */
async function explainMissing(reader: ObjectReader, missing: Missing, signal: AbortSignal): Promise<NotRead> {
  const { namespace, name } = missing.ref;
  const [space, siblings] = await Promise.all([
    reader.get(NAMESPACES, { name: namespace }, signal),
    reader.list(missing.resource, { namespace, limit: 500 }, signal),
  ]);
  const names = siblings.ok ? siblings.value.items.map(nameOf) : [];
  if (!space.ok && isMissing(space.notRead) && names.length === 0)
    return missingNamespace(reader, namespace, space.notRead, signal);
  const archive = missing.notRead.code === 'not_in_archive';
  return {
    ...missing.notRead,
    reason: `${archive ? 'The archive holds no' : 'There is no'} ${missing.resource.kind} "${name}" in namespace ${namespace}.`,
    nextStep:
      `${suggestion(name, names)}${archive ? '' : ` kubectl get ${missing.resource.name} -n ${namespace} lists what is there.`}`.trim(),
  };
}

// oxlint-disable-next-line max-params -- reads, so it carries reader and signal besides what it explains
async function missingNamespace(
  reader: ObjectReader,
  namespace: string,
  notRead: NotRead,
  signal: AbortSignal,
): Promise<NotRead> {
  const all = await reader.list(NAMESPACES, {}, signal);
  const archive = notRead.code === 'not_in_archive';
  return {
    what: inWords(NAMESPACES, { name: namespace }),
    code: notRead.code,
    reason: archive
      ? `The archive holds nothing of namespace "${namespace}".`
      : `There is no namespace "${namespace}".`,
    nextStep:
      `${suggestion(namespace, all.ok ? all.value.items.map(nameOf) : [])}${archive ? '' : ' kubectl get namespaces lists them.'}`.trim(),
  };
}

function suggestion(wanted: string, names: readonly string[]): string {
  const similar = similarNames(wanted, names);
  if (similar.length > 0) return `Did you mean ${similar.join(', ')}?`;
  return names.length > 0 && names.length <= 10
    ? `There is: ${names.toSorted().join(', ')}.`
    : 'Check the name and the namespace.';
}

type Workload = WorkloadRef & { readonly kind: Exclude<WorkloadRef['kind'], 'pod'> };

/** At least one, the most telling first. */
async function podsOfWorkload(
  reader: ObjectReader,
  ref: Workload,
  signal: AbortSignal,
): Promise<Read<readonly [RawObject, ...RawObject[]]>> {
  const resource = WORKLOADS[ref.kind];
  const [workload, pods] = await Promise.all([
    reader.get(resource, { namespace: ref.namespace, name: ref.name }, signal),
    reader.list(PODS, { namespace: ref.namespace }, signal),
  ]);
  const owned = pods.ok ? pods.value.items.filter((pod) => belongsTo(pod, resource, ref.name)) : [];
  const [first, ...others] = mostTellingFirst(owned);
  if (first) return { ok: true, value: [first, ...others] };
  if (!workload.ok && isMissing(workload.notRead))
    return failure(await explainMissing(reader, { resource, ref, notRead: workload.notRead }, signal));
  if (!pods.ok) return pods;
  return failure({
    what: `pods of ${resource.kind} ${ref.namespace}/${ref.name}`,
    code: 'not_found',
    reason: `${resource.kind} ${ref.namespace}/${ref.name} has no pods.`,
    nextStep: `kubectl describe ${ref.kind} -n ${ref.namespace} ${ref.name} shows why; it may be scaled to 0.`,
  });
}

/** A Deployment's ReplicaSet is named after it and the pods' template hash (kube-controller-manager, deployment/sync.go). */
function belongsTo(pod: RawObject, resource: Resource, name: string): boolean {
  const meta = metaOf(pod);
  const hash = textOf(asRecord(meta['labels'])['pod-template-hash']);
  const owner =
    resource.kind === 'Deployment' ? { kind: 'ReplicaSet', name: `${name}-${hash}` } : { kind: resource.kind, name };
  return asArray(meta['ownerReferences'])
    .map(asRecord)
    .some((reference) => reference['kind'] === owner.kind && reference['name'] === owner.name);
}

/** Not ready before ready (it is the one that fails), finished and leaving pods last, then the newest. */
function mostTellingFirst(pods: readonly RawObject[]): readonly RawObject[] {
  const age = (pod: RawObject) => textOf(metaOf(pod)['creationTimestamp']);
  return pods.toSorted((a, b) => rank(a) - rank(b) || (age(a) > age(b) ? -1 : 1));
}

function rank(pod: RawObject): number {
  const status = asRecord(pod['status']);
  if (metaOf(pod)['deletionTimestamp'] !== undefined || /^(?:Succeeded|Failed)$/.test(textOf(status['phase'])))
    return 2;
  const ready = asArray(status['conditions'])
    .map(asRecord)
    .find((condition) => condition['type'] === 'Ready');
  return ready?.['status'] === 'True' ? 1 : 0;
}
