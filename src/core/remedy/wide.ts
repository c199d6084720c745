/** What a change adds that is wider than one destination: patterns of names, ranges, whole worlds; asked by `side-effects.ts`. */
import type { PolicyChange } from '../model/evaluation.ts';
import { parseCidr } from '../net/cidr.ts';

const PEERS = ['toFQDNs', 'toCIDR', 'toCIDRSet', 'toEntities', 'to'] as const;
type Peers = (typeof PEERS)[number];
const WORLDS: ReadonlySet<unknown> = new Set(['all', 'world', 'world-ipv4', 'world-ipv6']);

export function wideIn(changes: readonly PolicyChange[]): readonly string[] {
  const found = changes.filter(({ op, path }) => op !== 'remove' && !path.includes('egressDeny')).flatMap(ofChange);
  return [...new Set(found)].map((what) => `${what} is wider than the one destination that was asked for`);
}

function ofChange({ path, value }: PolicyChange): string[] {
  const field = PEERS.find((one) => path.includes(one));
  return field === undefined ? below(value) : members(value).flatMap((one) => wide(field, one));
}

/** Whole rules and policies. */
function below(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(below);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const field = PEERS.find((one) => one === key);
    return field === undefined ? below(member) : members(member).flatMap((one) => wide(field, one));
  });
}

const members = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function wide(field: Peers, value: unknown): string[] {
  if (field === 'toEntities') return WORLDS.has(value) ? [`entity ${String(value)}`] : [];
  const { matchPattern, cidr, ipBlock } = recordOf(value);
  if (field === 'toFQDNs') return typeof matchPattern === 'string' ? [`pattern "${matchPattern}"`] : [];
  const range = field === 'toCIDR' ? value : field === 'to' ? recordOf(ipBlock)['cidr'] : cidr;
  return typeof range === 'string' && isRange(range) ? [`range ${range}`] : [];
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function isRange(text: string): boolean {
  const parsed = parseCidr(text);
  return parsed !== undefined && parsed.prefix < (parsed.family === 4 ? 32 : 128);
}
