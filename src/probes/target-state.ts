/** What is known so far about one target of a running probe, and the report made of it; filled by `collector.ts`. */
import type {
  ConnectReport,
  HttpReport,
  LookupReport,
  ProbeTarget,
  ProxyReport,
  TargetReport,
  TlsOutcome,
  TlsReport,
} from '../core/model/probe.ts';
import { normaliseName } from '../core/net/dns-name.ts';
import { isAddress } from '../core/net/host.ts';
import { type LibraryAnswer, lookupReport } from './lookup-report.ts';
import type { ServerAnswer } from './name-answer.ts';

/** The programs try at most four addresses. */
const MOST_ADDRESSES = 4;

export interface TargetState {
  readonly target: ProbeTarget;
  /** The host as name servers are asked for it: lower case, no final dot. */
  readonly host: string;
  readonly library: LibraryAnswer[];
  readonly server: ServerAnswer[];
  /** Lines of a tool's output, until its `end` record. */
  readonly raw: Map<string, string[]>;
  readonly tried: Set<string>;
  readonly connects: Map<string, ConnectReport>;
  lookup: LookupReport | undefined;
  tls: TlsReport | undefined;
  /** The handshake with small segments. */
  segment: TlsOutcome | undefined;
  http: HttpReport | undefined;
  proxy: ProxyReport | undefined;
}

/** What stands for the lookup of an address, which needs none. */
export function literalLookup(host: string): LookupReport | undefined {
  return isAddress(host) ? { outcome: 'not_checked', addresses: [host], cnames: [] } : undefined;
}

export function newTargetState(target: ProbeTarget): TargetState {
  const literal = literalLookup(target.host);
  return {
    target,
    host: normaliseName(target.host),
    library: [],
    server: [],
    raw: new Map(),
    tried: new Set(literal?.addresses),
    connects: new Map(),
    lookup: literal,
    tls: undefined,
    segment: undefined,
    http: undefined,
    proxy: undefined,
  };
}

/** Unfinished steps are `not_checked`. */
export function targetReport(state: TargetState): TargetReport {
  const { id, host, port } = state.target;
  const lookup = state.lookup ?? unfinishedLookup(state);
  return {
    id,
    host,
    port,
    lookup,
    connects: connectReports(state, lookup),
    tls: tlsOf(state),
    ...(state.target.path === undefined ? {} : { http: state.http ?? { outcome: 'not_checked' } }),
    ...(state.proxy === undefined ? {} : { proxy: state.proxy }),
  };
}

/** Small segments tell something only after a stall. */
function tlsOf({ tls, segment }: TargetState): TlsReport {
  if (tls === undefined) return { outcome: 'not_checked' };
  return tls.outcome === 'timeout' && segment !== undefined ? { ...tls, smallSegments: segment } : tls;
}

/** A lookup that was cut short counts as seen only where addresses had come. */
function unfinishedLookup(state: TargetState): LookupReport {
  const report = lookupReport(state);
  return report.outcome === 'resolved' ? report : { outcome: 'not_checked', addresses: [], cnames: [] };
}

function connectReports(state: TargetState, lookup: LookupReport): readonly ConnectReport[] {
  const due = lookup.outcome === 'resolved' && state.tried.size === 0 ? lookup.addresses.slice(0, MOST_ADDRESSES) : [];
  const addresses = new Set([...state.tried, ...state.connects.keys(), ...due]);
  return [...addresses].map((address) => state.connects.get(address) ?? { address, outcome: 'not_checked' });
}
