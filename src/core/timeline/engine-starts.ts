/** When what enforces policies on the pod's node began to: its agent, and the node itself; for `beside.ts`. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Pod } from '../model/workload.ts';
import { isTime, timeOf } from './failures.ts';
import { type BesideWrite, refOf } from './writes.ts';

/** An agent comes with its node: it is no restart. */
const JOINING = 15 * 60_000;

export function engineStarts(state: ClusterState, pod: Pod): readonly BesideWrite[] {
  const node = state.nodes.find(({ meta }) => meta.name === pod.nodeName);
  const joined = node?.meta.creationTimestamp;
  const agents = (state.engineObjects ?? []).flatMap(({ kind, meta }) =>
    kind === 'Pod'
      ? state.pods.filter((one) => one.meta.name === meta.name && one.meta.namespace === meta.namespace)
      : [],
  );
  return [
    ...(node !== undefined && isTime(joined)
      ? [
          {
            object: refOf('Node', node.meta),
            at: joined,
            created: true,
            isEngine: true as const,
            why: 'the node of the pod',
          },
        ]
      : []),
    ...agents.flatMap((agent) => {
      const at = startOf(agent);
      return at === undefined || timeOf(at) - timeOf(joined) < JOINING
        ? []
        : [
            {
              object: refOf('Pod', agent.meta),
              at,
              created: true,
              isEngine: true as const,
              why: 'the agent of the node',
            },
          ];
    }),
  ];
}

/** The last time that one of its containers ended, or when it was made. */
function startOf({ meta, containers }: Pod): string | undefined {
  const times = [
    meta.creationTimestamp,
    ...containers.filter(({ role }) => role === 'app').map(({ lastEnd }) => lastEnd?.at),
  ];
  return times.filter(isTime).toSorted((a, b) => timeOf(b) - timeOf(a))[0];
}
