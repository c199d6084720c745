/** Findings from the layers after the connection (TLS, HTTP, proxy), from the resolver's details, and what the probe cannot tell. */
import { endpointName } from '../causes/cause-rule.ts';
import { refusesTunnelsOnly } from '../causes/proxy.ts';
import type { Finding } from '../model/evidence.ts';
import {
  ENDED_EARLY,
  type LookupReport,
  type ProbeReport,
  type ProxyReport,
  type TargetReport,
  type TlsReport,
} from '../model/probe.ts';
import { aaaaTrouble, lostAnswer, onlyTcpAnswers, searchCapture, stoppedAtSuffix } from '../path/lookup-facts.ts';
import { phaseOf } from '../path/phase.ts';
import { proxyOf } from '../path/proxy-env.ts';
import type { Case, EndpointCase } from './case.ts';
import { probeEvidence, unchecked } from './findings-probe.ts';
import { answeredByMesh, describeHttp } from './hops.ts';

const reportOf = ({ probe }: EndpointCase): TargetReport | undefined => (probe.ok ? probe.value : undefined);

/** Only where a connection stood, since no handshake is due otherwise. */
export function tlsFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const phase = phaseOf(endpoint);
  if (phase.kind !== 'connected' && phase.kind !== 'tls_failed') return [];
  const { tls } = phase.report;
  const statement = `The TLS handshake with ${endpointName(endpoint)} completes, and the probe trusts the certificate.`;
  if (tls.outcome === 'not_checked') return [];
  const evidence = [probeEvidence(seen, describeTls(tls), untrustedOf(tls))];
  return [{ id: 'tls-handshake', state: tls.outcome === 'ok' ? 'confirmed' : 'ruled_out', statement, evidence }];
}

function describeTls({ outcome, version, notBefore, notAfter, receivedBytes, smallSegments, ms }: TlsReport): string {
  return [
    `TLS ${outcome.replace('_', ' ')}`,
    version,
    notBefore === undefined || notAfter === undefined ? undefined : `certificate valid ${notBefore} to ${notAfter}`,
    receivedBytes === undefined ? undefined : `${receivedBytes} bytes came back`,
    smallSegments === undefined ? undefined : `with small segments: ${smallSegments.replace('_', ' ')}`,
    ms === undefined ? undefined : `after ${Math.round(ms)} ms`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** Who signed the certificate, and for whom: shows an interception, or a wrong server. */
function untrustedOf({ issuer, names = [], error }: TlsReport): string | undefined {
  const parts = [
    issuer === undefined ? '' : `issuer ${issuer}`,
    names.length === 0 ? '' : `for ${names.join(', ')}`,
    error ?? '',
  ];
  const text = parts.filter((part) => part !== '').join('; ');
  return text === '' ? undefined : text;
}

export function httpFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const http = reportOf(endpoint)?.http;
  if (http === undefined) return [];
  const statement = `${endpointName(endpoint)} answers an HTTP request.`;
  if (http.outcome === 'not_checked') {
    const reason = 'the request was not sent: no connection or handshake stood, or this rung sends none';
    return [unchecked('http-answers', statement, { what: 'HTTP request', code: 'not_asked', reason })];
  }
  const answered = http.outcome === 'answered';
  const reason = answeredByMesh(endpoint);
  if (reason !== undefined)
    return [unchecked('http-answers', statement, { what: 'HTTP request', code: 'unsupported', reason })];
  // The headers are text of the far side.
  const { via, server, error, ...facts } = http;
  const what = answered ? describeHttp(facts) : `${http.outcome} after the request`;
  const said = [via === undefined ? undefined : `via ${via}`, server ?? error].filter((part) => part !== undefined);
  const evidence = [probeEvidence(seen, what, said.length === 0 ? undefined : said.join('; '))];
  return [{ id: 'http-answers', state: answered ? 'confirmed' : 'ruled_out', statement, evidence }];
}

/** What was probed is the direct way; beside it a CONNECT to the proxy, where the rung can send one. */
export function proxyFindings(seen: Case, endpoint: EndpointCase): readonly Finding[] {
  const named = proxyOf(seen, endpoint);
  if (named === undefined) return [];
  const statement = `The container's environment names a proxy for ${endpointName(endpoint)}; the direct way was probed beside it.`;
  const what = `${named.variable} is set and NO_PROXY does not except it`;
  const evidence = [probeEvidence(seen, what, named.value)];
  const through = reportOf(endpoint)?.proxy;
  return [
    { id: 'proxy-in-environment', state: 'confirmed', statement, evidence },
    ...(through === undefined ? [] : [tunnelFinding(seen, endpoint, through)]),
  ];
}

function tunnelFinding(seen: Case, endpoint: EndpointCase, proxy: ProxyReport): Finding {
  const statement = `The proxy of the environment opens a tunnel to ${endpointName(endpoint)}.`;
  const open = proxy.outcome === 'not_checked' || proxy.status === 407 || refusesTunnelsOnly(endpoint, proxy);
  if (open) {
    return unchecked('proxy-tunnel', statement, {
      what: 'CONNECT through the proxy',
      code: 'unsupported',
      reason: whyOpen(proxy),
    });
  }
  const answer = proxy.status === undefined ? proxy.outcome.replaceAll('_', ' ') : `${proxy.status} to CONNECT`;
  const evidence = [probeEvidence(seen, `${proxy.host}:${proxy.port}: ${answer}`, proxy.via ?? proxy.error)];
  return { id: 'proxy-tunnel', state: proxy.outcome === 'tunnel' ? 'confirmed' : 'ruled_out', statement, evidence };
}

function whyOpen({ status }: ProxyReport): string {
  if (status === 407) return 'the proxy wants credentials (407), which the probe never sends';
  return status === undefined
    ? 'the proxy was not asked by this rung'
    : `the proxy refuses tunnels to port 80 (${status}), and may let plain requests through`;
}

/** Trouble with names that a client may feel although, or before, the connection opens. */
export function resolverFindings(seen: Case, { host, probe }: EndpointCase): readonly Finding[] {
  if (!probe.ok) return [];
  const libc = seen.probe.ok ? seen.probe.value.libc : undefined;
  return resolverTroubles(host, probe.value.lookup, libc).map(({ id, statement, what }) => ({
    id,
    state: 'confirmed',
    statement,
    evidence: [probeEvidence(seen, what)],
  }));
}

interface Trouble {
  readonly id: string;
  readonly statement: string;
  readonly what: string;
}

function resolverTroubles(host: string, lookup: LookupReport, libc: ProbeReport['libc']): readonly Trouble[] {
  const capture = searchCapture(host, lookup);
  const stop = stoppedAtSuffix(host, lookup, libc);
  const six = aaaaTrouble(host, lookup);
  const lost = lostAnswer(host, lookup);
  return [
    capture && {
      id: 'search-list-captures',
      statement: `The search list takes ${host} to another place than the name itself.`,
      what: `${capture.name} → ${capture.addresses.join(', ')}; ${host} → ${capture.own.join(', ')}`,
    },
    stop && {
      id: 'search-list-stops',
      statement: `A name under a search domain is refused, and the lookup of ${host} ends there.`,
      what: `${stop.name}: ${stop.outcome.toUpperCase()}; ${host} is known`,
    },
    onlyTcpAnswers(lookup) && {
      id: 'dns-udp-silent',
      statement: `The name server answers over TCP and not over UDP.`,
      what: `every UDP question for ${host} stayed unanswered, TCP was answered`,
    },
    six && {
      id: 'aaaa-unanswered',
      statement: `The name server answers A and not AAAA for ${host}: clients wait for the second or fail.`,
      what: `A resolved, AAAA ${six.outcome}`,
    },
    lost && {
      id: 'lookup-retried',
      statement: `The C library waited for a retry that a direct question did not need.`,
      what: `C library: ${lookup.outcome}${lookup.ms === undefined ? '' : ` after ${Math.round(lookup.ms)} ms`}; asked directly: ${lost.ms ?? 0} ms`,
    },
  ].filter((trouble) => typeof trouble === 'object');
}

/** What the rung that ran cannot tell: not checked, never "fine". That the wait ended once all was decided takes nothing away. */
export function limitFindings({ probe }: Case): readonly Finding[] {
  if (!probe.ok) return [];
  const { rung } = probe.value;
  const limits = probe.value.limits.filter((limit) => limit !== ENDED_EARLY);
  if (limits.length === 0) return [];
  const reason = `${rung}: ${limits.join('; ')}`;
  return [
    unchecked('probe-sees-all-layers', 'The probe could look at every layer.', {
      what: 'some layers of the probe',
      code: 'unsupported',
      reason,
    }),
  ];
}
