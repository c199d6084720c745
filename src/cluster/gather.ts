/** Reads and decodes one kind at a time for `read-state.ts`; every refusal and misfit stays beside the values it is missing from. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ObjectMeta } from '../core/model/object-meta.ts';
import { type Decoded, decodeAll, type Schema } from './decode/shapes.ts';
import type { Listing, ListScope, ObjectReader, RawObject } from './object-reader.ts';
import { nameOf, namespaceOf } from './raw-meta.ts';
import { inWords, type Resource } from './resources.ts';

export interface Gatherer {
  /** Objects of one namespace, or cluster-scoped ones when no namespace is given. */
  inScope<T>(resource: Resource, schema: Schema<T>, scope: ListScope): Promise<Decoded<T>>;
  /** All namespaces; those of `fallback` where only namespaced lists are allowed, and beside a list that was cut short. */
  everywhere<T>(resource: Resource, schema: Schema<T>, fallback: readonly string[]): Promise<Decoded<T>>;
  one<T>(
    resource: Resource,
    schema: Schema<T>,
    at: { readonly namespace?: string; readonly name: string },
  ): Promise<Decoded<T>>;
}

export function createGatherer(reader: ObjectReader, signal: AbortSignal): Gatherer {
  const list = (resource: Resource, scope: ListScope) => reader.list(resource, scope, signal);
  return {
    inScope: async (resource, schema, scope) => decodeRead(resource, await list(resource, scope), schema),
    everywhere: async (resource, schema, fallback) => {
      const all = await list(resource, {});
      const cut = all.ok && all.value.missing?.code === 'refused';
      if (!cut && (all.ok || all.notRead.code !== 'forbidden')) return decodeRead(resource, all, schema);
      const reads = await Promise.all(fallback.map((namespace) => list(resource, { namespace })));
      if (all.ok) return decodeRead(resource, { ok: true, value: completed(all.value, reads) }, schema);
      return decodeRead(resource, join(resource, all.notRead, fallback, reads), schema);
    },
    one: async (resource, schema, at) => {
      const read = await reader.get(resource, at, signal);
      return read.ok ? decodeAll(resource, [read.value], schema) : { values: [], notRead: [read.notRead] };
    },
  };
}

function decodeRead<T>(resource: Resource, read: Read<Listing>, schema: Schema<T>): Decoded<T> {
  if (!read.ok) return { values: [], notRead: [read.notRead] };
  const decoded = decodeAll(resource, read.value.items, schema);
  return read.value.missing ? { ...decoded, notRead: [read.value.missing, ...decoded.notRead] } : decoded;
}

/** A list that was cut short in the middle of a large cluster, with the namespaces that matter most made whole. */
function completed(cut: Listing, reads: readonly Read<Listing>[]): Listing {
  const items = [...cut.items, ...reads.flatMap((read) => (read.ok ? read.value.items : []))];
  const byName = new Map(items.map((item) => [`${namespaceOf(item) ?? ''}/${nameOf(item)}`, item]));
  return { ...cut, items: [...byName.values()] };
}

/** What the namespaced lists gave, with the rest of the cluster stated as not read. */
// oxlint-disable-next-line max-params -- the refusal and the reads that stood in for it
function join(
  resource: Resource,
  refusal: NotRead,
  namespaces: readonly string[],
  reads: readonly Read<Listing>[],
): Read<Listing> {
  const items: RawObject[] = reads.flatMap((read) => (read.ok ? read.value.items : []));
  const read = namespaces.filter((_, index) => reads[index]?.ok);
  if (read.length === 0) return { ok: false, notRead: { ...refusal, what: inWords(resource, {}) } };
  const plural = read.length === 1 ? '' : 's';
  return {
    ok: true,
    value: { items, missing: { ...refusal, what: `${resource.label} outside namespace${plural} ${read.join(', ')}` } },
  };
}

/** Both sources give the same order, whatever theirs is. */
export function inNameOrder<T extends { readonly meta: ObjectMeta }>(values: readonly T[]): readonly T[] {
  const key = ({ meta }: T) => `${meta.namespace ?? ''}/${meta.name}`;
  return values.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
