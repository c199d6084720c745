/** Tells when a running probe has nothing left worth waiting for: every open connection attempt was reported as dropped by policy. */
import type { Flow } from '../model/flow.ts';
import type { ConnectReport, ProbeEvent, ProbeTarget, TargetReport, TlsOutcome } from '../model/probe.ts';
import { isPolicyDrop, matchDrop } from './match-drop.ts';

/** Programs try at most this many addresses of a name; waiting for more would wait for ever. */
export const MOST_ADDRESSES = 4;

export interface ProbeProgress {
  event(event: ProbeEvent): void;
  drop(flow: Flow): void;
  /** True once each target is finished or all that it still waits for was reported dropped. */
  settled(): boolean;
}

interface Seen {
  lookupFailed: boolean;
  addresses: readonly string[] | undefined;
  readonly connects: Map<string, ConnectReport>;
  tls: TlsOutcome | undefined;
  http: boolean;
}

/**
 * @param patient targets whose drops end no wait: where the rules allow a connection, a first SYN may be dropped while the
 * datapath still learns the address (policy-semantics §2.3), and the one sent a second later passes.
 */
export function trackProbe(targets: readonly ProbeTarget[], patient: ReadonlySet<string> = new Set()): ProbeProgress {
  const seen = new Map<string, Seen>(
    targets.map((target) => [
      target.id,
      { lookupFailed: false, addresses: undefined, connects: new Map(), tls: undefined, http: false },
    ]),
  );
  const drops: Flow[] = [];
  return {
    event: (event) => note(seen.get(event.id), event),
    drop: (flow) => {
      if (isPolicyDrop(flow)) drops.push(flow);
    },
    settled: () =>
      targets.every((target) => isSettled(target, seen.get(target.id), patient.has(target.id) ? [] : drops)),
  };
}

function note(seen: Seen | undefined, event: ProbeEvent): void {
  if (seen === undefined) return;
  if (event.kind === 'lookup') {
    seen.addresses = event.lookup.addresses.slice(0, MOST_ADDRESSES);
    seen.lookupFailed = event.lookup.outcome !== 'resolved' && seen.addresses.length === 0;
  } else if (event.kind === 'connect') {
    seen.connects.set(event.connect.address, event.connect);
  } else if (event.kind === 'tls') {
    seen.tls = event.tls.outcome;
  } else {
    seen.http = true;
  }
}

function isSettled(target: ProbeTarget, seen: Seen | undefined, drops: readonly Flow[]): boolean {
  if (seen === undefined || seen.lookupFailed) return true;
  if (seen.addresses === undefined) return false;
  const connected = [...seen.connects.values()].some((connect) => connect.outcome === 'connected');
  if (connected) return isServed(target, seen);
  return seen.addresses.every(
    (address) => seen.connects.has(address) || drops.some((flow) => matchDrop(flow, address, target.port)),
  );
}

/** After a connection: the handshake has ended, and so has the request where one was asked for and can still come. */
function isServed(target: ProbeTarget, { tls, http }: Seen): boolean {
  // After a stall the program tries small segments, and ends by itself.
  if (target.tls && (tls === undefined || tls === 'timeout')) return false;
  const requestComes = target.path !== undefined && (!target.tls || tls === 'ok');
  return http || !requestComes;
}

/** Marks the attempts that were cut short, and those that ended in silence, with the engine's own word on them. */
export function withDrops(report: TargetReport, drops: readonly Flow[]): TargetReport {
  const dropped = (address: string): boolean => drops.some((flow) => matchDrop(flow, address, report.port));
  const known = new Set(report.connects.map((connect) => connect.address));
  const missing: ConnectReport[] = report.lookup.addresses
    .slice(0, MOST_ADDRESSES)
    .filter((address) => !known.has(address) && dropped(address))
    .map((address) => ({ address, outcome: 'drop_seen' }));
  const connects = report.connects.map((connect) =>
    connect.outcome === 'not_checked' && dropped(connect.address)
      ? { ...connect, outcome: 'drop_seen' as const }
      : connect,
  );
  return { ...report, connects: [...connects, ...missing] };
}
