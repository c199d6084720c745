/** Finds Calico's Whisker and what it calls a pod; the first step of `whisker-source.ts`. */
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { PodRef } from '../../core/model/probe.ts';
import type { KubeConnection } from '../../kube/connection.ts';
import { listOf, objectOf, type RawObject, textOf } from '../raw-flow.ts';

/** As Calico's operator labels it (tigera/operator, pkg/render/whisker). */
const LABEL = 'k8s-app=whisker';
const USUAL_NAMESPACE = 'calico-system';
const MAX_ITEMS = 50;
const WHAT = 'Whisker';

/** `not_found` where the cluster has none, or nobody may look: then there is nothing to say of it. */
export async function findWhisker(kube: KubeConnection, signal: AbortSignal): Promise<Read<PodRef>> {
  const listed = await listPods(kube, signal);
  if (!listed.ok) return { ok: false, notRead: { ...listed.notRead, what: WHAT, code: 'not_found' } };
  const pods = listOf(objectOf(listed.value).items, MAX_ITEMS).map(objectOf);
  const ready = pods.flatMap(readyPod)[0];
  if (ready) return { ok: true, value: ready };
  return { ok: false, notRead: pods.length === 0 ? NONE : notReady(pods.length) };
}

/** In any namespace; where that may not be listed, in the usual one. */
async function listPods(kube: KubeConnection, signal: AbortSignal): Promise<Read<unknown>> {
  const query = { labelSelector: LABEL };
  const everywhere = await kube.get('/api/v1/pods', query, signal);
  if (everywhere.ok || everywhere.notRead.code !== 'forbidden') return everywhere;
  return kube.get(`/api/v1/namespaces/${USUAL_NAMESPACE}/pods`, query, signal);
}

const NONE: NotRead = { what: WHAT, code: 'not_found', reason: `no pod has the label ${LABEL}` };

function notReady(count: number): NotRead {
  const nextStep = `kubectl get pods -A -l ${LABEL} and their logs tell why.`;
  return { what: WHAT, code: 'unsupported', reason: `none of its ${count} pod(s) is ready`, nextStep };
}

function readyPod({ metadata, status }: RawObject): readonly PodRef[] {
  const meta = objectOf(metadata);
  const [namespace, name] = [textOf(meta.namespace), textOf(meta.name)];
  const conditions = listOf(objectOf(status).conditions, MAX_ITEMS).map(objectOf);
  const ready = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return ready && meta.deletionTimestamp === undefined && namespace && name ? [{ namespace, name }] : [];
}

/**
 * What Felix calls the pod in a flow: of a name that was generated, only what it was generated from (felix/collector/types/endpoint,
 * GetMetadata; libcalico-go, k8s/conversion: it is the pod's own metadata.generateName, which pods of a StatefulSet have too).
 */
export async function nameInFlows(kube: KubeConnection, pod: PodRef, signal: AbortSignal): Promise<Read<string>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}`;
  const read = await kube.get(path, {}, signal);
  if (!read.ok) return read;
  const generated = textOf(objectOf(objectOf(read.value).metadata).generateName);
  return { ok: true, value: generated === undefined ? pod.name : `${generated}*` };
}
