/**
 * Policies of other namespaces. They never govern the pod: they show that one was put into the wrong namespace. So a bound or a refusal
 * is no gap; for `read-state.ts`.
 */
import type { Policy } from '../core/model/policy.ts';
import type { Gatherer } from './gather.ts';
import { inNameOrder } from './gather.ts';
import { COMMON_POLICIES } from './policy-kinds.ts';

/** One page of the API server; a larger cluster is not worth more for a hint. */
const MOST = 500;

export async function readElsewhere(gather: Gatherer, namespace: string): Promise<readonly Policy[]> {
  const namespaced = COMMON_POLICIES.filter(({ resource }) => resource.namespaced);
  const reads = await Promise.all(
    namespaced.map(({ resource, schema }) => gather.inScope(resource, schema, { limit: MOST })),
  );
  const others = ({ meta }: Policy) => (meta.namespace ?? 'default') !== namespace;
  return reads.flatMap(({ values }) => inNameOrder(values.filter(others)).slice(0, MOST));
}
