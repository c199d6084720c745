/** Which API groups and versions the server has, from one `/apis` request, so that kinds that do not exist cost nothing. */
import type { KubeConnection } from '../../kube/connection.ts';
import { asArray, asRecord, textOf } from '../raw-meta.ts';
import type { Resource } from '../resources.ts';

export interface Discovery {
  /** Versions to ask for, best first; empty when the group does not exist. */
  versionsOf(resource: Resource, signal: AbortSignal): Promise<readonly string[]>;
}

/** A server that runs for days sees new kinds within a minute. */
const FRESH_MS = 60_000;

/** Part of every API server: nothing that reads them has to wait for discovery. */
const ALWAYS_SERVED = new Set(['', 'apps', 'batch', 'networking.k8s.io', 'discovery.k8s.io']);

type Groups = ReadonlyMap<string, readonly string[]>;

export function createDiscovery(kube: KubeConnection): Discovery {
  let known: { readonly at: number; readonly groups: Promise<Groups | undefined> } | undefined;
  const groups = async (signal: AbortSignal): Promise<Groups | undefined> => {
    const now = performance.now();
    if (known && now - known.at < FRESH_MS) {
      try {
        return await known.groups;
      } catch {
        // It was read on behalf of another call, which may have been cancelled.
        signal.throwIfAborted();
        return groups(signal);
      }
    }
    const reading = readGroups(kube, signal);
    const entry = { at: now, groups: reading };
    known = entry;
    reading.catch(() => {
      if (known === entry) known = undefined;
    });
    return reading;
  };
  return {
    versionsOf: async (resource, signal) => {
      if (ALWAYS_SERVED.has(resource.group)) return resource.versions;
      const all = await groups(signal);
      if (!all) return resource.versions;
      const served = all.get(resource.group) ?? [];
      return resource.versions.filter((version) => served.includes(version));
    },
  };
}

/** Undefined where discovery is refused or is no group list: then every kind is simply asked for. */
async function readGroups(kube: KubeConnection, signal: AbortSignal): Promise<Groups | undefined> {
  const read = await kube.get('/apis', {}, signal);
  if (!read.ok) return undefined;
  const { groups } = asRecord(read.value);
  // Something that answers everything with 200 must not read as a cluster without policies.
  if (!Array.isArray(groups)) return undefined;
  return new Map(groups.map(asRecord).map((group) => [textOf(group['name']), versionsIn(group)]));
}

function versionsIn(group: Readonly<Record<string, unknown>>): readonly string[] {
  return asArray(group['versions']).map((version) => textOf(asRecord(version)['version']));
}
