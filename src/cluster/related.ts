/** Objects that policies of other engines refer to, or that decide beside them; a step of `read-state.ts`. */
import type { ClusterState, NotRead } from '../core/model/cluster-state.ts';
import type { Gatherer } from './gather.ts';

/** Each part is absent where its kinds are not in use. */
export type Related = Partial<Pick<ClusterState, never>>;

export async function readRelated(
  _gather: Gatherer,
  _namespace: string,
): Promise<{ readonly related: Related; readonly notRead: readonly NotRead[] }> {
  return { related: {}, notRead: [] };
}
