/** The YAML that control planes of meshes keep in ConfigMaps: read by `mesh.ts`, and cut down by `prune.ts` to what is read. */
import { dump, load } from 'js-yaml';
import { asRecord } from './raw-meta.ts';

/** What is read of each; the rest may hold addresses of other systems, certificates and credentials. */
const READ: Readonly<Record<string, readonly string[]>> = {
  mesh: ['outboundTrafficPolicy', 'rootNamespace', 'defaultServiceExportTo'],
  values: ['clusterNetworks', 'egress'],
};

/** Undefined where it is no YAML. */
export function parseMeshConfig(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return load(text, { maxAliases: 100, maxDepth: 50 });
  } catch {
    return undefined;
  }
}

/** The data of a mesh's ConfigMap with nothing but what is read; undefined for any other ConfigMap. */
export function readPartsOf(name: string, data: Readonly<Record<string, unknown>>): unknown {
  const key = name === 'linkerd-config' ? 'values' : /^istio(-|$)/.test(name) ? 'mesh' : undefined;
  const text = key === undefined ? undefined : data[key];
  if (key === undefined) return undefined;
  if (typeof text !== 'string') return {};
  const parsed = asRecord(parseMeshConfig(text));
  const kept = (READ[key] ?? []).flatMap((field) => (parsed[field] === undefined ? [] : [[field, parsed[field]]]));
  return { [key]: dump(Object.fromEntries(kept)) };
}
