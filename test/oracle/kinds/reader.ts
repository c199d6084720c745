/** API objects in memory as a cluster source: what a list does not hold is not there. For readState, as a live cluster or an archive is. */
import type { ObjectReader, RawObject } from '../../../src/cluster/object-reader.ts';
import { nameOf, namespaceOf } from '../../../src/cluster/raw-meta.ts';
import { inWords, type Resource } from '../../../src/cluster/resources.ts';

export function memoryReader(objects: readonly RawObject[]): ObjectReader {
  const byKind = Map.groupBy(objects, (object) => `${groupOf(object)}/${String(object['kind'])}`);
  const ofKind = (resource: Resource) => byKind.get(`${resource.group}/${resource.kind}`) ?? [];
  return {
    identify: () => ({ context: 'oracle', server: 'memory' }),
    problems: () => [],
    get: async (resource, at) => {
      const found = ofKind(resource).find(
        (one) => nameOf(one) === at.name && (!resource.namespaced || namespaceOf(one) === at.namespace),
      );
      if (found) return { ok: true, value: found };
      const what = inWords(resource, at);
      return { ok: false, notRead: { what, code: 'not_found', reason: `there is no ${what}` } };
    },
    list: async (resource, { namespace }) => {
      const all = ofKind(resource);
      const inside = namespace === undefined || !resource.namespaced;
      return { ok: true, value: { items: inside ? all : all.filter((one) => namespaceOf(one) === namespace) } };
    },
  };
}

function groupOf(object: RawObject): string {
  const version = String(object['apiVersion']);
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
}
