/** Splits an endpoint's observations by phase (lookup, connect, TLS): the first question of every diagnosis, asked by `core/causes`. */
import type { ConnectReport, TargetReport, TlsReport } from '../model/probe.ts';
import type { EndpointCase } from '../verdict/case.ts';

export type Phase =
  | { readonly kind: 'not_probed' }
  | { readonly kind: 'lookup_failed'; readonly report: TargetReport }
  /** No address connected, and no conclusion can be drawn because a step did not run to its end. */
  | { readonly kind: 'incomplete'; readonly report: TargetReport }
  /** Every address failed, and none is left open; `worst` is the outcome that says most. */
  | { readonly kind: 'connect_failed'; readonly report: TargetReport; readonly worst: ConnectReport }
  | { readonly kind: 'tls_failed'; readonly report: TargetReport; readonly tls: TlsReport }
  | { readonly kind: 'connected'; readonly report: TargetReport };

/** A silent drop says more about policy than a refusal, which says that somebody answered. */
const TELLING: readonly ConnectReport['outcome'][] = [
  'drop_seen',
  'timeout',
  'refused',
  'reset',
  'not_permitted',
  'unreachable',
  'failed',
];

const LOOKUP_FAILURES = new Set(['nxdomain', 'nodata', 'refused', 'servfail', 'timeout', 'failed']);

export function phaseOf(endpoint: EndpointCase): Phase {
  if (!endpoint.probe.ok) return { kind: 'not_probed' };
  const report = endpoint.probe.value;
  if (report.connects.some((c) => c.outcome === 'connected')) return afterConnect(endpoint, report);
  const open = report.connects.some(({ outcome }) => outcome === 'not_checked');
  const worst = open ? undefined : mostTelling(report.connects);
  if (worst !== undefined) return { kind: 'connect_failed', report, worst };
  if (LOOKUP_FAILURES.has(report.lookup.outcome)) return { kind: 'lookup_failed', report };
  return { kind: 'incomplete', report };
}

/** TLS outcomes that only an answer of the far side produces. */
const ANSWERED: ReadonlySet<TlsReport['outcome']> = new Set(['ok', 'untrusted', 'wrong_name', 'expired']);

function afterConnect({ interceptedBy }: EndpointCase, report: TargetReport): Phase {
  const outcome = report.tls.outcome;
  // The mesh proxy opened the connection; nothing that came back shows where it led.
  if (interceptedBy !== undefined && !ANSWERED.has(outcome)) return { kind: 'incomplete', report };
  if (outcome === 'ok' || outcome === 'not_checked') return { kind: 'connected', report };
  return { kind: 'tls_failed', report, tls: report.tls };
}

function mostTelling(connects: readonly ConnectReport[]): ConnectReport | undefined {
  for (const outcome of TELLING) {
    const found = connects.find((c) => c.outcome === outcome);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Silence: the packet or its answer vanished. The only connect outcome a dropping policy engine produces. */
export const isSilent = (phase: Phase): boolean =>
  phase.kind === 'connect_failed' && (phase.worst.outcome === 'timeout' || phase.worst.outcome === 'drop_seen');

/** The endpoint can be used as far as this probe can tell. */
export const works = (endpoint: EndpointCase): boolean => phaseOf(endpoint).kind === 'connected';
