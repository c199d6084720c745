/** What the recognised engine runs by, for whoever asks when it changed: DaemonSet, ConfigMap, the agent beside the subject; a step of `read-state.ts`. */
import type { ClusterState, EngineFacts, EngineObject } from '../core/model/cluster-state.ts';
import type { ObjectMeta } from '../core/model/object-meta.ts';
import type { DaemonSet } from './decode/engine-objects.ts';
import { type EngineSources, isAgentOf } from './engine.ts';

interface Sources extends EngineSources {
  readonly daemonSets: readonly DaemonSet[];
}

/** @param config metadata of the engine's ConfigMap, where there is one */
export function engineObjects(
  { cni }: EngineFacts,
  { pods, daemonSets, nodeName }: Sources,
  config: ObjectMeta | undefined,
): Pick<ClusterState, 'engineObjects'> {
  const sets = daemonSets.filter((one) => isAgentOf(cni, one));
  const agents = pods.filter(
    ({ nodeName: node, meta, containers }) =>
      node !== undefined &&
      node === nodeName &&
      isAgentOf(cni, {
        labels: meta.labels,
        namespace: meta.namespace,
        images: containers.filter(({ role }) => role === 'app').map(({ image }) => image),
      }),
  );
  const all: readonly EngineObject[] = [
    ...(config === undefined ? [] : [{ kind: 'ConfigMap' as const, meta: config }]),
    ...sets.map(({ meta }) => ({ kind: 'DaemonSet' as const, meta })),
    ...agents.map(({ meta }) => ({ kind: 'Pod' as const, meta })),
  ];
  return all.length === 0 ? {} : { engineObjects: all };
}
