/** Whisker's JSON as model flows; used by `whisker-source.ts`. Names stand in our own sentences, so only names are let in. */
import type { GroupedFlow, PolicyHit } from '../../core/model/flow.ts';
import { listOf, numberOf, objectOf, type RawObject, textOf } from '../raw-flow.ts';

const MAX_ITEMS = 10_000;
const MAX_HITS = 100;

export interface Decoded {
  readonly flows: readonly GroupedFlow[];
  /** Entries that are no flow as Whisker writes them. */
  readonly skipped: number;
}

/** Undefined where it is no list of flows at all. An empty one comes as null (a nil slice of Go). */
export function decodeList(body: string): Decoded | undefined {
  const items = itemsOf(body);
  if (items === undefined) return undefined;
  const read = items.slice(0, MAX_ITEMS).map((item) => decodeFlow(objectOf(item)));
  const flows = read.filter((flow) => typeof flow === 'object');
  const skipped = read.filter((flow) => flow === 'invalid').length + Math.max(0, items.length - MAX_ITEMS);
  return { flows: folded(flows), skipped };
}

function itemsOf(body: string): readonly unknown[] | undefined {
  try {
    const { items } = objectOf(JSON.parse(body));
    if (items === null) return [];
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

/** A connection that is merely alive is told again each time, without packets. */
function decodeFlow(raw: RawObject): GroupedFlow | 'invalid' | 'without packets' {
  const ends = endsOf(raw);
  const [from, to] = [timeOf(raw.start_time), timeOf(raw.end_time)];
  const action = ACTIONS[textOf(raw.action) ?? ''];
  const reporter = REPORTERS[textOf(raw.reporter) ?? ''];
  const packets = (numberOf(raw.packets_in) ?? 0) + (numberOf(raw.packets_out) ?? 0);
  if (!ends || !from || !to || (action !== 'allowed' && action !== 'denied') || !reporter) return 'invalid';
  if (packets === 0) return 'without packets';
  const { enforced, pending } = objectOf(raw.policies);
  return { from, to, action, reporter, ...ends, packets, enforced: hitsOf(enforced), staged: hitsOf(pending) };
}

const ACTIONS: Readonly<Record<string, PolicyHit['action']>> = { Allow: 'allowed', Deny: 'denied', Pass: 'passed' };
const REPORTERS: Readonly<Record<string, GroupedFlow['reporter']>> = { Src: 'source', Dst: 'destination' };

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** In UTC, whatever zone the backend is in. */
function timeOf(value: unknown): string | undefined {
  const text = textOf(value);
  const time = text !== undefined && RFC_3339.test(text) ? new Date(text) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z');
}

/** Names of Kubernetes objects, of nodes, and of pods by what their names begin with. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9.-])?\*?$/;
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PROTOCOL = /^[a-z0-9]{1,10}$/;
const NETWORKS: Readonly<Record<string, 'public' | 'private'>> = {
  'PUBLIC NETWORK': 'public',
  'PRIVATE NETWORK': 'private',
};
/** Words of whisker-backend/pkg/handlers/v1/protoconvert.go, which a pod called `pub` gets as well. */
const NETWORK_NAMES = { public: 'pub', private: 'pvt' } as const;

function endsOf(raw: RawObject): Pick<GroupedFlow, 'source' | 'destination'> | undefined {
  const namespace = namespaceOf(raw.source_namespace);
  const name = named(NAME, raw.source_name);
  const place = placeOf(raw);
  const port = numberOf(raw.dest_port);
  const protocol = named(PROTOCOL, raw.protocol)?.toUpperCase();
  if (!namespace || !name || !place || port === undefined || port > 65_535 || !protocol) return undefined;
  return { source: { namespace, name }, destination: { ...place, port, protocol } };
}

function placeOf(raw: RawObject): Pick<GroupedFlow['destination'], 'kind' | 'name' | 'namespace'> | undefined {
  const namespace = namespaceOf(raw.dest_namespace);
  const network = NETWORKS[textOf(raw.dest_name) ?? ''];
  if (namespace === undefined) return undefined;
  if (network && namespace === '') return { kind: network };
  const name = network ? NETWORK_NAMES[network] : named(NAME, raw.dest_name);
  return name === undefined ? undefined : { kind: 'named', name, ...(namespace !== '' && { namespace }) };
}

/** `-` and nothing are what has no namespace. */
function namespaceOf(value: unknown): string | undefined {
  return value === '-' || value === '' || value === undefined ? '' : named(NAMESPACE, value);
}

function named(grammar: RegExp, value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && grammar.test(text) ? text : undefined;
}

const KIND = /^[A-Za-z]{1,63}$/;
/** Names of Felix's own (`__NO_MATCH__`, `kns.shop`) are among them. */
const POLICY_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$/;

/**
 * They come in any order: Felix hands them over as a set (felix/collector/goldmane/client.go, toPolicyHits). A trace of which a part is
 * not understood is none: the last one would be another.
 */
function hitsOf(value: unknown): readonly PolicyHit[] {
  const hits = listOf(value, MAX_HITS).map((item) => ({ hit: hitOf(objectOf(item)), at: indexOf(item) }));
  const ordered = hits.toSorted((a, b) => a.at - b.at).map(({ hit }) => hit);
  return ordered.every((hit) => hit !== undefined) ? ordered : [];
}

const indexOf = (item: unknown): number => numberOf(objectOf(item).policy_index) ?? 0;

function hitOf(raw: RawObject): PolicyHit | undefined {
  const action = ACTIONS[textOf(raw.action) ?? ''];
  const policy = refOf(raw);
  const trigger = raw.trigger == null ? undefined : refOf(objectOf(raw.trigger));
  if (!action || !policy || (raw.trigger != null && !trigger)) return undefined;
  return { ...policy, action, ...(trigger && { trigger }) };
}

/** The end of a tier has no name, and profiles have no tier. */
function refOf(raw: RawObject): Omit<PolicyHit, 'action' | 'trigger'> | undefined {
  const [kind, namespace] = [named(KIND, raw.kind), namespaceOf(raw.namespace)];
  const [name, tier] = [raw.name, raw.tier].map((part) => (part === '' ? '' : named(POLICY_NAME, part)));
  if (!kind || namespace === undefined || name === undefined || tier === undefined) return undefined;
  if (name === '' && kind !== 'EndOfTier') return undefined;
  return { kind, tier, name, ...(namespace !== '' && { namespace }) };
}

/** Goldmane holds flows apart for the order of their policies and for the Service they went by, neither of which Whisker tells. */
function folded(flows: readonly GroupedFlow[]): readonly GroupedFlow[] {
  const groups = new Map<string, GroupedFlow>();
  for (const flow of flows) {
    const { from, to, packets, ...what } = flow;
    const key = JSON.stringify(what);
    const known = groups.get(key);
    groups.set(
      key,
      known === undefined
        ? flow
        : {
            ...known,
            from: from < known.from ? from : known.from,
            to: to > known.to ? to : known.to,
            packets: packets + known.packets,
          },
    );
  }
  return [...groups.values()];
}
