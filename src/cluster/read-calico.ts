/** What Calico's policies refer to: tiers, sets, host endpoints and the labels of service accounts; a part of `related.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { CalicoFacts } from '../core/model/policies/calico.ts';
import { oneOfForms } from './both-forms.ts';
import { hostEndpointSchema, serviceAccountSchema, setSchema, tierSchema } from './decode/calico.ts';
import type { Decoded, Schema } from './decode/shapes.ts';
import { type Gatherer, inNameOrder } from './gather.ts';
import * as kinds from './resources.ts';

const networkSetSchema = setSchema('NetworkSet');
const globalSetSchema = setSchema('GlobalNetworkSet');

/** Undefined where Calico's API is not served, or the archive has nothing of it. */
export async function readCalico(
  gather: Gatherer,
  namespace: string,
): Promise<{ readonly facts: CalicoFacts; readonly notRead: readonly NotRead[] } | undefined> {
  const both = async <T extends { readonly meta: CalicoFacts['sets'][number]['meta'] }>(
    resource: kinds.Resource,
    schema: Schema<T>,
  ): Promise<Decoded<T>> => {
    const form = (one: kinds.Resource) =>
      one.namespaced ? gather.everywhere(one, schema, [namespace]) : gather.inScope(one, schema, {});
    return oneOfForms(await form(resource), await form(kinds.storedForm(resource)), false);
  };
  const [tiers, sets, globalSets, hostEndpoints] = await Promise.all([
    both(kinds.CALICO_TIERS, tierSchema),
    both(kinds.CALICO_SETS, networkSetSchema),
    both(kinds.CALICO_GLOBAL_SETS, globalSetSchema),
    both(kinds.CALICO_HOST_ENDPOINTS, hostEndpointSchema),
  ]);
  const parts = [tiers, sets, globalSets, hostEndpoints];
  if (parts.every(isAbsent)) return undefined;
  const accounts = await gather.everywhere(kinds.SERVICE_ACCOUNTS, serviceAccountSchema, [namespace]);
  const notRead = [...parts, accounts].flatMap((part) => part.notRead).filter(({ code }) => code !== 'kind_absent');
  return {
    facts: {
      tiers: inNameOrder(tiers.values),
      sets: [sets, globalSets, hostEndpoints].flatMap(({ values }) => inNameOrder(values)),
      serviceAccounts: inNameOrder(accounts.values.map((meta) => ({ meta }))).map(({ meta }) => meta),
    },
    notRead,
  };
}

function isAbsent({ values, notRead }: Decoded<unknown>): boolean {
  return values.length === 0 && notRead.some(({ code }) => code === 'kind_absent' || code === 'not_in_archive');
}
