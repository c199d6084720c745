import { describe, expect, it } from 'vitest';
import type { LookupOutcome } from '../../../src/core/model/probe.ts';
import { connectReport } from '../../../src/probes/connect-outcome.ts';
import { type LookupFacts, lookupReport, serverOutcome } from '../../../src/probes/lookup-report.ts';
import { parseNslookup } from '../../../src/probes/nslookup-output.ts';
import { parseOpenssl } from '../../../src/probes/openssl-output.ts';
import { parseRecord } from '../../../src/probes/record.ts';
import { tlsReport } from '../../../src/probes/tls-report.ts';
import { selfSigned } from '../support/self-signed.ts';

const record = (...fields: string[]) => {
  const parsed = parseRecord(['N', 'connect', 't0', ...fields].join('\t'), 'N');
  if (parsed === undefined) throw new Error('no record');
  return parsed;
};

describe('connectReport', () => {
  it.each([
    [['ok=1'], 'connected'],
    [['err=ETIMEDOUT'], 'timeout'],
    [['err=ECONNREFUSED'], 'refused'],
    [['err=ECONNRESET'], 'reset'],
    [['err=EHOSTUNREACH'], 'unreachable'],
    [['err=ENETUNREACH'], 'unreachable'],
    [['err=EPERM'], 'not_permitted'],
    [['err=EACCES'], 'not_permitted'],
    [['err=EADDRNOTAVAIL'], 'failed'],
    [['err=constructor'], 'failed'],
    [['err=metadata'], 'not_checked'],
    [[], 'failed'],
    [['exit=0', 'tool=exec'], 'connected'],
    [['exit=1', 'text=_: connect: Connection refused'], 'refused'],
    [['exit=1', 'text=bash: connect: No route to host'], 'unreachable'],
    [['exit=1', 'text=bash: connect: Network is unreachable'], 'unreachable'],
    [['exit=1', 'text=bash: connect: Operation not permitted'], 'not_permitted'],
    [['exit=1', 'text=bash: connect: Connection timed out'], 'timeout'],
    [['exit=124'], 'timeout'],
    [['exit=143', 'tool=exec'], 'timeout'],
    [['exit=1', 'tool=exec', "text=nc: can't connect to remote host (10.0.0.1): Connection refused"], 'refused'],
    [['exit=1', 'tool=exec', 'text=nc: timed out'], 'timeout'],
    [['exit=1', 'tool=scan', 'text=nc: connect to 10.0.0.1 port 81 (tcp) failed: Connection refused'], 'refused'],
    [['exit=1', 'tool=scan', 'text=(UNKNOWN) [10.0.0.1] 81 (?) : Connection timed out'], 'timeout'],
    [['exit=1', 'tool=scan'], 'failed'],
    [['exit=143', 'tool=plain'], 'not_checked'],
  ])('reads %j as %s', (fields, outcome) => {
    expect(connectReport(record(...fields), '10.0.0.1').outcome).toBe(outcome);
  });
});

describe('lookupReport', () => {
  const HOST = 'api.vendor.test';
  const app = (error?: string, addresses: string[] = []) => ({
    form: 'app' as const,
    addresses,
    ...(error === undefined ? {} : { error }),
  });
  const server = (outcome: LookupOutcome, question: 'A' | 'AAAA' = 'A', name = HOST) => ({
    server: '10.96.0.10',
    name,
    question,
    via: 'udp' as const,
    outcome,
    cnames: [],
    addresses: outcome === 'resolved' ? ['203.0.113.1'] : [],
  });
  const suffixed = (outcome: Parameters<typeof server>[0]) => server(outcome, 'A', `${HOST}.corp.test`);
  const overTcp = (answer: ReturnType<typeof server>) => ({ ...answer, via: 'tcp' as const });
  const none: LookupFacts['server'] = [];

  it.each([
    ['the library resolved', [app(undefined, ['203.0.113.1'])], none, 'resolved'],
    [
      'the library resolved though the server refused the absolute name',
      [app(undefined, ['203.0.113.1'])],
      [server('refused')],
      'resolved',
    ],
    ['REFUSED', [app('EAI_AGAIN Temporary failure')], [server('refused')], 'refused'],
    ['SERVFAIL', [app('EAI_AGAIN')], [server('servfail')], 'servfail'],
    ['NXDOMAIN', [app('EAI_NONAME')], [server('nxdomain'), server('nxdomain', 'AAAA')], 'nxdomain'],
    ['NODATA', [app('EAI_NODATA')], [server('nodata'), server('nodata', 'AAAA')], 'nodata'],
    ['A has no data, AAAA no answer', [app('EAI_AGAIN')], [server('nodata'), server('timeout', 'AAAA')], 'timeout'],
    ['silence', [app('EAI_AGAIN')], [server('timeout'), server('timeout', 'AAAA')], 'timeout'],
    ['silence that outlasted the library', [], [server('timeout')], 'timeout'],
    ['a name that nobody looked up', [], none, 'not_checked'],
    ['the search list failed, the name itself resolves', [app('EAI_AGAIN')], [server('resolved')], 'failed'],
    ['the library hangs, the name itself resolves', [], [server('resolved')], 'timeout'],
    ['"no such name" beside a silent server', [app('EAI_NONAME')], [server('timeout')], 'failed'],
    ['only getent failed', [app('getent_2')], none, 'failed'],
    ['only the library says there is no data', [app('EAI_NODATA')], none, 'nodata'],
    ['the second server answered', [app('EAI_NONAME')], [server('timeout'), server('nxdomain')], 'nxdomain'],
    [
      'the first server refuses, the second knows',
      [app('EAI_NONAME')],
      [server('refused'), server('nxdomain')],
      'nxdomain',
    ],
    [
      'the first server fails, the second resolves',
      [app('EAI_AGAIN')],
      [server('servfail'), server('resolved')],
      'failed',
    ],
    [
      'the first server is dead, the second resolves',
      [app('EAI_AGAIN')],
      [server('timeout'), overTcp(server('timeout')), server('resolved')],
      'failed',
    ],
    ['both servers fail', [app('EAI_AGAIN')], [server('timeout'), server('servfail')], 'servfail'],
    ['A is answered and AAAA is not', [app('EAI_AGAIN')], [server('resolved'), server('timeout', 'AAAA')], 'timeout'],
    ['UDP is silent and TCP answers', [app('EAI_AGAIN')], [server('timeout'), overTcp(server('resolved'))], 'timeout'],
    [
      'a search domain is refused and the name itself exists',
      [app('EAI_AGAIN')],
      [server('resolved'), suffixed('refused')],
      'failed',
    ],
    [
      'a search domain is silent and the name itself exists',
      [app('EAI_AGAIN')],
      [server('resolved'), suffixed('timeout')],
      'timeout',
    ],
    [
      'a short name: its search domain is refused',
      [app('EAI_AGAIN')],
      [server('nxdomain'), suffixed('refused')],
      'refused',
    ],
    [
      'a short name: its search domain fails',
      [app('EAI_AGAIN')],
      [server('nxdomain'), suffixed('servfail')],
      'servfail',
    ],
    ['a short name: its search domain is silent', [], [server('nxdomain'), suffixed('timeout')], 'timeout'],
    ['a short name: musl stops at REFUSED', [app('EAI_FAIL')], [server('nxdomain'), suffixed('refused')], 'refused'],
    ['no such name under any domain', [app('EAI_NONAME')], [server('nxdomain'), suffixed('nxdomain')], 'nxdomain'],
    [
      'no such name, whatever a search domain failed at',
      [app('EAI_NONAME')],
      [server('nxdomain'), suffixed('servfail')],
      'nxdomain',
    ],
    [
      'a short name that exists: the library failed',
      [app('EAI_AGAIN')],
      [server('nxdomain'), suffixed('resolved')],
      'failed',
    ],
    [
      'a short name that exists: AAAA is silent',
      [app('EAI_AGAIN')],
      [server('nxdomain'), server('timeout', 'AAAA'), suffixed('resolved')],
      'timeout',
    ],
    ['only a search domain was asked', [app('EAI_AGAIN')], [suffixed('refused')], 'failed'],
    ['the raw question was not put', [app('EAI_AGAIN')], [server('not_checked')], 'failed'],
  ])('%s', (_name, library, answers, outcome) => {
    const report = lookupReport({ host: HOST, library, server: answers });
    expect(report.outcome).toBe(outcome);
    // The addresses are those the application gets, never the control's.
    expect(report.addresses).toEqual(library[0]?.addresses ?? []);
    expect(report.error === undefined).toBe(outcome === 'resolved' || outcome === 'not_checked');
  });

  it('keeps the control apart, and only beside a failure', () => {
    const absolute = { form: 'absolute' as const, addresses: ['203.0.113.1'] };
    const without = { ...absolute, addresses: [], error: 'EAI_NONAME not known' };
    const report = (...library: LookupFacts['library']) => lookupReport({ host: HOST, library, server: [] });
    expect(report(app('EAI_AGAIN'), absolute).absolute).toEqual({ addresses: ['203.0.113.1'] });
    expect(report(app('EAI_AGAIN'), without).absolute).toEqual({ addresses: [], error: 'EAI_NONAME not known' });
    expect(report(app('EAI_AGAIN')).absolute).toBeUndefined();
    expect(report(app(undefined, ['203.0.113.2']), absolute).absolute).toBeUndefined();
  });

  it('shows which name the application got its address by, and the CNAMEs on that way', () => {
    const own = { ...server('resolved'), cnames: ['edge.vendor.test', 'pop.vendor.test'] };
    const taken = { ...suffixed('resolved'), addresses: ['198.51.100.9'], cnames: ['wild.corp.test'] };
    const by = (address: string, ...answers: LookupFacts['server']) =>
      lookupReport({ host: HOST, library: [app(undefined, [address])], server: answers });
    const captured = by('198.51.100.9', own, taken);
    expect(captured).toMatchObject({ outcome: 'resolved', addresses: ['198.51.100.9'], cnames: ['wild.corp.test'] });
    expect(captured.answers?.map(({ name, addresses }) => [name, ...addresses])).toEqual([
      [HOST, '203.0.113.1'],
      [`${HOST}.corp.test`, '198.51.100.9'],
    ]);
    expect(by('203.0.113.1', own, taken).cnames).toEqual(own.cnames);
    // Another of many addresses: the name is answered anew each time.
    expect(by('203.0.113.77', own, taken).cnames).toEqual(own.cnames);
    expect(by('198.51.100.77', server('nxdomain'), taken).cnames).toEqual(taken.cnames);
  });

  it("tells the server's own trouble, by its errno alone", () => {
    const refused = { ...server('failed'), error: 'ECONNREFUSED' };
    expect(lookupReport({ host: HOST, library: [app('EAI_AGAIN')], server: [refused] })).toMatchObject({
      outcome: 'failed',
      error: 'C library: EAI_AGAIN; name server: ECONNREFUSED',
      answers: [server('failed')],
    });
  });

  it('says that the name with a final dot resolves', () => {
    const absolute = { form: 'absolute' as const, addresses: ['203.0.113.1'] };
    expect(lookupReport({ host: HOST, library: [app('EAI_AGAIN'), absolute], server: [] }).error).toMatch(
      /with a final dot the name resolves to 203\.0\.113\.1/,
    );
  });

  it('ranks what servers say', () => {
    expect(serverOutcome([])).toBeUndefined();
    expect(serverOutcome([server('failed'), server('timeout')])).toBe('timeout');
    expect(serverOutcome([server('nxdomain'), server('refused', 'AAAA')])).toBe('refused');
  });
});

/** Outputs recorded from the tools themselves: busybox 1.35 (Debian), and older builds and BIND's as their sources print them. */
describe('parseNslookup', () => {
  const head = ['Server:\t\t10.96.0.10', 'Address:\t10.96.0.10:53', ''];
  it.each([
    [
      'busybox 1.35, a CNAME',
      [
        ...head,
        'Non-authoritative answer:',
        'files.test\tcanonical name = blob.store.test',
        'Name:\tblob.store.test',
        'Address: 203.0.113.9',
        '',
        'Non-authoritative answer:',
        'files.test\tcanonical name = blob.store.test',
        'Name:\tblob.store.test',
        'Address: 2001:db8::1',
      ],
      { outcome: 'resolved', addresses: ['203.0.113.9', '2001:db8::1'], cnames: ['blob.store.test'] },
    ],
    [
      'busybox 1.35, no data',
      [...head, 'Non-authoritative answer:', '', 'Non-authoritative answer:'],
      { outcome: 'nodata', addresses: [] },
    ],
    ['busybox 1.35, no data, said with authority', [...head, '', ''], { outcome: 'nodata', addresses: [] }],
    ['nothing at all', [], { outcome: 'failed', addresses: [] }],
    ['busybox 1.35, REFUSED', [...head, "** server can't find denied.test: REFUSED"], { outcome: 'refused' }],
    ['busybox 1.35, SERVFAIL', [...head, "** server can't find broken.test: SERVFAIL"], { outcome: 'servfail' }],
    ['busybox 1.35, NXDOMAIN', [...head, "** server can't find nosuch.test: NXDOMAIN"], { outcome: 'nxdomain' }],
    [
      'busybox 1.35, one of two refused',
      [...head, "** server can't find a.test: NXDOMAIN", "** server can't find a.test: REFUSED"],
      { outcome: 'refused' },
    ],
    ['busybox 1.35, silence', [';; connection timed out; no servers could be reached'], { outcome: 'timeout' }],
    [
      'busybox 1.35, port closed',
      ["nslookup: write to '127.0.0.1': Connection refused", ';; connection timed out; no servers could be reached'],
      { outcome: 'failed' },
    ],
    [
      'busybox 1.28 and older',
      [
        'Server:    10.96.0.10',
        'Address 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local',
        '',
        'Name:      api.vendor.test',
        'Address 1: 203.0.113.9 edge.vendor.test',
        'Address 2: 2001:db8::1',
      ],
      { outcome: 'resolved', addresses: ['203.0.113.9', '2001:db8::1'], cnames: [] },
    ],
    [
      'busybox 1.28, failed',
      ['Server:    10.96.0.10', 'Address 1: 10.96.0.10', '', "nslookup: can't resolve 'nosuch.test'"],
      { outcome: 'failed', addresses: [] },
    ],
    [
      'BIND, a CNAME',
      [
        'Server:\t\t10.96.0.10',
        'Address:\t10.96.0.10#53',
        '',
        'Non-authoritative answer:',
        'files.test\tcanonical name = blob.store.test.',
        'Name:\tblob.store.test',
        'Address: 203.0.113.9',
      ],
      { outcome: 'resolved', addresses: ['203.0.113.9'], cnames: ['blob.store.test'] },
    ],
    ['BIND, no data', [...head, "*** Can't find empty.test: No answer"], { outcome: 'nodata' }],
    ['nothing', [], { outcome: 'failed' }],
  ])('%s', (_name, lines, expected) => {
    expect(parseNslookup(lines, false)).toMatchObject(expected);
  });

  it('takes a tool that was cut off for silence', () => {
    expect(parseNslookup([], true).outcome).toBe('timeout');
  });
});

describe('TLS', () => {
  const now = new Date();
  const der = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64').toString('hex');
  const old = selfSigned('old.test', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });

  it.each([
    [['ok=1', 'version=TLSv1.3'], { outcome: 'ok', version: 'TLSv1.3' }],
    [['verify=10', 'text=certificate has expired'], { outcome: 'expired' }],
    [['verify=9'], { outcome: 'expired' }],
    [['verify=62'], { outcome: 'wrong_name' }],
    [['verify=64'], { outcome: 'wrong_name' }],
    [['verify=20'], { outcome: 'untrusted' }],
    [['verify=unknown', "text=hostname 'a' doesn't match 'b'"], { outcome: 'wrong_name' }],
    [['verify=unknown', `cert=${der(old.cert)}`], { outcome: 'expired', issuer: 'CN=old.test' }],
    [['verify=unknown', 'text=certificate verify failed'], { outcome: 'untrusted' }],
    [['err=ECONNRESET'], { outcome: 'reset' }],
    [['err=closed'], { outcome: 'reset' }],
    [['err=timeout'], { outcome: 'timeout' }],
    [['err=tls', 'text=TLSV1_ALERT_PROTOCOL_VERSION'], { outcome: 'failed', error: 'TLSV1_ALERT_PROTOCOL_VERSION' }],
    [['verify=20', 'cert=zz', 'version=\u001b[31m'], { outcome: 'untrusted' }],
  ])('reads %j', (fields, expected) => {
    expect(tlsReport(record(...fields), now)).toMatchObject(expected);
  });

  it.each([
    [['write:errno=104', 'Verify return code: 0 (ok)'], 1, 'reset'],
    [['error:0A000126:SSL routines::unexpected eof while reading'], 1, 'reset'],
    [['error:0A00010B:SSL routines:ssl3_get_record:wrong version number'], 1, 'failed'],
    [['SSL_connect:SSLv3/TLS write client hello'], 124, 'timeout'],
    [['s_client: Option unknown'], 1, 'not_checked'],
    [
      [
        ...old.cert.trim().split('\n'),
        'New, TLSv1.3, Cipher is X',
        '    Verify return code: 10 (certificate has expired)',
      ],
      0,
      'expired',
    ],
    [[...old.cert.trim().split('\n'), 'Verify return code: 0 (ok)'], 0, 'ok'],
  ])('reads what openssl prints: %j', (lines, exit, outcome) => {
    expect(parseOpenssl(lines, exit, 5).outcome).toBe(outcome);
  });
});
