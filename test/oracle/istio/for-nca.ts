/**
 * Rewrites a mesh into one that means to network-config-analyzer what the original means to Istio, seen from one namespace; used by
 * `main.ts`. To the analyzer every ServiceEntry is exported everywhere and belongs to no namespace, so its namespace becomes a part of its
 * host names, in ServiceEntries and Sidecars alike, and entries that are not exported to the namespace are left out (istio.io,
 * ServiceEntry.exportTo, IstioEgressListener.hosts). A host with a wildcard is stood in for by one name below it, since a Sidecar's shorter
 * wildcard covers it too.
 */
import type { Raw } from '../kinds/world.ts';
import { ROOT } from './generate.ts';

interface Mesh {
  readonly objects: readonly Raw[];
  /** Host as a ServiceEntry gives it → the names that stand for it, one a namespace. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
}

export function meshForNca(objects: readonly Raw[], namespace: string): Mesh {
  const entries = objects.filter((one) => one['kind'] === 'ServiceEntry' && exportedTo(one, namespace));
  const hosts = Map.groupBy(
    entries.flatMap((one) => hostsOf(one).map((host) => [host, named(host, namespaceOf(one))] as const)),
    ([host]) => host,
  );
  const rest = objects.filter((one) => one['kind'] !== 'ServiceEntry');
  return {
    objects: [...entries.map(entry), ...rest.map((one) => (one['kind'] === 'Sidecar' ? sidecar(one, namespace) : one))],
    hosts: new Map([...hosts].map(([host, pairs]) => [host, pairs.map(([, name]) => name)])),
  };
}

function specOf(one: Raw): Raw {
  return one['spec'] as Raw;
}

function namespaceOf(one: Raw): string {
  return String((one['metadata'] as Raw)['namespace']);
}

function hostsOf(one: Raw): readonly string[] {
  return specOf(one)['hosts'] as readonly string[];
}

function exportedTo(one: Raw, namespace: string): boolean {
  const to = specOf(one)['exportTo'] as readonly string[] | undefined;
  if (!to) return true;
  return to.some((where) => where === '*' || where === namespace || (where === '.' && namespaceOf(one) === namespace));
}

/** Below an invented domain of the namespace. */
function named(host: string, namespace: string): string {
  return `${host.replace(/^\*/, 'stand-in')}.${namespace}.test`;
}

function entry(one: Raw): Raw {
  const { exportTo: _exportTo, ports: _ports, ...spec } = specOf(one);
  return { ...one, spec: { ...spec, hosts: hostsOf(one).map((host) => named(host, namespaceOf(one))) } };
}

function sidecar(one: Raw, viewer: string): Raw {
  const spec = specOf(one);
  const own = namespaceOf(one) === ROOT ? viewer : namespaceOf(one);
  const listeners = (spec['egress'] as readonly Raw[]).map((listener) => ({
    ...listener,
    hosts: hostsOf({ spec: listener }).flatMap((host) => imported(host, own)),
  }));
  return { ...one, spec: { ...spec, egress: listeners } };
}

/** `data/*.vendor.example` → `*` + `/*.vendor.example.data.test`. */
function imported(host: string, own: string): string[] {
  const [namespace = '', name = ''] = host.split('/');
  if (namespace === '~') return [host];
  const namespaces = namespace === '*' ? ['shop', 'data', ROOT] : [namespace === '.' ? own : namespace];
  return namespaces.map((one) => `*/${name}.${one}.test`);
}
