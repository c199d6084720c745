/** Finds a pod of Hubble Relay and the port it listens on; the first step of everything in `relay-source.ts`. */
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { PodRef } from '../../core/model/probe.ts';
import type { KubeConnection } from '../../kube/connection.ts';
import { listOf, numberOf, objectOf, type RawObject, textOf } from '../raw-flow.ts';

/** As Cilium's chart labels it (install/kubernetes/cilium/templates/hubble-relay/deployment.yaml). */
const LABEL = 'k8s-app=hubble-relay';
/** Where the chart puts it, and where installations apart from kube-system do. */
const USUAL_NAMESPACES = ['kube-system', 'cilium'];
const DEFAULT_PORT = 4245;
const MAX_ITEMS = 50;
const WHAT = 'Hubble Relay';

export interface Relay {
  readonly pod: PodRef;
  readonly port: number;
}

/** `not_found` where the cluster has none, which is no fault of it. */
export async function findRelay(kube: KubeConnection, signal: AbortSignal): Promise<Read<Relay>> {
  const listed = await listPods(kube, signal);
  if (!listed.ok) return { ok: false, notRead: { ...listed.notRead, what: WHAT } };
  const pods = listOf(objectOf(listed.value).items, MAX_ITEMS).map(objectOf);
  const relay = usualFirst(pods.flatMap(readyRelay))[0];
  if (relay) return { ok: true, value: relay };
  return { ok: false, notRead: pods.length === 0 ? NONE : notReady(pods.length) };
}

/** In any namespace; where that may not be listed, in the usual ones. */
async function listPods(kube: KubeConnection, signal: AbortSignal): Promise<Read<unknown>> {
  const query = { labelSelector: LABEL };
  const everywhere = await kube.get('/api/v1/pods', query, signal);
  if (everywhere.ok || everywhere.notRead.code !== 'forbidden') return everywhere;
  for (const namespace of USUAL_NAMESPACES) {
    const read = await kube.get(`/api/v1/namespaces/${namespace}/pods`, query, signal);
    if (read.ok && listOf(objectOf(read.value).items, 1).length > 0) return read;
  }
  return everywhere;
}

/** Whoever may start pods in some namespace can give one this label, and would be asked in the relay's stead. */
function usualFirst(relays: readonly Relay[]): readonly Relay[] {
  const rank = ({ pod }: Relay): number => {
    const at = USUAL_NAMESPACES.indexOf(pod.namespace);
    return at < 0 ? USUAL_NAMESPACES.length : at;
  };
  return relays.toSorted((a, b) => rank(a) - rank(b));
}

const NONE: NotRead = { what: WHAT, code: 'not_found', reason: `no pod has the label ${LABEL}` };

function notReady(count: number): NotRead {
  return {
    what: WHAT,
    code: 'unsupported',
    reason: `none of its ${count} pod(s) is ready`,
    nextStep: `kubectl get pods -A -l ${LABEL} and their logs tell why.`,
  };
}

function readyRelay({ metadata, spec, status }: RawObject): readonly Relay[] {
  const meta = objectOf(metadata);
  const [namespace, name] = [textOf(meta.namespace), textOf(meta.name)];
  const conditions = listOf(objectOf(status).conditions, MAX_ITEMS).map(objectOf);
  const ready = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  if (!ready || meta.deletionTimestamp !== undefined || !namespace || !name) return [];
  return [{ pod: { namespace, name }, port: grpcPort(spec) }];
}

function grpcPort(spec: unknown): number {
  const containers = listOf(objectOf(spec).containers, MAX_ITEMS).map(objectOf);
  const ports = containers.flatMap(({ ports: declared }) => listOf(declared, MAX_ITEMS)).map(objectOf);
  return numberOf(ports.find(({ name }) => name === 'grpc')?.containerPort) ?? DEFAULT_PORT;
}
