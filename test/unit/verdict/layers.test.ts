/** Causes and findings of the layers beside policy: resolver, handshake, proxy, redirect. What was seen → class, or nothing. */
import { describe, expect, it } from 'vitest';
import type { LookupReport, NameAnswer, ProxyReport, TlsReport } from '../../../src/core/model/probe.ts';
import { requestPath } from '../../../src/core/path/request-path.ts';
import type { Case, EndpointCase } from '../../../src/core/verdict/case.ts';
import { findingsOf } from '../../../src/core/verdict/findings.ts';
import { judge } from '../../../src/core/verdict/judge.ts';
import { caseOf, type EndpointSpec, endpoint, stage } from './case-builder.ts';

const HOST = 'files.vendor.example';
const CAPTURED = `${HOST}.corp.example`;

const answer = (more: Partial<NameAnswer>): NameAnswer => ({
  server: '10.96.0.10',
  name: HOST,
  question: 'A',
  via: 'udp',
  outcome: 'resolved',
  cnames: [],
  addresses: more.outcome === undefined || more.outcome === 'resolved' ? ['203.0.113.20'] : [],
  ms: 3,
  ...more,
});

function withReport(
  spec: EndpointSpec,
  more: { lookup?: Partial<LookupReport>; tls?: Partial<TlsReport>; proxy?: ProxyReport },
): EndpointCase {
  const made = endpoint(spec);
  if (!made.probe.ok) throw new Error('not probed');
  const { value } = made.probe;
  return {
    ...made,
    probe: {
      ok: true,
      value: {
        ...value,
        lookup: { ...value.lookup, ...more.lookup },
        tls: { ...value.tls, ...more.tls },
        ...(more.proxy === undefined ? {} : { proxy: more.proxy }),
      },
    },
  };
}

const classOf = (one: EndpointCase, more: Partial<Case> = {}) => {
  const { verdict, cause } = judge(caseOf([one], more));
  return [verdict, cause?.class, cause?.confidence];
};
const findingIds = (one: EndpointCase, more: Partial<Case> = {}) =>
  findingsOf(caseOf([one], more), one).map(({ id }) => id);

describe('a lookup that fails although a server knows the name', () => {
  it.each<[string, Partial<LookupReport>, (string | undefined)[]]>([
    [
      'REFUSED under a search domain, shown by the final dot',
      {
        answers: [answer({}), answer({ name: `${HOST}.svc.cluster.local`, outcome: 'refused' })],
        absolute: { addresses: ['203.0.113.20'] },
      },
      ['blocked', 'FQDN_DNS_REFUSED', 'likely'],
    ],
    [
      'REFUSED under a search domain, the final dot not tried',
      { answers: [answer({}), answer({ name: `${HOST}.svc.cluster.local`, outcome: 'refused' })] },
      ['blocked', 'FQDN_DNS_REFUSED', 'likely'],
    ],
    [
      'SERVFAIL under a search domain',
      { answers: [answer({}), answer({ name: `${HOST}.corp.example`, outcome: 'servfail' })] },
      ['blocked', 'DNS_RESOLVER_LIB', 'likely'],
    ],
    [
      'TCP answers, UDP does not',
      { outcome: 'timeout', answers: [answer({ outcome: 'timeout' }), answer({ via: 'tcp' })] },
      ['blocked', 'DNS_CLIENT_PATH', 'likely'],
    ],
    [
      'A answered, AAAA silent',
      { answers: [answer({}), answer({ question: 'AAAA', outcome: 'timeout' })] },
      ['blocked', 'DNS_UPSTREAM', 'likely'],
    ],
    [
      'answered at once when asked directly, the library got nothing',
      { outcome: 'timeout', answers: [answer({}), answer({ question: 'AAAA', outcome: 'nodata' })] },
      ['undetermined', 'DNS_CAPACITY', 'possible'],
    ],
    [
      'nothing but silence',
      { outcome: 'timeout', answers: [answer({ outcome: 'timeout' })] },
      ['undetermined', undefined, undefined],
    ],
    [
      'the server was slow for the direct question too',
      { outcome: 'timeout', answers: [answer({ ms: 4000 })] },
      ['undetermined', undefined, undefined],
    ],
  ])('%s', (_name, lookup, expected) => {
    expect(classOf(withReport({ lookup: 'failed' }, { lookup }))).toEqual(expected);
  });

  it('stays with the policy where the rules filter the very name', () => {
    const one = withReport(
      { lookup: 'refused', lookupStage: stage('denied', 'dns_name_refused') },
      { lookup: { answers: [answer({ outcome: 'refused' }), answer({ name: CAPTURED, outcome: 'refused' })] } },
    );
    expect(classOf(one)).toEqual(['blocked', 'FQDN_NAME_NOT_COVERED', 'proven']);
  });
});

describe('a search list that takes the name', () => {
  const captured = {
    addresses: ['192.0.2.9'],
    answers: [answer({}), answer({ name: CAPTURED, addresses: ['192.0.2.9'] })],
  };

  it.each<[string, EndpointSpec]>([
    ['the other place is silent', { connect: 'timeout', address: '192.0.2.9' }],
    ['the other place refuses', { connect: 'refused', address: '192.0.2.9' }],
    ['the other place has another certificate', { tls: 'wrong_name', address: '192.0.2.9' }],
  ])('is the cause where %s', (_name, spec) => {
    expect(classOf(withReport(spec, { lookup: captured }))).toEqual(['blocked', 'DNS_SEARCH_NDOTS', 'likely']);
  });

  it('is told although the connection works', () => {
    const one = withReport({ address: '192.0.2.9' }, { lookup: captured });
    expect(classOf(one)[0]).toBe('reachable');
    expect(findingIds(one)).toContain('search-list-captures');
  });

  it.each<[string, Partial<LookupReport>]>([
    [
      'a short in-cluster name, which exists only with a suffix',
      {
        addresses: ['10.0.0.9'],
        answers: [answer({ outcome: 'nxdomain' }), answer({ name: CAPTURED, addresses: ['10.0.0.9'] })],
      },
    ],
    [
      'an address that the name itself has too',
      { addresses: ['203.0.113.20'], answers: [answer({}), answer({ name: CAPTURED })] },
    ],
    [
      'an address of neither, from /etc/hosts',
      { addresses: ['192.0.2.1'], answers: [answer({}), answer({ name: CAPTURED, addresses: ['192.0.2.9'] })] },
    ],
  ])('is not accused for %s', (_name, lookup) => {
    const one = withReport({ connect: 'timeout' }, { lookup });
    expect(classOf(one)[1]).not.toBe('DNS_SEARCH_NDOTS');
    expect(findingIds(one)).not.toContain('search-list-captures');
  });
});

describe('a handshake that fails', () => {
  it.each<[string, Partial<TlsReport>, (string | undefined)[]]>([
    ['small segments pass', { outcome: 'timeout', smallSegments: 'ok' }, ['undetermined', 'MTU_BLACKHOLE', 'possible']],
    [
      'small segments bring a certificate',
      { outcome: 'timeout', smallSegments: 'untrusted' },
      ['undetermined', 'MTU_BLACKHOLE', 'possible'],
    ],
    [
      'small segments stall too',
      { outcome: 'timeout', smallSegments: 'timeout' },
      ['undetermined', undefined, undefined],
    ],
    ['small segments were not tried', { outcome: 'timeout' }, ['undetermined', undefined, undefined]],
    ['reset after the ClientHello', { outcome: 'reset', receivedBytes: 0 }, ['undetermined', undefined, undefined]],
  ])('%s', (_name, tls, expected) => {
    expect(classOf(withReport({}, { tls }))).toEqual(expected);
  });

  it('says what would decide a stall whose size was tried', () => {
    const one = withReport({}, { tls: { outcome: 'timeout', smallSegments: 'timeout' } });
    expect(judge(caseOf([one])).decidedBy).toMatch(/small segments stall alike/);
  });

  const dated = {
    outcome: 'expired',
    notBefore: '2026-11-01T00:00:00.000Z',
    notAfter: '2027-01-01T00:00:00.000Z',
  } as const;
  const skewed = (clockSkewSeconds: number): Partial<Case> => {
    const { probe } = caseOf([endpoint()]);
    return probe.ok ? { probe: { ok: true, value: { ...probe.value, clockSkewSeconds } } } : {};
  };

  it('is the clock where the certificate is valid now and not by the container', () => {
    const one = withReport({}, { tls: dated });
    expect(classOf(one, skewed(90 * 86_400))).toEqual(['blocked', 'TLS_TRUST_CLOCK', 'likely']);
    expect(classOf(one, skewed(-90 * 86_400))).toEqual(['blocked', 'TLS_TRUST_CLOCK', 'likely']);
  });

  it.each([
    ['no skew', dated, 0],
    ['a skew within which the certificate is valid', dated, 3600],
    ['a certificate that has expired by any clock', { ...dated, notAfter: '2026-11-02T00:00:00.000Z' }, 90 * 86_400],
  ])('is not the clock with %s', (_name, tls, skew) => {
    expect(classOf(withReport({}, { tls }), skewed(skew))).toEqual(['reachable', undefined, undefined]);
  });
});

describe('a proxy in the environment', () => {
  const env = (value: Readonly<Record<string, string>>): Partial<Case> => {
    const { probe } = caseOf([endpoint()]);
    return probe.ok ? { probe: { ok: true, value: { ...probe.value, proxyEnv: value } } } : {};
  };
  const named = env({ HTTPS_PROXY: 'http://proxy.example:3128' });
  const proxy = (more: Partial<ProxyReport>): ProxyReport => ({
    variable: 'HTTPS_PROXY',
    host: 'proxy.example',
    port: 3128,
    outcome: 'tunnel',
    status: 200,
    ...more,
  });

  it.each<[string, EndpointSpec, ProxyReport, (string | undefined)[]]>([
    [
      'refuses, the direct way is silent',
      { connect: 'timeout' },
      proxy({ outcome: 'refused_by_proxy', status: 403 }),
      ['blocked', 'HTTP_PROXY', 'likely'],
    ],
    [
      'is not reached, the direct way is silent',
      { connect: 'timeout' },
      proxy({ outcome: 'not_reached' }),
      ['blocked', 'HTTP_PROXY', 'likely'],
    ],
    [
      'wants credentials',
      { connect: 'timeout' },
      proxy({ outcome: 'refused_by_proxy', status: 407 }),
      ['undetermined', 'HTTP_PROXY', 'possible'],
    ],
    ['opens the way', { connect: 'timeout' }, proxy({}), ['undetermined', undefined, undefined]],
    [
      'refuses, the direct way works',
      {},
      proxy({ outcome: 'refused_by_proxy', status: 403 }),
      ['reachable', undefined, undefined],
    ],
    [
      'refuses, and the policy denies the direct way',
      { connect: 'timeout', connectStage: stage('denied', 'default_deny') },
      proxy({ outcome: 'refused_by_proxy', status: 403 }),
      ['blocked', 'POLICY_EGRESS_NOT_ALLOWED', 'likely'],
    ],
  ])('%s', (_name, spec, report, expected) => {
    expect(classOf(withReport(spec, { proxy: report }), named)).toEqual(expected);
  });

  it('does not count where NO_PROXY excepts the host', () => {
    const one = withReport({ connect: 'timeout' }, { proxy: proxy({ outcome: 'refused_by_proxy', status: 403 }) });
    const excepted = env({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: '.vendor.example' });
    expect(classOf(one, excepted)).toEqual(['undetermined', undefined, undefined]);
    expect(findingIds(one, excepted)).not.toContain('proxy-tunnel');
  });

  it('that another variable names than the one of this endpoint is not its cause', () => {
    const other = proxy({ variable: 'https_proxy', outcome: 'refused_by_proxy', status: 403 });
    expect(classOf(withReport({ connect: 'timeout' }, { proxy: other }), named)[1]).toBeUndefined();
  });

  it('that refuses tunnels to port 80 says nothing of plain requests', () => {
    const refused = proxy({ variable: 'http_proxy', outcome: 'refused_by_proxy', status: 403 });
    const one = { ...withReport({ connect: 'timeout' }, { proxy: refused }), port: 80 };
    const plain = env({ http_proxy: 'http://proxy.example:3128' });
    expect(classOf(one, plain)[1]).toBeUndefined();
    expect(findingsOf(caseOf([one], plain), one).find(({ id }) => id === 'proxy-tunnel')?.state).toBe('not_checked');
  });

  it('that wants credentials is not checked, never "refused"', () => {
    const one = withReport({}, { proxy: proxy({ outcome: 'refused_by_proxy', status: 407 }) });
    const finding = findingsOf(caseOf([one], named), one).find(({ id }) => id === 'proxy-tunnel');
    expect(finding).toMatchObject({ state: 'not_checked', notChecked: { reason: expect.stringContaining('407') } });
  });
});

describe('a redirect', () => {
  const first = endpoint({ host: 'api.vendor.example' });
  const hop: EndpointCase = {
    ...endpoint({
      role: 'second_hop',
      connect: 'timeout',
      connectStage: stage('denied', 'default_deny'),
      drop: 'POLICY_DENIED',
    }),
    redirectedFrom: { host: 'api.vendor.example', port: 443, status: 307, presigned: true },
  };

  it('makes its target the second hop, as sure as the block itself', () => {
    const { verdict, cause } = judge(caseOf([first, hop]));
    expect([verdict, cause?.class, cause?.underlying, cause?.confidence]).toEqual([
      'blocked',
      'SECOND_HOP_HOST',
      'POLICY_EGRESS_NOT_ALLOWED',
      'proven',
    ]);
    expect(cause?.statement).toMatch(
      /api\.vendor\.example:443 answers the request with 307, a redirect to a presigned URL there/,
    );
  });

  it('that carries no signature is likely: with its credentials the application may not be sent there', () => {
    const plain = { ...hop, redirectedFrom: { host: 'api.vendor.example', port: 443, status: 302, presigned: false } };
    const { cause } = judge(caseOf([first, plain]));
    expect([cause?.class, cause?.confidence]).toEqual(['SECOND_HOP_HOST', 'likely']);
    expect(cause?.statement).toContain('answers a request without credentials with 302');
  });
});

describe('the path of a request', () => {
  it.each([
    [{ port: 443, scheme: 'https' as const, path: '/v2/download' }, '/v2/download'],
    [{ port: 443, scheme: 'https' as const }, '/'],
    [{ port: 80, scheme: 'http' as const, path: '/a b' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/services/T0/B0/abcdefghijklmnopqrstuvwx' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/hook/aB3dE5gH7jK9' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/hook/9f86d081884c7d65' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/s/k3yval9x0q' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/webhook/12345678901234' }, '/'],
    [{ port: 443, scheme: 'https' as const, path: '/v1/users/42/2024-report' }, '/v1/users/42/2024-report'],
    [{ port: 443, scheme: 'https' as const, path: "/x';id" }, '/'],
    [{ port: 443, scheme: 'tcp' as const }, undefined],
    [{ port: 443 }, undefined],
  ])('%j → %s', (target, path) => {
    expect(requestPath(target)).toBe(path);
  });
});
