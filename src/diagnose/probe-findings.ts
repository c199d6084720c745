/** What one probed target proves: reached or not, and the handshake by itself, since an open connection may still carry nothing. */
import type { ProbedTarget } from '../core/model/answers.ts';
import type { Evidence, Finding } from '../core/model/evidence.ts';
import type { ProbeReport } from '../core/model/probe.ts';
import { confirmed, notChecked, ruledOut } from './finding.ts';

export function probeFindings(target: ProbedTarget, report: ProbeReport): readonly Finding[] {
  const evidence: Evidence = {
    source: 'probe',
    where: `pod ${report.pod.namespace}/${report.pod.name} container ${report.container} (${report.rung})`,
    what: whatHappened(target),
    when: report.finishedAt,
  };
  return [reachFinding(target, report, evidence), ...handshakeFinding(target, evidence)];
}

function reachFinding(target: ProbedTarget, { limits }: ProbeReport, evidence: Evidence): Finding {
  const id = `${target.role}-reached`;
  const statement = `The pod can reach ${target.host}:${target.port}.`;
  if (target.reached) return confirmed(id, statement, evidence);
  const lookupFailed = !['resolved', 'not_checked'].includes(target.lookup.outcome);
  const opened = target.connects.some(({ outcome }) => outcome === 'connected');
  const open = target.connects.some(({ outcome }) => outcome === 'not_checked');
  if (lookupFailed || (target.connects.length > 0 && !open && !opened)) return ruledOut(id, statement, evidence);
  const reason = opened
    ? `the mesh proxy accepts every connection of the pod itself, and ${target.http?.outcome === 'answered' ? 'an answer to plain HTTP may be its own' : 'nothing came back through it'} (${evidence.what})`
    : limits.join('; ') || 'the probe ended before this step';
  return notChecked(id, statement, {
    what: `connection to ${target.host}:${target.port}`,
    code: 'unsupported',
    reason,
  });
}

/** Only where TCP stood and the handshake did not end well: a certificate that is not trusted, a reset, a stall. */
function handshakeFinding({ role, host, port, reached, tls }: ProbedTarget, evidence: Evidence): readonly Finding[] {
  if (!reached || tls.outcome === 'ok' || tls.outcome === 'not_checked') return [];
  return [ruledOut(`${role}-handshake`, `The TLS handshake with ${host}:${port} ends well.`, evidence)];
}

/** e.g. `lookup resolved (2 addresses); 192.0.2.7 timeout after 3000 ms; TLS not_checked`. */
function whatHappened({ lookup, connects, tls, http, proxy }: ProbedTarget): string {
  const shown = connects
    .slice(0, 4)
    .map(({ address, outcome, ms }) => `${address} ${outcome}${ms === undefined ? '' : ` after ${Math.round(ms)} ms`}`);
  const count = lookup.addresses.length > 0 ? ` (${lookup.addresses.length} addresses)` : '';
  return [
    `lookup ${lookup.outcome}${count}`,
    ...shown,
    `TLS ${tls.outcome}${tls.smallSegments === undefined ? '' : `, with small segments ${tls.smallSegments}`}`,
    ...(http === undefined ? [] : [`HTTP ${http.status ?? http.outcome}`]),
    ...(proxy === undefined ? [] : [`proxy ${proxy.status ?? proxy.outcome}`]),
  ].join('; ');
}
