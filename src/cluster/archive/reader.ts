/** Answers reads from a directory, the other half of the `ObjectReader` contract: what it does not hold is `not_in_archive`, never "none". */
import { basename, resolve } from 'node:path';
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { ObjectIndex } from '../decode/index-file.ts';
import type { Listing, ListScope, ObjectName, ObjectReader, RawObject } from '../object-reader.ts';
import { nameOf, namespaceOf } from '../raw-meta.ts';
import { inWords, type Resource, resourceKey } from '../resources.ts';
import { type Archive, loadArchive } from './load.ts';
import type { FoundObject } from './parse.ts';

/** @throws DiagnoseError (usage) ARCHIVE_NOT_FOUND, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE. */
export async function openArchiveReader(dir: string): Promise<ObjectReader> {
  const archive = await loadArchive(dir);
  const { index } = archive;
  const identity = index
    ? { context: index.context, server: index.server }
    : { context: 'archive', server: basename(resolve(dir)) };
  return {
    identify: () => identity,
    problems: () => archive.problems,
    get: async (resource, at) => getObject(archive, resource, at),
    list: async (resource, scope) =>
      index ? listCaptured(archive, index, resource, scope) : listPlain(archive, resource, scope),
  };
}

function failure(notRead: NotRead): { readonly ok: false; readonly notRead: NotRead } {
  return { ok: false, notRead };
}

function notHeld(resource: Resource, at: ListScope | ObjectName): NotRead {
  const what = inWords(resource, at);
  return {
    what,
    code: 'not_in_archive',
    reason: `the archive holds no ${what}`,
    nextStep: 'Capture it from the cluster, or add what kubectl get -o yaml writes for it.',
  };
}

function inScope(archive: Archive, resource: Resource, namespace: string | undefined): readonly FoundObject[] {
  const all = archive.objects.get(resourceKey(resource)) ?? [];
  return namespace === undefined || !resource.namespaced
    ? all
    : all.filter(({ object }) => namespaceOf(object) === namespace);
}

function getObject(archive: Archive, resource: Resource, at: ObjectName): Read<RawObject> {
  const found = inScope(archive, resource, at.namespace).find(({ object }) => nameOf(object) === at.name);
  if (found) return { ok: true, value: found.object };
  const key = resourceKey(resource);
  const refusal = archive.index?.refusals.find(
    (entry) => entry.resource === key && entry.namespace === at.namespace && entry.name === at.name,
  );
  if (refusal) return failure(refusal.notRead);
  const list = archive.index && coveringList(archive.index, resource, at);
  // A list that was cut short does not show that an object is not there.
  if (list && list.missing === undefined) {
    const what = inWords(resource, at);
    return failure({ what, code: 'not_found', reason: `there is no ${what}` });
  }
  return failure(notHeld(resource, at));
}

function coveringList(index: ObjectIndex, resource: Resource, at: ListScope | ObjectName) {
  const key = resourceKey(resource);
  const lists = index.lists.filter((list) => list.resource === key);
  // A list of all namespaces may have been cut short where one of this namespace alone was not.
  const own = lists.find(({ namespace }) => namespace === at.namespace);
  return own ?? lists.find(({ namespace }) => namespace === undefined);
}

// oxlint-disable-next-line max-params -- the archive, its index and the two of the contract
function listCaptured(archive: Archive, index: ObjectIndex, resource: Resource, scope: ListScope): Read<Listing> {
  const key = resourceKey(resource);
  const refusal = index.refusals.find(
    (entry) => entry.resource === key && entry.namespace === scope.namespace && entry.name === undefined,
  );
  if (refusal) return failure(refusal.notRead);
  const list = coveringList(index, resource, scope);
  if (!list) return failure(notHeld(resource, scope));
  const items = inScope(archive, resource, scope.namespace).map(({ object }) => object);
  return { ok: true, value: { items, ...(list.missing ? { missing: list.missing } : {}) } };
}

/**
 * Nothing in a directory says what is not in the cluster. Objects of a kind are taken as all there are of their own namespace;
 * only one list that spans namespaces shows that all namespaces were asked for.
 */
function listPlain(archive: Archive, resource: Resource, scope: ListScope): Read<Listing> {
  const found = inScope(archive, resource, scope.namespace);
  const items = found.map(({ object }) => object);
  const spanning = spansNamespaces(inScope(archive, resource, undefined));
  if (items.length === 0 && !spanning) return failure(notHeld(resource, scope));
  if (!resource.namespaced || scope.namespace !== undefined || spanning) return { ok: true, value: { items } };
  return { ok: true, value: { items, missing: otherNamespaces(resource, found) } };
}

function spansNamespaces(found: readonly FoundObject[]): boolean {
  const namespaces = new Map<string, string | undefined>();
  return found.some(({ object, list }) => {
    if (list === undefined) return false;
    const namespace = namespaceOf(object);
    if (!namespaces.has(list)) namespaces.set(list, namespace);
    return namespaces.get(list) !== namespace;
  });
}

function otherNamespaces(resource: Resource, found: readonly FoundObject[]): NotRead {
  const held = [...new Set(found.map(({ object }) => namespaceOf(object) ?? 'default'))].toSorted();
  return {
    what: `${resource.label} outside namespace${held.length === 1 ? '' : 's'} ${held.join(', ')}`,
    code: 'not_in_archive',
    reason: 'the archive does not show whether there are any',
    nextStep: `Add the output of kubectl get ${resource.name} -A -o yaml.`,
  };
}
