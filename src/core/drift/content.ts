/** What a difference is about in the words of people: names, addresses and ports instead of paths; for `consequence.ts`. */
import type { FieldDifference } from '../model/drift.ts';
import { isList, isRecord, type Json, type JsonRecord } from './json.ts';
import { plain } from './plain.ts';

const MOST = 4;

/** `` `files.vendor.example`:443 ``; the path where the values name nothing. `whole` is the side that the path belongs to. */
export function contentText({ path }: FieldDifference, value: unknown, whole: JsonRecord | undefined): string {
  const named = [...new Set(namesIn(value as Json))];
  const ports = portsIn(value as Json).length > 0 ? portsIn(value as Json) : portsIn(ruleAt(whole, path));
  if (named.length === 0) return portList(value as Json) ?? plain(path);
  const port = ports.length === 1 ? `:${plain(ports[0])}` : '';
  const more = named.length > MOST ? ` and ${named.length - MOST} more` : '';
  return `${named
    .slice(0, MOST)
    .map((name) => `\`${plain(name)}\`${port}`)
    .join(', ')}${more}`;
}

/** A list of ports alone, as `toPorts[].ports` has it. */
function portList(value: Json | undefined): string | undefined {
  if (!isList(value) || value.length === 0) return undefined;
  const ports = value.map((one) => (isRecord(one) && one.port !== undefined ? portText(one) : undefined));
  return ports.includes(undefined) ? undefined : `port ${ports.slice(0, MOST).join(', ')}`;
}

const portText = ({ port, protocol }: JsonRecord): string =>
  plain(`${textOf(port)}${typeof protocol === 'string' ? `/${protocol}` : ''}`);

const NAMING = ['matchName', 'matchPattern', 'cidr'];
const LISTING = ['toEntities', 'toCIDR'];

/** Names, patterns, addresses and entities that rules are about. */
export function namesIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value.flatMap(namesIn);
  if (!isRecord(value)) return [];
  const own = NAMING.flatMap((key) => (typeof value[key] === 'string' ? [value[key]] : []));
  const listed = LISTING.flatMap((key) => (isList(value[key]) ? namesIn(value[key]) : []));
  // Names in rules.dns let a name be looked up and open nothing.
  const inside = ['toFQDNs', 'toCIDRSet', 'to', 'ipBlock'].flatMap((key) =>
    value[key] === undefined ? [] : namesIn(value[key]),
  );
  return [...own, ...listed, ...inside];
}

function portsIn(value: Json | undefined): string[] {
  if (isList(value)) return [...new Set(value.flatMap(portsIn))];
  if (!isRecord(value)) return [];
  if (isList(value.ports))
    return value.ports.flatMap((one) => (isRecord(one) && one.port !== undefined ? [textOf(one.port)] : []));
  return portsIn(value.toPorts);
}

const textOf = (value: Json | undefined): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The egress rule that a path leads into: its ports are those of its names. */
function ruleAt(whole: JsonRecord | undefined, path: string): Json | undefined {
  const match = /^(.*?\begress(?:Deny)?\[\d+\])\./.exec(path);
  if (match === null || !path.includes('.to')) return undefined;
  let at: Json | undefined = whole;
  for (const step of (match[1] ?? '').replaceAll(']', '').split(/[.[]/))
    at = isList(at) ? at[Number(step)] : isRecord(at) ? at[step] : undefined;
  return at;
}
