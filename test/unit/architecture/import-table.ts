/** Which room may import which; the table of CONTRIBUTING.md as data. */
import { dirname, join, normalize } from 'node:path/posix';
import { importsOf } from './imports.ts';

interface Rule {
  /** Rooms under src/ whose values and types may be imported. */
  readonly rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[];
  readonly npm?: readonly string[];
  /** Packages of which only types may be imported. */
  readonly npmTypes?: readonly string[];
  readonly node?: boolean;
}

const ADAPTER = { rooms: ['core', 'kube'], types: ['ports'], node: true } as const;

/** A room is the longest key that is a prefix of the file's path. */
export const TABLE: Readonly<Record<string, Rule>> = {
  core: { rooms: ['core'] },
  ports: { rooms: [], types: ['core', 'ports'] },
  kube: { rooms: ['core', 'kube'], types: ['ports'], node: true, npm: ['@kubernetes/client-node'] },
  cluster: { ...ADAPTER, rooms: ['core', 'kube', 'cluster'], npm: ['js-yaml'], npmTypes: ['zod'] },
  'cluster/decode': { rooms: ['core', 'cluster'], types: ['ports'], npm: ['zod'] },
  probes: { ...ADAPTER, rooms: ['core', 'kube', 'probes'] },
  logs: { ...ADAPTER, rooms: ['core', 'kube', 'logs'] },
  flows: { ...ADAPTER, rooms: ['core', 'kube', 'flows'] },
  'flows/relay': { ...ADAPTER, rooms: ['core', 'kube', 'flows'], npm: ['@bufbuild/protobuf'] },
  gitops: { rooms: ['core', 'gitops'], types: ['ports'], node: true, npm: ['isomorphic-git', 'js-yaml'] },
  archive: { rooms: ['core', 'archive'], types: ['ports'], node: true, npm: ['js-yaml', 'zod'] },
  diagnose: { rooms: ['core', 'diagnose'], types: ['ports'] },
  render: { rooms: ['core', 'render'] },
  secrets: { rooms: ['core'], npm: ['@secretlint/core', '@secretlint/secretlint-rule-preset-recommend'] },
  tools: { rooms: ['core', 'diagnose', 'render', 'secrets', 'tools'], types: ['ports'], npm: ['zod'] },
  config: { rooms: ['core', 'config'], node: true },
  server: { rooms: ['core', 'render', 'tools', 'server'], node: true, npm: ['@modelcontextprotocol/sdk'] },
  cli: { rooms: ['core', 'render', 'tools', 'config', 'cli'], node: true },
  'compose.ts': {
    rooms: ['core', 'config', 'kube', 'cluster', 'probes', 'logs', 'flows', 'gitops', 'archive', 'diagnose'],
    types: ['ports'],
    node: true,
  },
  'main.ts': { rooms: ['cli', 'config', 'server', 'compose.ts'], node: true },
};

/** Every import of the file (path relative to src/) that the table does not allow, in words. */
export function violationsOf(path: string, source: string): string[] {
  const room = roomOf(path);
  const rule = room === undefined ? undefined : TABLE[room];
  if (room === undefined || rule === undefined) return [`${path}: is in no room of the table`];
  return importsOf(source)
    .filter(({ specifier, typeOnly }) => !allowed(rule, path, specifier, typeOnly))
    .map(({ specifier, line }) => `${path}:${line}: ${room} must not import ${specifier}`);
}

function allowed(rule: Rule, path: string, specifier: string, typeOnly: boolean): boolean {
  if (specifier.startsWith('node:')) return rule.node === true;
  if (!specifier.startsWith('.')) {
    const names = [...(rule.npm ?? []), ...(typeOnly ? (rule.npmTypes ?? []) : [])];
    return names.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }
  const target = normalize(join(dirname(path), specifier));
  if (target === '../package.json') return path === 'config/version.ts';
  const within = (room: string): boolean => target === room || target.startsWith(`${room}/`);
  return rule.rooms.some(within) || (typeOnly && (rule.types ?? []).some(within));
}

function roomOf(path: string): string | undefined {
  return Object.keys(TABLE)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}
