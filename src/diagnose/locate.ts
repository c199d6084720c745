/** The pod of an answer in the words that identify it, and the check of the container named; used by every use case about a pod. */
import { DiagnoseError } from '../core/errors.ts';
import type { ClusterState } from '../core/model/cluster-state.ts';
import type { Subject } from '../core/model/diagnosis.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { Pod } from '../core/model/workload.ts';
import type { Deps } from './deps.ts';

export function podRef(pod: Pod): PodRef {
  return { namespace: pod.meta.namespace ?? 'default', name: pod.meta.name };
}

function describeEngine(state: ClusterState): string {
  return state.engine.version === undefined ? state.engine.cni : `${state.engine.cni} ${state.engine.version}`;
}

export function subjectOf(deps: Deps, pod: Pod, more: { state?: ClusterState; container?: string } = {}): Subject {
  return {
    context: deps.cluster.identify().context,
    ...podAsNamespaceAndName(pod),
    ...(pod.meta.uid === undefined ? {} : { uid: pod.meta.uid }),
    ...(pod.nodeName === undefined ? {} : { node: pod.nodeName }),
    ...(more.container === undefined ? {} : { container: more.container }),
    ...(more.state === undefined ? {} : { engine: describeEngine(more.state) }),
  };
}

function podAsNamespaceAndName(pod: Pod): { namespace: string; pod: string } {
  const { namespace, name } = podRef(pod);
  return { namespace, pod: name };
}

/** @throws DiagnoseError usage CONTAINER_NOT_FOUND, where the user named a container the pod does not have. */
export function requireContainer(pod: Pod, wanted: string | undefined): void {
  if (wanted === undefined || pod.containers.some(({ name }) => name === wanted)) return;
  throw new DiagnoseError(
    'usage',
    'CONTAINER_NOT_FOUND',
    `Pod ${pod.meta.name} has no container ${JSON.stringify(wanted.slice(0, 80))}.`,
    `Its containers: ${pod.containers.map(({ name }) => name).join(', ')}.`,
  );
}
