/** The YAML that control planes of meshes keep in ConfigMaps: read by `mesh.ts`, and cut down by `prune.ts` to what is read. */
import { dump, load } from 'js-yaml';
import { asRecord } from './raw-meta.ts';

/** What is read of each; the rest may hold addresses of other systems, certificates and credentials. */
const READ: Readonly<Record<string, readonly string[]>> = {
  mesh: ['outboundTrafficPolicy', 'rootNamespace', 'defaultServiceExportTo'],
  values: ['clusterNetworks', 'egress.globalEgressNetworkNamespace', 'proxy.opaquePorts'],
};

/** What a broken text becomes, so that a capture of it is as broken. */
const BROKEN = '{';

/** Undefined where it is no YAML; an empty text says nothing, which is a configuration too. */
export function parseMeshConfig(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (text.trim() === '') return {};
  try {
    return load(text, { maxAliases: 100, maxDepth: 50 }) ?? {};
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
  const parsed = parseMeshConfig(text);
  return { [key]: parsed === undefined ? BROKEN : dump(keep(asRecord(parsed), READ[key] ?? [])) };
}

function keep(from: Readonly<Record<string, unknown>>, paths: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const path of paths) {
    const [field = '', inner] = path.split('.');
    const value = inner === undefined ? from[field] : asRecord(from[field])[inner];
    if (value !== undefined) kept[field] = inner === undefined ? value : { [inner]: value };
  }
  return kept;
}
