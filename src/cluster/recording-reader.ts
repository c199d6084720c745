/** An `ObjectReader` that remembers what it answered, for `capture`: objects pruned of secrets, lists and refusals as an index. */
import type { Read } from '../core/model/cluster-state.ts';
import { INDEX_VERSION, type ListEntry, type ObjectIndex, type RefusalEntry } from './decode/index-file.ts';
import type { Listing, ListScope, ObjectName, ObjectReader, RawObject } from './object-reader.ts';
import { prune } from './prune.ts';
import { nameOf, namespaceOf } from './raw-meta.ts';
import { type Resource, resourceKey } from './resources.ts';

export interface RecordedObjects {
  /** By resource key, in name order. */
  readonly objects: ReadonlyMap<string, readonly RawObject[]>;
  readonly index: ObjectIndex;
}

export interface RecordingReader {
  readonly reader: ObjectReader;
  recorded(): RecordedObjects;
}

export function createRecordingReader(inner: ObjectReader): RecordingReader {
  const memory = createMemory();
  return {
    reader: {
      identify: () => inner.identify(),
      problems: () => inner.problems(),
      get: async (resource, at, signal) => {
        const read = await inner.get(resource, at, signal);
        memory.noteGet(resource, at, read);
        return read;
      },
      list: async (resource, scope, signal) => {
        const read = await inner.list(resource, scope, signal);
        memory.noteList(resource, scope, read);
        return read;
      },
    },
    recorded: () => {
      const { context, server } = inner.identify();
      return { objects: memory.objects(), index: { formatVersion: INDEX_VERSION, context, server, ...memory.index() } };
    },
  };
}

function createMemory() {
  const objects = new Map<string, Map<string, RawObject>>();
  const lists = new Map<string, ListEntry>();
  const refusals = new Map<string, RefusalEntry>();
  const keep = (resource: Resource, object: RawObject) => {
    const ofKind = objects.get(resourceKey(resource)) ?? new Map<string, RawObject>();
    ofKind.set(`${namespaceOf(object) ?? ''}/${nameOf(object)}`, prune(object));
    objects.set(resourceKey(resource), ofKind);
  };
  return {
    noteGet: (resource: Resource, at: ObjectName, read: Read<RawObject>) => {
      if (read.ok) keep(resource, read.value);
      else refusals.set(...entry({ resource: resourceKey(resource), ...at, notRead: read.notRead }));
    },
    noteList: (resource: Resource, scope: ListScope, read: Read<Listing>) => {
      const { namespace } = scope;
      const place = { resource: resourceKey(resource), ...(namespace === undefined ? {} : { namespace }) };
      if (!read.ok) return void refusals.set(...entry({ ...place, notRead: read.notRead }));
      for (const object of read.value.items) keep(resource, object);
      lists.set(...entry({ ...place, ...(read.value.missing ? { missing: read.value.missing } : {}) }));
    },
    objects: () => new Map(inOrder(objects).map(([key, ofKind]) => [key, inOrder(ofKind).map(([, object]) => object)])),
    index: () => ({
      lists: inOrder(lists).map(([, value]) => value),
      refusals: inOrder(refusals).map(([, value]) => value),
    }),
  };
}

function entry<T extends { readonly resource: string; readonly namespace?: string; readonly name?: string }>(
  value: T,
): [string, T] {
  return [JSON.stringify([value.resource, value.namespace ?? '', value.name ?? '']), value];
}

function inOrder<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
