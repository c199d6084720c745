/** Objects that policies of other engines refer to, or that decide beside them; a step of `read-state.ts`. */
import type { ClusterState, NotRead } from '../core/model/cluster-state.ts';
import { nodeClassSchema } from './decode/aws.ts';
import type { Gatherer } from './gather.ts';
import { inNameOrder } from './gather.ts';
import { readAntrea } from './read-antrea.ts';
import { readCalico } from './read-calico.ts';
import { NODE_CLASSES } from './resources.ts';

/** Each part is absent where its kinds are not in use. */
export type Related = Partial<Pick<ClusterState, 'calico' | 'antrea' | 'nodeClasses'>>;

export async function readRelated(
  gather: Gatherer,
  namespace: string,
): Promise<{ readonly related: Related; readonly notRead: readonly NotRead[] }> {
  const [calico, antrea, nodeClasses] = await Promise.all([
    readCalico(gather, namespace),
    readAntrea(gather, namespace),
    gather.inScope(NODE_CLASSES, nodeClassSchema, {}),
  ]);
  return {
    related: {
      ...(calico && { calico: calico.facts }),
      ...(antrea.facts && { antrea: antrea.facts }),
      ...(nodeClasses.values.length > 0 && { nodeClasses: inNameOrder(nodeClasses.values) }),
    },
    notRead: [
      ...(calico?.notRead ?? []),
      ...antrea.notRead,
      ...nodeClasses.notRead.filter(({ code }) => code !== 'kind_absent'),
    ],
  };
}
