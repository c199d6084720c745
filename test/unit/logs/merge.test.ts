import { describe, expect, it } from 'vitest';
import { mergeFailures, mergeReports, mergeUrls } from '../../../src/core/logs/merge.ts';
import type { LogFailure, LogReport } from '../../../src/core/model/logs.ts';

const failure = (over: Partial<LogFailure> = {}): LogFailure => ({
  class: 'connect_timeout',
  host: 'files.vendor.example',
  port: 443,
  container: 'app',
  count: 2,
  firstSeen: '2026-11-24T10:02:00Z',
  lastSeen: '2026-11-24T10:03:00Z',
  excerpt: 'text',
  ...over,
});
const pod = (name: string) => ({ namespace: 'shop', name });

describe('mergeFailures', () => {
  it('counts the same failure of several places together, with its whole span and the latest text', () => {
    const older = failure({
      container: 'side',
      count: 3,
      firstSeen: '2026-11-24T10:00:00Z',
      lastSeen: '2026-11-24T10:01:00Z',
      excerpt: 'old',
    });
    expect(mergeFailures([older, failure()])).toEqual([
      failure({ count: 5, firstSeen: '2026-11-24T10:00:00Z', alsoIn: ['side'] }),
    ]);
  });

  it.each<[string, Partial<LogFailure>]>([
    ['class', { class: 'connect_refused' }],
    ['host', { host: 'api.vendor.example' }],
    ['port', { port: 8443 }],
    ['library', { library: 'requests' }],
    ['version of the library', { libraryVersion: '2.32.3' }],
    ['a mesh’s proxy', { container: 'istio-proxy', role: 'mesh_proxy' }],
  ])('keeps apart by %s', (_name, over) => {
    expect(mergeFailures([failure(), failure(over)])).toHaveLength(2);
  });

  it('says that it was the previous instance only where no other said it', () => {
    const previous = failure({ previous: true });
    expect(mergeFailures([previous])[0]?.previous).toBe(true);
    expect(mergeFailures([previous, failure({ lastSeen: '2026-11-24T11:00:00Z' })])).toMatchObject([
      { count: 4, alsoIn: ['app (previous instance)'] },
    ]);
    expect(mergeFailures([previous, failure()])[0]).not.toHaveProperty('previous');
  });

  it('has the latest first, and few places', () => {
    const many = Array.from({ length: 40 }, (_, i) => failure({ container: `c${i}` }));
    expect(mergeFailures(many)[0]?.alsoIn).toHaveLength(10);
    const order = mergeFailures([failure({ lastSeen: '2026-11-24T09:00:00Z', host: 'a.example' }), failure()]);
    expect(order.map(({ host }) => host)).toEqual(['files.vendor.example', 'a.example']);
  });
});

describe('mergeUrls', () => {
  it('adds up, with the first place and the last time', () => {
    const url = {
      host: 'files.vendor.example',
      port: 443,
      presigned: 'aws-s3-v4',
      display: 'b',
      count: 1,
      container: 'b',
      firstSeen: '2',
      lastSeen: '5',
    };
    expect(mergeUrls([url, { ...url, display: 'a', container: 'a', firstSeen: '1', lastSeen: '3' }])).toEqual([
      { ...url, display: 'a', container: 'a', firstSeen: '1', lastSeen: '5', count: 2 },
    ]);
  });
});

describe('mergeReports', () => {
  const report = (name: string, over: Partial<LogReport> = {}): LogReport => ({
    pod: pod(name),
    containers: ['app'],
    linesRead: 10,
    truncated: false,
    windows: [{ container: 'app', from: '1', to: '2' }],
    failures: [failure()],
    urls: [],
    matches: [{ container: 'app', when: '2', line: name }],
    ...over,
  });

  it('leaves one alone', () => {
    const one = report('a');
    expect(mergeReports([one])).toBe(one);
  });

  it('names the pod of everything, and adds up', () => {
    const early = [{ container: 'app', when: '1', line: 'early' }];
    const merged = mergeReports([
      report('a'),
      report('b', { truncated: true, containers: ['app', 'side'], matches: early }),
    ]);
    expect(merged).toMatchObject({
      pod: pod('a'),
      pods: [pod('a'), pod('b')],
      containers: ['app', 'side'],
      linesRead: 20,
      truncated: true,
      windows: [{ pod: pod('a') }, { pod: pod('b') }],
      failures: [{ pod: pod('a'), count: 4, alsoIn: ['b/app'] }],
      matches: [
        { pod: pod('b'), line: 'early' },
        { pod: pod('a'), line: 'a' },
      ],
    });
    expect(merged).not.toHaveProperty('notRead');
  });
});
