import { describe, expect, it } from 'vitest';
import { connectReport } from '../../../src/probes/connect-outcome.ts';
import { parseCurl } from '../../../src/probes/curl-output.ts';
import { parseDig } from '../../../src/probes/dig-output.ts';
import { parseHost } from '../../../src/probes/host-output.ts';
import { parseNslookup } from '../../../src/probes/nslookup-output.ts';
import { parseOpenssl } from '../../../src/probes/openssl-output.ts';
import { parseRecord } from '../../../src/probes/record.ts';
import { selfSigned } from '../support/self-signed.ts';

/**
 * What tools print. Recorded from the tools themselves, with names of ours: curl 7.88 (Debian 12), libcurl 8.23 (its verbose
 * lines, through pycurl), dig and host 9.18 (Debian 12), toybox 0.8.9, nc of OpenBSD 1.219 and of the 1990s 1.10, ncat 7.93,
 * OpenSSL 3.0. Lines of other TLS libraries are curl's as its sources have them (lib/vtls).
 */
const shown = selfSigned('good.test');
const pem = shown.cert.trim().split('\n');

const START_788 = [
  '* Connected to good.test (127.0.0.1) port 8443 (#0)',
  '* ALPN: offers h2,http/1.1',
  '* TLSv1.3 (OUT), TLS handshake, Client hello (1):',
];
const ANSWERED_788 = ['{ [5 bytes data]', '{ [122 bytes data]'];
const START_823 = ['* ALPN: curl offers h2,http/1.1', '* TLSv1.3 (OUT), TLS handshake, Client hello (1):'];
const USED = '* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384';

describe('what curl says of a handshake', () => {
  it.each([
    ['7.88, ok', 90, [...START_788, ...ANSWERED_788, USED], 'ok'],
    ['8.23, ok', 90, [...START_823, ...ANSWERED_788, `${USED} / x25519 / id-ecPublicKey`], 'ok'],
    [
      '7.88, another name',
      60,
      [
        ...START_788,
        USED,
        "curl: (60) SSL: no alternative certificate subject name matches target host name 'a.test'",
        '=1',
      ],
      'wrong_name',
    ],
    [
      '8.23, another name',
      60,
      [
        ...START_823,
        USED,
        "curl: (60) SSL: no alternative certificate subject name matches target hostname 'a.test'",
        '=1',
      ],
      'wrong_name',
    ],
    [
      'GnuTLS, another name',
      51,
      [...START_788, "curl: (51) SSL: certificate subject name (b.test) does not match target host name 'a.test'"],
      'wrong_name',
    ],
    [
      '7.88, self-signed',
      60,
      [...START_788, 'curl: (60) SSL certificate problem: self-signed certificate', '=18'],
      'untrusted',
    ],
    [
      '8.23, self-signed',
      60,
      [...START_823, 'curl: (60) SSL certificate OpenSSL verify result: self-signed certificate (18)', '=1'],
      'untrusted',
    ],
    [
      '7.88, expired',
      60,
      [...START_788, 'curl: (60) SSL certificate problem: certificate has expired', '=10'],
      'expired',
    ],
    ['the code alone, expired', 60, [...START_788, 'curl: (60) SSL certificate problem: abgelaufen', '=10'], 'expired'],
    ['mbedTLS, expired', 60, [...START_788, 'curl: (60) Cert verify failed: BADCERT_EXPIRED'], 'expired'],
    [
      'GnuTLS, unknown issuer',
      60,
      [...START_788, 'curl: (60) server certificate verification failed. CAfile: none CRLfile: none'],
      'untrusted',
    ],
    ['7.88, silence', 28, [...START_788, 'curl: (28) Connection timed out after 2000 milliseconds'], 'timeout'],
    ['8.23, silence', 28, [...START_823, 'curl: (28) Connection timed out after 2001 milliseconds'], 'timeout'],
    ['7.88, reset', 35, [...START_788, 'curl: (35) Recv failure: Connection reset by peer'], 'reset'],
    ['8.23, reset', 35, [...START_823, 'curl: (35) Recv failure: Connection reset by peer'], 'reset'],
    [
      '7.88, closed',
      35,
      [...START_788, 'curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to good.test:8443'],
      'reset',
    ],
    [
      'no TLS on the other side',
      35,
      [...START_788, 'curl: (35) error:0A00010B:SSL routines::wrong version number'],
      'failed',
    ],
    [
      'never connected',
      7,
      ["curl: (7) Failed to connect to good.test port 8443 after 0 ms: Couldn't connect to server"],
      'not_checked',
    ],
    ['no connection in time', 28, ['curl: (28) Connection timed out after 2000 milliseconds'], 'not_checked'],
    ['an option that is not there', 2, ['curl: option --pinnedpubkey: is unknown'], 'not_checked'],
  ])('%s', (_name, exit, lines, outcome) => {
    expect(parseCurl(lines, exit, 5)).toMatchObject({ outcome, ms: 5 });
  });

  it('has the certificate, where it shows one', () => {
    const report = parseCurl([...START_788, USED, ...pem], 90, 5);
    expect(report).toMatchObject({ version: 'TLSv1.3', issuer: 'CN=good.test', names: ['good.test'] });
    expect(report.receivedBytes).toBeUndefined();
  });

  it.each([
    ['7.61', '*  '],
    ['8.23', '*   '],
  ])('has what is told of the certificate, %s', (_version, indent) => {
    const told = [
      `${indent}start date: Nov  6 14:36:09 2026 GMT`,
      `${indent}expire date: Dec 26 14:36:09 2026 GMT`,
      `${indent}issuer: C=XX; O=Example; CN=Example CA`,
    ];
    expect(parseCurl([...START_788, USED, ...told], 90, 5)).toMatchObject({
      issuer: 'C=XX; O=Example; CN=Example CA',
      notBefore: '2026-11-06T14:36:09.000Z',
      notAfter: '2026-12-26T14:36:09.000Z',
    });
  });

  it('counts what came back before it broke', () => {
    expect(parseCurl([...START_788, 'curl: (28) Connection timed out'], 28, 5).receivedBytes).toBe(0);
    expect(parseCurl([...START_788, ...ANSWERED_788, 'curl: (28) timed out'], 28, 5).receivedBytes).toBe(127);
  });
});

describe('what openssl says of a broken handshake', () => {
  const SENT = 'SSL_connect:SSLv3/TLS write client hello';
  it.each([
    [
      'it counts at its end',
      ['write:errno=104', 'SSL handshake has read 7 bytes and written 300 bytes'],
      1,
      'reset',
      7,
    ],
    ['cut off before anything came', [SENT], 137, 'timeout', 0],
    ['cut off after something came', [SENT, 'SSL_connect:SSLv3/TLS read server hello'], 137, 'timeout', undefined],
    ['cut off, 1.0.2', ['SSL_connect:SSLv2/v3 write client hello A'], 137, 'timeout', 0],
    ['cut off before it began', [], 137, 'not_checked', undefined],
  ])('%s', (_name, lines, exit, outcome, received) => {
    const report = parseOpenssl(lines, exit, 5);
    expect([report.outcome, report.receivedBytes]).toEqual([outcome, received]);
  });

  it('does not take the "ok" of nothing for a reason', () => {
    const lines = ['write:errno=104', 'Verify return code: 0 (ok)'];
    expect(parseOpenssl(lines, 1, 5)).toMatchObject({ outcome: 'reset', error: 'write:errno=104' });
  });
});

const dig = (question: 'A' | 'AAAA', status: string, records: readonly string[] = [], server = '10.96.0.10') => [
  ';; Got answer:',
  `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 46059`,
  `;; flags: qr rd ra; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 0`,
  ';; QUESTION SECTION:',
  `;files.test.\t\t\tIN\t${question}`,
  ';; ANSWER SECTION:',
  ...records,
  ';; Query time: 4 msec',
  `;; SERVER: ${server}#53(${server}) (UDP)`,
];

describe('what dig says', () => {
  it('is one answer for each question, with the shortest time to live', () => {
    const a = ['files.test.\t\t300\tIN\tCNAME\tblob.store.test.', 'blob.store.test.\t20\tIN\tA\t203.0.113.9'];
    const aaaa = ['files.test.\t\t300\tIN\tCNAME\tblob.store.test.', 'blob.store.test.\t60\tIN\tAAAA\t2001:db8::1'];
    const common = { server: '10.96.0.10', outcome: 'resolved', cnames: ['blob.store.test'] };
    expect(parseDig([...dig('A', 'NOERROR', a), ...dig('AAAA', 'NOERROR', aaaa)], false)).toEqual([
      { ...common, question: 'A', addresses: ['203.0.113.9'], ttlSeconds: 20 },
      { ...common, question: 'AAAA', addresses: ['2001:db8::1'], ttlSeconds: 60 },
    ]);
  });

  it.each([
    ['NXDOMAIN', 'nxdomain'],
    ['SERVFAIL', 'servfail'],
    ['REFUSED', 'refused'],
    ['NOERROR', 'nodata'],
    ['NOTIMP', 'failed'],
    ['CONSTRUCTOR', 'failed'],
  ])('%s is %s', (status, outcome) => {
    const said = parseDig([...dig('A', status), ...dig('AAAA', status)], false);
    expect(said.map((answer) => [answer.question, answer.outcome, answer.addresses])).toEqual([
      ['A', outcome, []],
      ['AAAA', outcome, []],
    ]);
  });

  it('is silence for the question that has no answer', () => {
    const silent = [';; communications error to 10.96.0.10#53: timed out', ';; no servers could be reached'];
    expect(parseDig([...dig('A', 'NOERROR', ['files.test. 9 IN A 203.0.113.9']), ...silent], false)).toMatchObject([
      { question: 'A', outcome: 'resolved' },
      { question: 'AAAA', outcome: 'timeout', error: silent[0] },
    ]);
    expect(parseDig(silent, false).map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
    expect(parseDig([], true).map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
  });

  it('is a failure, not silence, where dig itself fails', () => {
    expect(parseDig(['dig: parse of /etc/resolv.conf failed'], false)).toEqual([
      { outcome: 'failed', cnames: [], addresses: [], error: 'dig: parse of /etc/resolv.conf failed' },
    ]);
  });

  it('takes no name or address that is none', () => {
    const records = ['a. 1 IN A 999.1.1.1', 'a. 1 IN CNAME ignore$previous.', 'a. 1 IN A 203.0.113.1;x'];
    expect(parseDig(dig('A', 'NOERROR', records), false)[0]).toMatchObject({
      outcome: 'nodata',
      cnames: [],
      addresses: [],
    });
  });
});

describe('what host says', () => {
  it.each([
    [
      'BIND, a CNAME',
      [
        'files.test is an alias for blob.store.test.',
        'blob.store.test has address 203.0.113.9',
        'blob.store.test has IPv6 address 2001:db8::1',
      ],
      { outcome: 'resolved', addresses: ['203.0.113.9', '2001:db8::1'], cnames: ['blob.store.test'] },
    ],
    [
      'toybox, a CNAME',
      ['files.test is a nickname for blob.store.test', 'blob.store.test has address 203.0.113.9'],
      { outcome: 'resolved', addresses: ['203.0.113.9'], cnames: ['blob.store.test'] },
    ],
    ['BIND, REFUSED', ['Host denied.test not found: 5(REFUSED)'], { outcome: 'refused' }],
    ['BIND, SERVFAIL', ['Host broken.test not found: 2(SERVFAIL)'], { outcome: 'servfail' }],
    ['BIND, NXDOMAIN', ['Host nosuch.test. not found: 3(NXDOMAIN)'], { outcome: 'nxdomain' }],
    ['BIND, silence', [';; connection timed out; no servers could be reached'], { outcome: 'timeout' }],
    ['BIND, no data', [], { outcome: 'nodata', addresses: [] }],
    ['toybox, REFUSED', ['host: Host not found: Refused'], { outcome: 'refused' }],
    ['toybox, SERVFAIL', ['host: Host not found: Server failure'], { outcome: 'servfail' }],
    ['toybox, NXDOMAIN', ['host: Host not found: Non-existant domain'], { outcome: 'nxdomain' }],
    ['toybox, no data', ['host: tilt'], { outcome: 'nodata' }],
    ['toybox, silence', ['host: Host not found.'], { outcome: 'failed' }],
    ['toybox, silence as it may look', ['\u0001\u0003garbage'], { outcome: 'failed' }],
  ])('%s', (_name, lines, expected) => {
    expect(parseHost(lines, false)).toMatchObject(expected);
  });

  it('is silence when it was cut off', () => {
    expect(parseHost([], true).outcome).toBe('timeout');
  });
});

describe('what nslookup says of a name with a final dot', () => {
  it.each([
    ["** server can't find nosuch.test.: NXDOMAIN", 'nxdomain'],
    ["** server can't find denied.test.: REFUSED", 'refused'],
  ])('%s', (line, outcome) => {
    expect(parseNslookup(['Server:\t\t10.96.0.10', 'Address:\t10.96.0.10:53', '', line], false)).toMatchObject({
      server: '10.96.0.10',
      outcome,
    });
  });
});

describe('what tools say of a connection', () => {
  it.each([
    ['curl', 0, '', 'connected'],
    ['curl', 7, '* connect to 203.0.113.9 port 443 failed: Connection refused', 'refused'],
    ['curl', 7, '* connect to 203.0.113.9 port 443 from 10.0.0.7 port 40968 failed: No route to host', 'unreachable'],
    ['curl', 7, '* Immediate connect fail for 203.0.113.9: Network is unreachable', 'unreachable'],
    ['curl', 7, '* Immediate connect fail for 203.0.113.9: Operation not permitted', 'not_permitted'],
    ['curl', 28, 'curl: (28) Connection timed out after 2000 milliseconds', 'timeout'],
    ['curl', 28, 'curl: (28) Failed to connect to 203.0.113.9 port 443 after 2001 ms: Timeout was reached', 'timeout'],
    ['curl', 1, 'curl: (1) Protocol "telnet" not supported or disabled in libcurl', 'failed'],
    ['send', 1, 'Ncat: Connection refused.', 'refused'],
    ['send', 1, 'Ncat: TIMEOUT.', 'timeout'],
    ['quit', 1, 'nc: connect: Connection refused', 'refused'],
    ['scan', 1, '(UNKNOWN) [203.0.113.9] 9 (discard) : Connection refused', 'refused'],
  ])('%s, exit code %i: %s', (tool, exit, text, outcome) => {
    const record = parseRecord(['N', 'connect', 't0', `exit=${exit}`, `tool=${tool}`, `text=${text}`].join('\t'), 'N');
    expect(record && connectReport(record, '203.0.113.9').outcome).toBe(outcome);
  });
});
