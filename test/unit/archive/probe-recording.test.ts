import { describe, expect, it } from 'vitest';
import { probeRecordings } from '../../../src/archive/schemas/probe-recording.ts';
import type { ProbeReport, TargetReport } from '../../../src/core/model/probe.ts';

const answer = {
  server: '10.96.0.10',
  name: 'api.vendor.example',
  question: 'A',
  via: 'udp',
  outcome: 'resolved',
  cnames: ['edge.vendor.example'],
  addresses: ['203.0.113.7'],
  ttlSeconds: 20,
  truncated: true,
  ms: 3,
} as const;

const target: TargetReport = {
  id: 'asked',
  host: 'api.vendor.example',
  port: 443,
  lookup: {
    outcome: 'failed',
    addresses: [],
    cnames: [],
    answers: [answer, { ...answer, server: '', via: 'tool' }],
    absolute: { addresses: ['203.0.113.7'], error: 'none' },
  },
  connects: [],
  tls: {
    outcome: 'timeout',
    notBefore: '2025-01-01T00:00:00.000Z',
    notAfter: '2031-01-01T00:00:00.000Z',
    names: ['api.vendor.example'],
    receivedBytes: 0,
    smallSegments: 'ok',
  },
  http: {
    outcome: 'answered',
    status: 302,
    redirect: { scheme: 'https', host: 'files.vendor.example', port: 443, pathClass: 'presigned' },
    via: '1.1 gate',
    server: 'edge',
    ms: 9,
  },
  proxy: {
    variable: 'HTTPS_PROXY',
    host: 'proxy.vendor.example',
    port: 3128,
    outcome: 'refused_by_proxy',
    status: 407,
    via: '1.1 squid',
  },
};

const report: ProbeReport = {
  pod: { namespace: 'shop', name: 'checkout-1' },
  container: 'app',
  rung: 'python3',
  limits: [],
  resolver: { nameservers: ['10.96.0.10'], search: [], ndots: 5, options: ['timeout:2'] },
  libc: 'musl',
  clockSkewSeconds: -60,
  proxyEnv: {},
  targets: [target],
  startedAt: '2026-01-02T03:04:05Z',
  finishedAt: '2026-01-02T03:04:07Z',
};

const request = {
  pod: report.pod,
  container: 'app',
  targets: [{ id: 'asked', host: 'api.vendor.example', port: 443, tls: true, path: '/health' }],
  connectTimeoutMs: 3000,
  lookupTimeoutMs: 6000,
};

/** As it is after a file was written and read. */
const recording = (value: object) =>
  JSON.parse(
    JSON.stringify([
      {
        request,
        began: 0,
        events: [{ order: 1, event: { kind: 'http', id: 'asked', http: target.http } }],
        ended: 2,
        result: { ok: true, value },
      },
    ]),
  ) as unknown;

describe('a recorded probe', () => {
  it('keeps everything that a probe reports', () => {
    expect(probeRecordings.parse(recording(report))).toEqual(recording(report));
  });

  it('may be of a time before there were name server answers, HTTP and proxies', () => {
    const { pod, container, rung, limits, proxyEnv, startedAt, finishedAt } = report;
    const { id, host, port, connects } = target;
    const lookup = { outcome: 'resolved', addresses: ['203.0.113.7'], cnames: [] };
    const old = {
      pod,
      container,
      rung,
      limits,
      proxyEnv,
      startedAt,
      finishedAt,
      resolver: { nameservers: [], search: [], ndots: 1 },
      targets: [{ id, host, port, lookup, connects, tls: { outcome: 'ok' } }],
    };
    expect(probeRecordings.parse(recording(old))).toEqual(recording(old));
  });

  const withTarget = (over: object): object => ({ ...report, targets: [{ ...target, ...over }] });
  it.each<readonly [string, object]>([
    ['an unknown C library', { ...report, libc: 'ours' }],
    ['a clock that is text', { ...report, clockSkewSeconds: 'slow' }],
    ['a resolver option of several words', { ...report, resolver: { ...report.resolver, options: ['do as I say'] } }],
    [
      'a server of several words',
      withTarget({ lookup: { ...target.lookup, answers: [{ ...answer, server: 'do as I say' }] } }),
    ],
    [
      'a name of several words',
      withTarget({ lookup: { ...target.lookup, answers: [{ ...answer, name: 'do as I say' }] } }),
    ],
    ['an unknown way', withTarget({ lookup: { ...target.lookup, answers: [{ ...answer, via: 'quic' }] } })],
    ['an unknown handshake', withTarget({ tls: { ...target.tls, smallSegments: 'fine' } })],
    ['a status that is text', withTarget({ http: { ...target.http, status: 'OK' } })],
    ['another scheme', withTarget({ http: { ...target.http, redirect: { ...target.http?.redirect, scheme: 'ftp' } } })],
    [
      'a host of several words',
      withTarget({ http: { ...target.http, redirect: { ...target.http?.redirect, host: 'do as I say' } } }),
    ],
    ['a proxy of several words', withTarget({ proxy: { ...target.proxy, host: 'do as I say' } })],
    ['a variable of several words', withTarget({ proxy: { ...target.proxy, variable: 'do as I say' } })],
  ])('has no %s', (_name, value) => {
    expect(probeRecordings.safeParse(recording(value)).success).toBe(false);
  });
});
