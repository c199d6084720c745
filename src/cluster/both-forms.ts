/** Calico's objects in the form people write and in the stored form, read side by side and taken once; used by `read-state.ts` and `related.ts`. */
import type { ObjectMeta } from '../core/model/object-meta.ts';
import type { Decoded } from './decode/shapes.ts';

type Named = { readonly meta: ObjectMeta; readonly tier?: string };

/**
 * Whichever could be read; of an object in both, the first. A gap in one form is none where the other was read whole.
 * @param tiered policies, of which Calico's API server lists those of the tiers that the reader has rights to, and says nothing of the
 * others (apiserver/pkg/registry/projectcalico/util/rbac.go EnsureTierSelector): only the stored form is whole then
 */
export function oneOfForms<T extends Named>(written: Decoded<T>, stored: Decoded<T>, tiered: boolean): Decoded<T> {
  const values = [...written.values, ...added(written.values, stored.values)].filter((one) => !isShadow(one));
  if (isWhole(stored)) return { values, notRead: [...(isWhole(written) ? written.notRead : []), ...stored.notRead] };
  if (isWhole(written) && !(tiered && isRefused(stored))) return { values, notRead: written.notRead };
  return { values, notRead: isRefused(stored) ? stored.notRead : written.notRead };
}

function added<T extends Named>(known: readonly T[], more: readonly T[]): T[] {
  const keys = new Set(known.map(keyOf));
  return more.filter((one) => !keys.has(keyOf(one)));
}

/** Up to 3.31 the names of policies began with their tier, in one form or in both (projectcalico/calico#11232). */
function keyOf({ meta, tier }: Named): string {
  const { name, namespace } = meta;
  const short = tier !== undefined && name.startsWith(`${tier}.`) ? name.slice(tier.length + 1) : name;
  return `${namespace ?? ''}/${short}`;
}

/** Up to 3.31 Calico's API lists the standard kinds among its own, under these names (libcalico-go/lib/names/policy.go). */
function isShadow({ meta, tier }: Named): boolean {
  return tier !== undefined && /^(?:knp\.default\.|kcnp\.|kanp\.|kbanp\.)/.test(meta.name);
}

/** Objects that do not fit are told beside the others, and hide none. */
function isWhole({ notRead }: Decoded<unknown>): boolean {
  return notRead.every(({ code }) => code === 'invalid');
}

/** More than that the group is not there. */
function isRefused({ notRead }: Decoded<unknown>): boolean {
  return notRead.some(({ code }) => code !== 'kind_absent' && code !== 'not_in_archive');
}
