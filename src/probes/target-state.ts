/** What is known so far about one target of a running probe, and the report made of it; filled by `collector.ts`. */
import type { ConnectReport, LookupReport, ProbeTarget, TargetReport, TlsReport } from '../core/model/probe.ts';
import { isAddress } from '../core/net/host.ts';
import { type LibraryAnswer, lookupReport, type ServerAnswer } from './lookup-report.ts';

/** The programs try at most four addresses. */
const MOST_ADDRESSES = 4;

export interface TargetState {
  readonly target: ProbeTarget;
  readonly library: LibraryAnswer[];
  readonly server: ServerAnswer[];
  /** Lines of a tool's output, until its `end` record. */
  readonly raw: Map<string, string[]>;
  readonly tried: Set<string>;
  readonly connects: Map<string, ConnectReport>;
  lookup: LookupReport | undefined;
  tls: TlsReport | undefined;
}

/** What stands for the lookup of an address, which needs none. */
export function literalLookup(host: string): LookupReport | undefined {
  return isAddress(host) ? { outcome: 'not_checked', addresses: [host], cnames: [] } : undefined;
}

export function newTargetState(target: ProbeTarget): TargetState {
  const literal = literalLookup(target.host);
  return {
    target,
    library: [],
    server: [],
    raw: new Map(),
    tried: new Set(literal?.addresses),
    connects: new Map(),
    lookup: literal,
    tls: undefined,
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
    tls: state.tls ?? { outcome: 'not_checked' },
  };
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
