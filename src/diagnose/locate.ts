/** The pod of an answer in the words that identify it, and the container meant; used by every use case about a pod. */
import { DiagnoseError } from '../core/errors.ts';
import type { Subject } from '../core/model/answers.ts';
import type { ClusterState } from '../core/model/cluster-state.ts';
import type { PodRef } from '../core/model/probe.ts';
import type { Container, Pod } from '../core/model/workload.ts';
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

/** kubectl's own annotation first, then the first app container that runs: the one the user means when they name none. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** @throws DiagnoseError usage CONTAINER_NOT_FOUND. */
export function chooseContainer(pod: Pod, wanted: string | undefined): Container | undefined {
  const named = wanted ?? pod.meta.annotations[DEFAULT_CONTAINER];
  const found = pod.containers.find((container) => container.name === named);
  if (wanted !== undefined && found === undefined) {
    throw new DiagnoseError(
      'usage',
      'CONTAINER_NOT_FOUND',
      `Pod ${pod.meta.name} has no container ${JSON.stringify(wanted.slice(0, 80))}.`,
      `Its containers: ${pod.containers.map(({ name }) => name).join(', ')}.`,
    );
  }
  const apps = pod.containers.filter(({ role }) => role === 'app');
  return found ?? apps.find(({ state }) => state === 'running') ?? apps[0];
}
