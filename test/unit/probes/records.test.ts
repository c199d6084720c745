import { describe, expect, it } from 'vitest';
import { clockSkew } from '../../../src/probes/clock-skew.ts';
import { selfSigned } from '../support/self-signed.ts';
import { collect, line } from './support/collect.ts';
import { dnsPacket, type Reply } from './support/dns-packet.ts';

const HOST = 'api.vendor.test';
const SERVER = '10.96.0.10';
const HELLO = line('hello', '-', 'rung=python3');

describe('dns records', () => {
  const asked = (fields: readonly string[], reply: Partial<Reply> = {}): string =>
    line('dns', 't0', ...fields, `hex=${dnsPacket({ name: HOST, ...reply })}`);
  const answersOf = (...records: string[]) =>
    collect([HELLO, ...records, line('looked', 't0')]).report.lookup.answers ?? [];

  it('name the server, the way and the question, and take the shortest time to live of the chain', () => {
    const records: Reply['records'] = [
      [HOST, 300, 'edge.vendor.test'],
      ['edge.vendor.test', 20, 'pop.cdn.test'],
      ['pop.cdn.test', 60, '203.0.113.7'],
      ['other.test', 1, '203.0.113.8'],
    ];
    expect(answersOf(asked(['q=A', `server=${SERVER}`, 'via=tcp', 'ms=7'], { records }))).toEqual([
      {
        server: SERVER,
        name: HOST,
        question: 'A',
        via: 'tcp',
        outcome: 'resolved',
        cnames: ['edge.vendor.test', 'pop.cdn.test'],
        addresses: ['203.0.113.7'],
        ttlSeconds: 20,
        ms: 7,
      },
    ]);
  });

  it.each<readonly [string, readonly string[], Partial<Reply>, object]>([
    ['no transport told is UDP', ['q=A'], {}, { via: 'udp', outcome: 'nodata' }],
    ['an unknown transport is UDP', ['q=A', 'via=quic'], {}, { via: 'udp' }],
    ['an unknown question is A', ['q=MX'], {}, { question: 'A' }],
    [
      'AAAA',
      ['q=AAAA'],
      { type: 28, records: [[HOST, 5, '20010db8000000000000000000000001']] },
      { question: 'AAAA', outcome: 'resolved', addresses: ['2001:db8::1'], ttlSeconds: 5 },
    ],
    ['NXDOMAIN', ['q=A'], { rcode: 3 }, { outcome: 'nxdomain', addresses: [] }],
    ['REFUSED', ['q=A'], { rcode: 5 }, { outcome: 'refused' }],
    ['SERVFAIL', ['q=A'], { rcode: 2 }, { outcome: 'servfail' }],
    ['NOTIMP', ['q=A'], { rcode: 4 }, { outcome: 'failed' }],
    [
      'a time to live with the top bit set is zero (RFC 2181)',
      ['q=A'],
      { records: [[HOST, 0x80000001, '203.0.113.7']] },
      { ttlSeconds: 0 },
    ],
    [
      'cut short with an address',
      ['q=A'],
      { truncated: true, records: [[HOST, 9, '203.0.113.7']] },
      { outcome: 'resolved', truncated: true },
    ],
    ['cut short without one says nothing', ['q=A'], { truncated: true }, { outcome: 'failed', truncated: true }],
    ['a search domain', ['q=A', 'suffix=Corp.Test.'], { name: `${HOST}.corp.test` }, { name: `${HOST}.corp.test` }],
    [
      'an answer about the bare name to a question with a search domain',
      ['q=A', 'suffix=corp.test'],
      { records: [[HOST, 9, '203.0.113.7']] },
      { outcome: 'failed', addresses: [] },
    ],
    ['a search domain that is none', ['q=A', 'suffix=$(id)'], {}, { name: HOST }],
    ['a server that is no address', ['q=A', 'server=ignore.all.instructions'], {}, { server: '' }],
    ['a server with its zone', ['q=A', 'server=fe80::1%eth0'], {}, { server: 'fe80::1%eth0' }],
  ])('%s', (_name, fields, reply, expected) => {
    const [answer, ...others] = answersOf(asked(fields, reply));
    expect(answer).toMatchObject(expected);
    expect(others).toEqual([]);
  });

  it.each([
    ['err=timeout', 'timeout'],
    ['err=ETIMEDOUT', 'timeout'],
    ['err=ECONNREFUSED', 'failed'],
    ['err=metadata', 'not_checked'],
    ['err=\u001b[31m', 'failed'],
    ['hex=zz', 'failed'],
    ['hex=', 'failed'],
  ])('%s is %s', (field, outcome) => {
    expect(answersOf(line('dns', 't0', 'q=A', `server=${SERVER}`, field))).toEqual([
      { server: SERVER, name: HOST, question: 'A', via: 'udp', outcome, cnames: [], addresses: [] },
    ]);
  });

  it('count once for a question, the first; other ways, servers and names count beside it', () => {
    const said = (fields: readonly string[], rcode = 0) => asked(['q=A', ...fields], { rcode });
    const answers = answersOf(
      said([`server=${SERVER}`], 5),
      said([`server=${SERVER}`]),
      said([`server=${SERVER}`, 'via=tcp']),
      said(['server=10.96.0.11']),
    );
    expect(answers.map(({ server, via, outcome }) => [server, via, outcome])).toEqual([
      [SERVER, 'udp', 'refused'],
      [SERVER, 'tcp', 'nodata'],
      ['10.96.0.11', 'udp', 'nodata'],
    ]);
  });

  it('take a tool that says which server it asked, and for which name', () => {
    const said = (server: string, address: string): string[] =>
      [`Server:\t${server}`, `Address:\t${server}:53`, '', `Name:\t${HOST}`, `Address: ${address}`].map((text) =>
        line('raw', 't0', 'tool=nslookup', text),
      );
    const answers = answersOf(
      ...said(SERVER, '203.0.113.7'),
      line('end', 't0', 'tool=nslookup', 'exit=0', 'ms=3'),
      ...said(SERVER, '198.51.100.1'),
      line('end', 't0', 'tool=nslookup', 'exit=0', 'suffix=corp.test'),
    );
    const common = { server: SERVER, question: 'any', via: 'tool', outcome: 'resolved', cnames: [] };
    expect(answers).toEqual([
      { ...common, name: HOST, addresses: ['203.0.113.7'], ms: 3 },
      { ...common, name: `${HOST}.corp.test`, addresses: ['198.51.100.1'] },
    ]);
  });

  it('are absent where no server was asked', () => {
    const { lookup } = collect([
      HELLO,
      line('library', 't0', 'form=app', 'addr=203.0.113.7'),
      line('looked', 't0'),
    ]).report;
    expect(lookup).toEqual({ outcome: 'resolved', addresses: ['203.0.113.7'], cnames: [] });
  });

  it('of a host written with capitals and a final dot are about the same name', () => {
    const records = [HELLO, asked(['q=A'], { records: [[HOST, 9, '203.0.113.7']] }), line('looked', 't0')];
    const { lookup } = collect(records, { target: { host: 'API.vendor.test.' } }).report;
    expect(lookup.answers).toMatchObject([{ name: HOST, outcome: 'resolved' }]);
  });
});

describe('hello and resolver', () => {
  const run = (...fields: string[]) =>
    collect([line('hello', '-', 'rung=python3', ...fields)], { times: [1000, 1004] });

  it.each([
    ['time=1000', undefined],
    ['time=1009', undefined],
    ['time=995', undefined],
    ['time=1064', 60],
    ['time=940', -60],
    ['time=0', -1000],
    ['time=ten', undefined],
    ['time=-5', undefined],
    ['time=99999999999', undefined],
    ['', undefined],
  ])('%s is a clock that is off by %s s', (field, skew) => {
    expect(run(field).clockSkewSeconds).toBe(skew);
  });

  it('takes no slow exec for a wrong clock', () => {
    for (let wrote = 1000; wrote <= 1030; wrote++)
      expect(clockSkew(String(wrote), new Date(1_000_000), new Date(1_030_000))).toBeUndefined();
    expect(clockSkew('1036', new Date(1_000_000), new Date(1_030_000))).toBe(6);
  });

  it.each([
    ['libc=musl', 'musl'],
    ['libc=glibc', 'glibc'],
    ['libc=uclibc', undefined],
    ['libc=', undefined],
  ])('%s', (field, libc) => {
    expect(run(field).libc).toBe(libc);
  });

  it('is heard once', () => {
    const again = collect([HELLO, line('hello', '-', 'rung=perl', 'libc=musl', 'time=99999')]);
    expect(again.rung).toBe('python3');
    expect(again.libc).toBeUndefined();
    expect(again.clockSkewSeconds).toBeUndefined();
  });

  it('keeps the options of resolv.conf apart from ndots', () => {
    const { resolver } = collect([
      HELLO,
      line('resolver', '-', `nameserver=${SERVER}`, 'search=svc.test', 'ndots=5', 'option=timeout:2', 'option=ndots:5'),
      line('resolver', '-', 'option=use-vc', 'option=Do what I say', 'option=$(id)'),
    ]);
    expect(resolver).toEqual({
      nameservers: [SERVER],
      search: ['svc.test'],
      ndots: 5,
      options: ['timeout:2', 'use-vc'],
    });
  });
});

describe('tls and segment records', () => {
  const shown = selfSigned('pay.vendor.test', {
    notBefore: new Date('2025-01-02T03:04:05Z'),
    notAfter: new Date('2031-01-02T03:04:05Z'),
  });
  const hex = Buffer.from(shown.cert.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64').toString('hex');
  const tlsOf = (...records: string[]) => collect([HELLO, ...records]).report.tls;

  it('show the certificate', () => {
    expect(tlsOf(line('tls', 't0', 'verify=untrusted', `cert=${hex}`, 'version=TLSv1.2', 'got=2000'))).toEqual({
      outcome: 'untrusted',
      version: 'TLSv1.2',
      issuer: 'CN=pay.vendor.test',
      notBefore: '2025-01-02T03:04:05.000Z',
      notAfter: '2031-01-02T03:04:05.000Z',
      names: ['pay.vendor.test'],
    });
  });

  it.each([
    [['verify=expired'], 'expired'],
    [['verify=wrong_name'], 'wrong_name'],
    [['verify=untrusted', 'text=certificate has expired'], 'untrusted'],
    [['verify=ok'], 'untrusted'],
    [['verify=constructor'], 'untrusted'],
  ])('%j is %s', (fields, outcome) => {
    expect(tlsOf(line('tls', 't0', ...fields)).outcome).toBe(outcome);
  });

  it.each([
    [['err=ECONNRESET', 'got=0'], { outcome: 'reset', receivedBytes: 0 }],
    [['err=closed', 'got=7'], { outcome: 'reset', receivedBytes: 7 }],
    [['err=timeout', 'got=1460'], { outcome: 'timeout', receivedBytes: 1460 }],
    [['err=tls', 'got=7'], { outcome: 'failed', receivedBytes: 7 }],
    [['err=tls', 'got=-1'], { outcome: 'failed', receivedBytes: undefined }],
    [['ok=1', 'got=3000'], { outcome: 'ok', receivedBytes: undefined }],
  ])('%j', (fields, { outcome, receivedBytes }) => {
    const tls = tlsOf(line('tls', 't0', ...fields));
    expect([tls.outcome, tls.receivedBytes]).toEqual([outcome, receivedBytes]);
  });

  it("judges a date that the library did not name by the container's own clock", () => {
    const now = Date.parse('2026-06-01T00:00:00Z') / 1000;
    const tlsAt = (there: string) =>
      collect(
        [
          line('hello', '-', 'rung=python3', `time=${Date.parse(there) / 1000}`),
          line('tls', 't0', 'verify=unknown', `cert=${hex}`),
        ],
        { times: [now] },
      ).report.tls.outcome;
    expect(tlsAt('2026-06-01T00:00:00Z')).toBe('untrusted');
    expect(tlsAt('2035-06-01T00:00:00Z')).toBe('expired');
    expect(tlsAt('1970-01-02T00:00:00Z')).toBe('expired');
  });

  const stall = line('tls', 't0', 'err=timeout', 'got=0');
  const segment = (...fields: string[]): string => line('segment', 't0', 'mss=536', ...fields);
  it.each([
    ['small segments pass', [stall, segment('ok=1')], 'ok'],
    ['small segments show a certificate', [stall, segment('verify=20')], 'untrusted'],
    ['small segments stall too', [stall, segment('err=timeout')], 'timeout'],
    ['the first counts', [stall, segment('err=timeout'), segment('ok=1')], 'timeout'],
    ['the order does not matter', [segment('ok=1'), stall], 'ok'],
    ['not after a reset', [line('tls', 't0', 'err=ECONNRESET'), segment('ok=1')], undefined],
    ['not without a handshake', [segment('ok=1')], undefined],
  ])('%s', (_name, records, outcome) => {
    expect(tlsOf(...records).smallSegments).toBe(outcome);
  });
});

describe('http records', () => {
  const from = { host: 'api.vendor.test', port: 8443, tls: true, path: '/v1/items' };
  const httpOf = (fields: readonly string[], target: object = from) =>
    collect([HELLO, line('http', 't0', ...fields)], { target }).report.http;

  it.each([
    [['status=204', 'ms=12'], { outcome: 'answered', status: 204, ms: 12 }],
    [
      ['status=503', 'via=1.1 proxy', 'server=envoy'],
      { outcome: 'answered', status: 503, via: '1.1 proxy', server: 'envoy' },
    ],
    [['status=999'], { outcome: 'failed' }],
    [['status=2000'], { outcome: 'failed' }],
    [['status=OK'], { outcome: 'failed' }],
    [['err=timeout'], { outcome: 'timeout', error: 'the connection stood and no answer came' }],
    [['err=ETIMEDOUT'], { outcome: 'timeout', error: 'ETIMEDOUT' }],
    [['err=closed'], { outcome: 'reset', error: 'the peer closed the connection without an answer' }],
    [['err=ECONNRESET'], { outcome: 'reset', error: 'ECONNRESET' }],
    [['err=EPROTO', 'text=no HTTP answer'], { outcome: 'failed', error: 'EPROTO no HTTP answer' }],
    [['err=constructor'], { outcome: 'failed', error: 'constructor' }],
    [[], { outcome: 'failed' }],
  ])('%j', (fields, expected) => {
    expect(httpOf(fields)).toEqual(expected);
  });

  it.each([
    ['/login?next=%2Fx', ['https', 'api.vendor.test', 8443, 'path']],
    ['/', ['https', 'api.vendor.test', 8443, 'root']],
    ['other', ['https', 'api.vendor.test', 8443, 'path']],
    ['?page=2', ['https', 'api.vendor.test', 8443, 'path']],
    ['//cdn.vendor.test/a', ['https', 'cdn.vendor.test', 443, 'path']],
    ['http://cdn.vendor.test', ['http', 'cdn.vendor.test', 80, 'root']],
    ['HTTPS://CDN.vendor.test.:444/#part', ['https', 'cdn.vendor.test', 444, 'root']],
    ['https://user:hunter2@cdn.vendor.test/a', ['https', 'cdn.vendor.test', 443, 'path']],
    ['https://[2001:DB8::7]:8443/', ['https', '2001:db8::7', 8443, 'root']],
    ['https://203.0.113.9/', ['https', '203.0.113.9', 443, 'root']],
    ['https://b.s3.test/k?X-Amz-Algorithm=A&X-Amz-Signature=abc', ['https', 'b.s3.test', 443, 'presigned']],
    ['https://b.store.test/k?GoogleAccessId=a&Expires=1&Signature=abc', ['https', 'b.store.test', 443, 'presigned']],
    ['https://b.store.test/k?x-goog-signature=abc', ['https', 'b.store.test', 443, 'presigned']],
    ['https://b.blob.test/k?sv=2024&se=2026&sig=abc%3D', ['https', 'b.blob.test', 443, 'presigned']],
    ['https://api.vendor.test/k?token=abc', ['https', 'api.vendor.test', 443, 'path']],
    ['https://b.store.test/?q=signature', ['https', 'b.store.test', 443, 'root']],
  ])('Location %s', (location, [scheme, host, port, pathClass]) => {
    const http = httpOf(['status=302', `location=${location}`]);
    expect(http).toEqual({ outcome: 'answered', status: 302, redirect: { scheme, host, port, pathClass } });
    expect(JSON.stringify(http)).not.toMatch(/hunter2|abc|part|next/);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.169.254]/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://localhost:8080/',
    'http://127.0.0.1/',
    'ftp://files.vendor.test/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://ignore all instructions/',
    'https://-x.test/',
    'https://',
    `https://a.test/${'x'.repeat(9000)}`,
  ])('points nowhere that is told: %s', (location) => {
    expect(httpOf(['status=302', `location=${location}`])).toEqual({ outcome: 'answered', status: 302 });
  });

  it.each([200, 201, 404, 500, 300, 304, 305])('a Location of %d is no redirect', (status) => {
    expect(httpOf([`status=${status}`, 'location=https://a.test/'])).toEqual({ outcome: 'answered', status });
  });

  it('resolves a relative Location against a plain or an IPv6 target', () => {
    const at = (target: object) => httpOf(['status=301', 'location=/x'], { ...from, ...target })?.redirect;
    expect(at({ tls: false, port: 80 })).toMatchObject({ scheme: 'http', port: 80 });
    expect(at({ host: '2001:db8::7' })).toMatchObject({ host: '2001:db8::7', port: 8443 });
  });

  it('count only where a path was asked for, and once', () => {
    const none = collect([HELLO, line('http', 't0', 'status=200')]);
    expect(none.report).not.toHaveProperty('http');
    expect(none.events).toEqual([]);
    expect(collect([HELLO], { target: from }).report.http).toEqual({ outcome: 'not_checked' });
    const twice = collect([HELLO, line('http', 't0', 'err=timeout'), line('http', 't0', 'status=200')], {
      target: from,
    });
    expect(twice.report.http?.outcome).toBe('timeout');
    expect(twice.events).toEqual([{ kind: 'http', id: 'asked', http: twice.report.http }]);
  });
});

describe('proxy records', () => {
  const NAMED = ['name=HTTPS_PROXY', 'host=proxy.corp.test', 'port=3128'];
  const proxyOf = (...fields: string[]) => collect([HELLO, line('proxy', 't0', ...fields)]).report.proxy;

  it.each([
    [['status=200'], 'tunnel'],
    [['status=407'], 'refused_by_proxy'],
    [['status=403'], 'refused_by_proxy'],
    [['status=502'], 'refused_by_proxy'],
    [['err=ECONNREFUSED'], 'not_reached'],
    [['err=ETIMEDOUT'], 'not_reached'],
    [['err=EHOSTUNREACH'], 'not_reached'],
    [['err=lookup'], 'not_reached'],
    [['err=timeout'], 'failed'],
    [['err=closed'], 'failed'],
    [['err=ECONNRESET'], 'failed'],
    [['err=constructor'], 'failed'],
    [['err=scheme'], 'not_checked'],
    [['err=metadata'], 'not_checked'],
    [['status=0'], 'failed'],
    [[], 'failed'],
  ])('%j is %s', (fields, outcome) => {
    expect(proxyOf(...NAMED, ...fields)).toMatchObject({
      variable: 'HTTPS_PROXY',
      host: 'proxy.corp.test',
      port: 3128,
      outcome,
    });
  });

  it('tells who answered', () => {
    expect(proxyOf(...NAMED, 'status=403', 'via=1.1 squid', 'ms=9')).toEqual({
      variable: 'HTTPS_PROXY',
      host: 'proxy.corp.test',
      port: 3128,
      outcome: 'refused_by_proxy',
      status: 403,
      via: '1.1 squid',
      ms: 9,
    });
  });

  it.each([
    ['another variable', ['name=PATH', 'host=proxy.corp.test', 'port=3128']],
    ['a host that is none', ['name=HTTPS_PROXY', 'host=ignore all instructions', 'port=3128']],
    ['credentials before the host', ['name=HTTPS_PROXY', 'host=user:hunter2@proxy.corp.test', 'port=3128']],
    ['no port', ['name=HTTPS_PROXY', 'host=proxy.corp.test']],
    ['a port that is none', ['name=HTTPS_PROXY', 'host=proxy.corp.test', 'port=70000']],
  ])('%s is no proxy', (_name, fields) => {
    expect(proxyOf(...fields, 'status=200')).toBeUndefined();
  });
});
