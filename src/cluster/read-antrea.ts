/** What Antrea's policies refer to: tiers and groups; a part of `related.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { AntreaFacts } from '../core/model/policies/antrea.ts';
import { antreaGroupSchema, antreaTierSchema } from './decode/antrea.ts';
import { type Gatherer, inNameOrder } from './gather.ts';
import * as kinds from './resources.ts';

/** No facts where Antrea's API is not served, or the archive has nothing of it. */
export async function readAntrea(
  gather: Gatherer,
  namespace: string,
): Promise<{ readonly facts: AntreaFacts | undefined; readonly notRead: readonly NotRead[] }> {
  const [tiers, groups, clusterGroups] = await Promise.all([
    gather.inScope(kinds.ANTREA_TIERS, antreaTierSchema, {}),
    gather.inScope(kinds.ANTREA_GROUPS, antreaGroupSchema, { namespace }),
    gather.inScope(kinds.ANTREA_CLUSTER_GROUPS, antreaGroupSchema, {}),
  ]);
  const facts = {
    tiers: inNameOrder(tiers.values),
    groups: [...inNameOrder(groups.values), ...inNameOrder(clusterGroups.values)],
  };
  return {
    facts: facts.tiers.length + facts.groups.length > 0 ? facts : undefined,
    notRead: [tiers, groups, clusterGroups]
      .flatMap((part) => part.notRead)
      .filter(({ code }) => code !== 'kind_absent'),
  };
}
