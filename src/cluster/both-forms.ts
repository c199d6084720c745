/** Calico's objects in the form people write and in the stored form, read side by side and taken once; used by `read-state.ts` and `related.ts`. */
import type { NotRead } from '../core/model/cluster-state.ts';
import type { ObjectMeta } from '../core/model/object-meta.ts';
import type { Decoded } from './decode/shapes.ts';

type Named = { readonly meta: ObjectMeta; readonly tier?: string };

/** Whichever could be read; of an object in both, the first. A gap in one form is none where the other was read whole. */
export function oneOfForms<T extends Named>(written: Decoded<T>, stored: Decoded<T>): Decoded<T> {
  const values = [...written.values, ...added(written.values, stored.values)].filter((one) => !isShadow(one));
  if (isWhole(written) && isWhole(stored)) return { values, notRead: [...written.notRead, ...stored.notRead] };
  if (isWhole(written)) return { values, notRead: written.notRead };
  if (isWhole(stored)) return { values, notRead: stored.notRead };
  return { values, notRead: telling(written.notRead) ? written.notRead : stored.notRead };
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
function telling(notRead: readonly NotRead[]): boolean {
  return notRead.some(({ code }) => code !== 'kind_absent' && code !== 'not_in_archive');
}
