/** Reads objects from a live API server, page by page; the live half of the `ObjectReader` contract. */
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { KubeConnection } from '../../kube/connection.ts';
import type { Listing, ListScope, ObjectName, ObjectReader, RawObject } from '../object-reader.ts';
import { asArray, asRecord, textOf } from '../raw-meta.ts';
import { inWords, type Resource } from '../resources.ts';
import { createDiscovery, type Discovery } from './discovery.ts';

const PAGE = 500;
/** Some 100 MB of pods; a cluster beyond it gets an answer that says what was left out. */
const MAX_OBJECTS = 10_000;

export function createLiveReader(kube: KubeConnection): ObjectReader {
  const discovery = createDiscovery(kube);
  return {
    identify: () => ({ context: kube.context, server: kube.server }),
    problems: () => [],
    get: (resource, at, signal) =>
      firstServed(discovery, resource, at, signal, async (version) => {
        const read = await kube.get(pathOf(resource, version, at), {}, signal);
        return read.ok ? asObject(read.value, resource, at) : read;
      }),
    list: (resource, scope, signal) =>
      firstServed(discovery, resource, scope, signal, (version) =>
        readPages(kube, { resource, version, scope }, signal),
      ),
  };
}

/** A group may exist in a version that lacks the kind, so the next version is tried on `kind_absent`. */
// oxlint-disable-next-line max-params -- the four of the contract's call plus the discovery it rests on
async function firstServed<T>(
  discovery: Discovery,
  resource: Resource,
  at: ListScope | ObjectName,
  signal: AbortSignal,
  read: (version: string) => Promise<Read<T>>,
): Promise<Read<T>> {
  let absent: NotRead = {
    what: inWords(resource, at),
    code: 'kind_absent',
    reason: `the API server has no ${resource.kind} of ${resource.group || 'v1'}`,
  };
  for (const version of await discovery.versionsOf(resource, signal)) {
    const result = await read(version);
    if (result.ok) return result;
    absent = { ...result.notRead, what: inWords(resource, at) };
    if (absent.code !== 'kind_absent') break;
  }
  return { ok: false, notRead: absent };
}

function pathOf(
  resource: Resource,
  version: string,
  at: { readonly namespace?: string; readonly name?: string },
): string {
  const base = resource.group === '' ? `/api/${version}` : `/apis/${resource.group}/${version}`;
  const inside =
    resource.namespaced && at.namespace !== undefined ? `/namespaces/${encodeURIComponent(at.namespace)}` : '';
  return `${base}${inside}/${resource.name}${at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`}`;
}

function asObject(value: unknown, resource: Resource, at: ObjectName): Read<RawObject> {
  const object = asRecord(value);
  if (object['metadata'] !== undefined) return { ok: true, value: object };
  return {
    ok: false,
    notRead: { what: inWords(resource, at), code: 'invalid', reason: 'the answer is not an object' },
  };
}

interface PageRequest {
  readonly resource: Resource;
  readonly version: string;
  readonly scope: ListScope;
}

async function readPages(kube: KubeConnection, request: PageRequest, signal: AbortSignal): Promise<Read<Listing>> {
  const path = pathOf(request.resource, request.version, request.scope);
  const max = request.scope.limit ?? MAX_OBJECTS;
  const items: RawObject[] = [];
  for (let next = ''; ; ) {
    const query = { limit: String(Math.min(PAGE, max)), ...(next === '' ? {} : { continue: next }) };
    const read = await kube.get(path, query, signal);
    if (!read.ok)
      return items.length === 0
        ? read
        : { ok: true, value: { items, missing: rest(request, items, read.notRead.reason) } };
    const page = asRecord(read.value);
    if (!isList(page)) return { ok: false, notRead: noList(request) };
    items.push(...itemsOf(page, request.resource));
    next = textOf(asRecord(page['metadata'])['continue']);
    if (next === '') return { ok: true, value: { items } };
    if (items.length >= max)
      return { ok: true, value: { items, missing: rest(request, items, `no more than ${max} are read`) } };
  }
}

/** Go writes an empty list as `[]` or `null`. */
function isList(page: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(page['items']) || page['items'] === null;
}

function noList(request: PageRequest): NotRead {
  return {
    what: inWords(request.resource, request.scope),
    code: 'invalid',
    reason: 'the answer is not a list: something between here and the API server may have answered instead of it',
    nextStep: 'Check the server URL of this context.',
  };
}

function rest(request: PageRequest, items: readonly unknown[], reason: string): NotRead {
  return {
    what: `${inWords(request.resource, request.scope)} beyond the first ${items.length}`,
    code: 'refused',
    reason,
  };
}

/** Items of a list carry neither kind nor apiVersion. */
function itemsOf(page: Readonly<Record<string, unknown>>, resource: Resource): readonly RawObject[] {
  const apiVersion = textOf(page['apiVersion']);
  return asArray(page['items']).map((item) => ({ apiVersion, kind: resource.kind, ...asRecord(item) }));
}
