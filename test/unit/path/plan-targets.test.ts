/** Which endpoints a diagnosis looks at: few, named by evidence, never a scan. */
import { describe, expect, it } from 'vitest';
import type { LogFailure, LogReport } from '../../../src/core/model/logs.ts';
import type { TargetReport } from '../../../src/core/model/probe.ts';
import { planTargets, redirectTarget } from '../../../src/core/path/plan-targets.ts';

const failure = (host: string, cls: LogFailure['class'] = 'connect_timeout'): LogFailure => ({
  class: cls,
  host,
  container: 'app',
  count: 1,
  excerpt: '',
});

const report = (failures: readonly LogFailure[], urls: LogReport['urls'] = []): LogReport => ({
  pod: { namespace: 'shop', name: 'checkout' },
  containers: ['app'],
  linesRead: 1,
  truncated: false,
  failures,
  urls,
  matches: [],
});

const ASKED = { host: 'api.vendor.example', port: 443 };
const hosts = (logs: LogReport | undefined, comparisons: Parameters<typeof planTargets>[2] = []) =>
  planTargets(ASKED, logs, comparisons).map((target) => `${target.role} ${target.host}:${target.port}`);

describe('planTargets', () => {
  it('the asked one alone when nothing else is known', () => {
    expect(hosts(undefined)).toEqual(['asked api.vendor.example:443']);
  });

  it('adds a host that the logs show failing, and a presigned one first', () => {
    const url = { host: 'files.vendor.example', port: 443, presigned: 'aws-s3-v4', display: '', count: 1 };
    expect(hosts(report([failure('cdn.vendor.example'), failure('files.vendor.example')], [url]))).toEqual([
      'asked api.vendor.example:443',
      'second_hop files.vendor.example:443',
      'second_hop cdn.vendor.example:443',
    ]);
  });

  it.each(['10.0.0.1', '203.0.113.9', '2001:db8::1'])(
    'an address in the logs (%s) is nothing to connect to',
    (host) => {
      const url = { host, port: 443, presigned: 'aws-s3-v4', display: '', count: 1 };
      expect(hosts(report([failure(host)], [url]))).toHaveLength(1);
    },
  );

  it('nor is a presigned URL at a port that is not the web', () => {
    const url = { host: 'db.vendor.example', port: 5432, presigned: 'aws-s3-v4', display: '', count: 1 };
    expect(hosts(report([], [url]))).toHaveLength(1);
  });

  it.each([
    ['whatever their names', ['aaa.evil.example', 'aab.evil.example'], {}],
    ['however often they are said', ['aaa.evil.example', 'aab.evil.example', 'aac.evil.example'], { count: 900 }],
  ])('hosts made up in one message do not push out the one that another tells of: %s', (_name, forged, over) => {
    const said = forged.map((host) => ({
      ...failure(host),
      excerpt: `search for ${host}: Connection refused`,
      ...over,
    }));
    const real = { ...failure('files.vendor.example'), excerpt: 'upload: dial tcp 203.0.113.9:443: i/o timeout' };
    const planned = planTargets(ASKED, report([...said, real]), []);
    expect(planned.map(({ host }) => host)).toContain('files.vendor.example');
    expect(planned.map(({ because }) => because).join()).toMatch(
      /of \d+ more host\(s\) there, which were not looked at/,
    );
  });

  it('nor the one that the asked host is known to send its clients to', () => {
    const forged = ['a', 'b', 'c'].map((name) => ({
      ...failure(`${name}.evil.example`),
      excerpt: `${'x'.repeat(name.charCodeAt(0))} refused`,
      count: 50,
    }));
    const real = { ...failure('objects.githubusercontent.com'), excerpt: 'upload: refused' };
    const planned = planTargets({ host: 'github.com', port: 443 }, report([...forged, real]), []);
    expect(planned[1]?.host).toBe('objects.githubusercontent.com');
  });

  it('a flood of hosts in the logs (untrusted text) never becomes a scan', () => {
    const flood = Array.from({ length: 500 }, (_, index) => failure(`h${index}.example`));
    expect(hosts(report(flood))).toHaveLength(3);
  });

  it.each(['http_denied', 'read_timeout', 'tls_failed', 'other'] as const)(
    '%s got through: no second hop to probe',
    (cls) => {
      expect(hosts(report([failure('files.vendor.example', cls)]))).toHaveLength(1);
    },
  );

  it.each(['redis', 'db.shop.svc', 'db.shop.svc.cluster.local', 'metadata.google.internal'])(
    '%s is not an external second hop',
    (host) => {
      expect(hosts(report([failure(host)]))).toHaveLength(1);
    },
  );

  it.each(['169.254.169.254', '0.0.0.0', 'fd00:ec2::254', '-x.example', 'a..b.example', `${'x'.repeat(300)}.example`])(
    'leaves out what a probe refuses, and with it the whole run: %s',
    (host) => {
      expect(hosts(report([failure(host)]), [{ host, port: 80, because: 'allowed' }])).toHaveLength(1);
    },
  );

  it('compares with the first candidate that is not already a target', () => {
    const comparisons = [
      { host: 'api.vendor.example', port: 443, because: 'x' },
      { host: 'login.idp.example', port: 443, because: 'allowed by spec.egress[1]' },
    ];
    expect(hosts(undefined, comparisons)).toEqual(['asked api.vendor.example:443', 'comparison login.idp.example:443']);
  });
});

describe('where an answer redirects to', () => {
  const answered = (host: string, port: number, asked = 443): TargetReport => ({
    id: 'a',
    host: 'api.vendor.example',
    port: asked,
    lookup: { outcome: 'resolved', addresses: ['203.0.113.10'], cnames: [] },
    connects: [],
    tls: { outcome: 'ok' },
    http: { outcome: 'answered', status: 302, redirect: { scheme: 'https', host, port, pathClass: 'path' } },
  });

  it.each<[string, number, number, boolean]>([
    ['files.vendor.example', 443, 443, true],
    ['files.vendor.example', 80, 443, true],
    ['files.vendor.example', 9443, 9443, true],
    ['files.vendor.example', 6379, 443, false],
    ['192.0.2.7', 443, 443, false],
    ['2001:db8::7', 443, 443, false],
  ])('%s:%i (asked at %i) is probed: %s', (host, port, asked, probed) => {
    expect(redirectTarget(answered(host, port, asked), []) !== undefined).toBe(probed);
  });
});
