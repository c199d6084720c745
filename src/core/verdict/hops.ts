/** Each endpoint as a hop, layer by layer in packet order: lookup → policy → connect → TLS → HTTP. */
import type { Hop, HopStep } from '../model/diagnosis.ts';
import type { Evaluation, StageVerdict } from '../model/evaluation.ts';
import type { ConnectReport, HttpReport, TargetReport, TlsReport } from '../model/probe.ts';
import { phaseOf } from '../path/phase.ts';
import type { EndpointCase } from './case.ts';

export const hopOf = (endpoint: EndpointCase): Hop => ({
  role: endpoint.role,
  host: endpoint.host,
  port: endpoint.port,
  steps: [lookupStep(endpoint), policyStep(endpoint), connectStep(endpoint), tlsStep(endpoint), httpStep(endpoint)],
});

const step = (layer: HopStep['layer'], outcome: HopStep['outcome'], detail: string): HopStep => ({
  layer,
  outcome,
  detail,
});

const reportOf = (endpoint: EndpointCase): TargetReport | undefined =>
  endpoint.probe.ok ? endpoint.probe.value : undefined;

const whyNot = (endpoint: EndpointCase): string =>
  endpoint.probe.ok ? 'not reached by the probe' : endpoint.probe.notRead.reason;

function lookupStep(endpoint: EndpointCase): HopStep {
  const lookup = reportOf(endpoint)?.lookup;
  if (lookup === undefined) return step('lookup', 'not_checked', whyNot(endpoint));
  if (lookup.outcome === 'not_checked')
    return step('lookup', 'not_checked', 'no lookup: an address was given or the step did not run');
  if (lookup.outcome !== 'resolved') return step('lookup', 'failed', lookup.outcome.toUpperCase());
  const chain = lookup.cnames.length === 0 ? '' : `CNAME ${lookup.cnames.join(' → ')} → `;
  return step('lookup', 'ok', `${chain}${lookup.addresses.join(', ')}`);
}

function policyStep({ evaluation }: EndpointCase): HopStep {
  const stage = decidingStage(evaluation);
  const outcome = stage.decision === 'allowed' ? 'ok' : stage.decision === 'denied' ? 'failed' : 'unknown';
  return step('policy', outcome, stage.explanation);
}

/** The lookup's verdict and the mesh's speak only where they are what stops it; otherwise the connection's does. */
function decidingStage({ lookup, connect, mesh }: Evaluation): StageVerdict {
  if (connect.decision === 'denied') return connect;
  if (lookup.decision === 'denied') return lookup;
  return mesh !== undefined &&
    (mesh.decision === 'denied' || connect.decision === 'allowed') &&
    mesh.decision !== 'allowed'
    ? mesh
    : connect;
}

function connectStep(endpoint: EndpointCase): HopStep {
  const connects = reportOf(endpoint)?.connects.filter((connect) => connect.outcome !== 'not_checked') ?? [];
  const [first] = connects;
  if (first === undefined) return step('connect', 'not_checked', connectGap(endpoint));
  const connected = connects.find((connect) => connect.outcome === 'connected');
  if (connected !== undefined)
    return phaseOf(endpoint).kind === 'incomplete'
      ? step(
          'connect',
          'unknown',
          `opened by the mesh proxy (${endpoint.interceptedBy ?? ''}), whatever becomes of it further on`,
        )
      : step('connect', 'ok', describeConnect(connected));
  return step('connect', 'failed', connects.map(describeConnect).join('; '));
}

function connectGap(endpoint: EndpointCase): string {
  const outcome = reportOf(endpoint)?.lookup.outcome;
  return outcome === undefined || outcome === 'resolved' || outcome === 'not_checked'
    ? whyNot(endpoint)
    : 'no address to connect to';
}

export function describeConnect(connect: ConnectReport): string {
  const after = connect.ms === undefined ? '' : ` after ${Math.round(connect.ms)} ms`;
  if (connect.outcome === 'connected')
    return `${connect.address} connected${connect.ms === undefined ? '' : ` in ${Math.round(connect.ms)} ms`}`;
  if (connect.outcome === 'drop_seen') return `${connect.address} dropped (reported by the policy engine)`;
  if (connect.outcome === 'timeout') return `${connect.address} no answer${after}`;
  return `${connect.address} ${connect.outcome.replace('_', ' ')}${after}`;
}

function tlsStep(endpoint: EndpointCase): HopStep {
  const tls = reportOf(endpoint)?.tls;
  if (tls === undefined || tls.outcome === 'not_checked') return step('tls', 'not_checked', 'not reached or not asked');
  const detail = [tls.version, tls.issuer === undefined ? undefined : `issuer ${tls.issuer}`]
    .filter(Boolean)
    .join(', ');
  if (tls.outcome === 'ok') return step('tls', 'ok', detail || 'handshake completed');
  return step(
    'tls',
    'failed',
    `${tls.outcome.replace('_', ' ')}${detail === '' ? '' : ` (${detail})`}${afterwards(tls)}`,
  );
}

/** What the failed handshake got back, and how one with small segments went. */
function afterwards({ receivedBytes, smallSegments }: TlsReport): string {
  const silent = receivedBytes === 0 ? ', nothing came back after the ClientHello' : '';
  return smallSegments === undefined ? silent : `${silent}, with small segments ${smallSegments.replace('_', ' ')}`;
}

/** Any status is an answer; what it means to the application is not egress. */
function httpStep(endpoint: EndpointCase): HopStep {
  const http = reportOf(endpoint)?.http;
  if (http === undefined)
    return step('http', 'not_checked', 'no request was asked for: only a URL makes the probe send one');
  if (http.outcome === 'not_checked') return step('http', 'not_checked', 'the request was not sent');
  const byMesh = answeredByMesh(endpoint);
  if (byMesh !== undefined) return step('http', 'unknown', byMesh);
  if (http.outcome === 'answered') return step('http', 'ok', describeHttp(http));
  return step('http', 'failed', `${http.outcome} after the request`);
}

/**
 * Why the answer may be the mesh proxy's own: Envoy answers plain HTTP that it sends nowhere with 403, 404, 426, 502 or 503
 * (envoyproxy.io, access log response flags), Linkerd's with 502 or 504. A trusted handshake was the far side's.
 */
export function answeredByMesh({ interceptedBy, probe }: EndpointCase): string | undefined {
  if (interceptedBy === undefined || !probe.ok || probe.value.tls.outcome === 'ok') return undefined;
  const status = probe.value.http?.status;
  if (status === undefined || (status >= 200 && status < 300)) return undefined;
  return `HEAD answered ${status}, which may be the mesh proxy (${interceptedBy}) itself: it answers plain HTTP in place of what it does not reach`;
}

/** e.g. `307, redirect to blob.store.example:443 (presigned URL), via 1.1 squid`. */
export function describeHttp({ status, redirect, via }: HttpReport): string {
  const where =
    redirect === undefined
      ? ''
      : `, redirect to ${redirect.host}:${redirect.port}${redirect.pathClass === 'presigned' ? ' (presigned URL)' : ''}`;
  return `HEAD answered ${status ?? 'without a status'}${where}${via === undefined ? '' : `, via ${via}`}`;
}
