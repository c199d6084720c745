/** Sync windows: schedules as robfig/cron reads them, and what Argo CD makes of those that apply. */
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../src/core/drift/cron.ts';
import { durationText, goSeconds } from '../../../src/core/drift/go-duration.ts';
import { type SyncWindow, windowNow } from '../../../src/core/drift/sync-window.ts';

describe('schedules', () => {
  // 2026-11-26 is a Thursday.
  it.each([
    ['0 14 * * *', '2026-11-26T14:00:00Z', true],
    ['0 14 * * *', '2026-11-26T14:01:00Z', false],
    ['*/15 * * * *', '2026-11-26T14:45:00Z', true],
    ['5/20 * * * *', '2026-11-26T14:45:00Z', true],
    ['5/20 * * * *', '2026-11-26T14:05:00Z', true],
    ['5/20 * * * *', '2026-11-26T14:00:00Z', false],
    ['0 8-10,22 * * *', '2026-11-26T22:00:00Z', true],
    ['0 0 * * MON-FRI', '2026-11-26T00:00:00Z', true],
    ['0 0 * * sun', '2026-11-26T00:00:00Z', false],
    ['0 0 1 nov ?', '2026-11-01T00:00:00Z', true],
    // Both day fields restricted: either is enough; a star leaves the other alone to decide.
    ['0 0 1 * thu', '2026-11-26T00:00:00Z', true],
    ['0 0 1 * *', '2026-11-26T00:00:00Z', false],
    ['0 0 */2 * thu', '2026-11-27T00:00:00Z', true],
  ])('%s at %s: %s', (schedule, at, expected) => {
    expect(parseSchedule(schedule)?.(new Date(at))).toBe(expected);
  });

  it.each([
    '@daily',
    '0 14 * *',
    '60 * * * *',
    '0 0 0 * *',
    '0 0 * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    'CRON_TZ=UTC 0 0 * * *',
    'x * * * *',
  ])('does not guess at %s', (schedule) => {
    expect(parseSchedule(schedule)).toBeUndefined();
  });
});

describe('durations', () => {
  it.each([
    ['1h30m', 5400],
    ['10m0s', 600],
    ['1.5h', 5400],
    ['500ms', 0.5],
    ['0', 0],
    ['1d', undefined],
    ['', undefined],
  ])('%s', (text, expected) => expect(goSeconds(text)).toBe(expected));

  it.each([
    [600, '10 m'],
    [3600, '1 h'],
    [90, '90 s'],
  ])('%d as words', (seconds, expected) => expect(durationText(seconds)).toBe(expected));
});

const window = (more: Partial<SyncWindow>): SyncWindow => ({
  kind: 'deny',
  schedule: '0 14 * * *',
  duration: '2h',
  all: false,
  applications: ['*'],
  namespaces: [],
  clusters: [],
  ...more,
});

function denies(windows: readonly SyncWindow[], at = '2026-11-26T15:00:30Z'): boolean | undefined {
  const target = { name: 'shop', destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' } };
  return windowNow({ namespace: 'argocd', name: 'p', windows }, target, new Date(at))?.denies;
}

describe('windows', () => {
  it.each<[string, readonly SyncWindow[], boolean | undefined]>([
    ['none', [], false],
    ['an active deny', [window({})], true],
    ['a deny that is over', [window({ duration: '1h' })], false],
    ['a deny of other applications', [window({ applications: ['api-*'] })], false],
    ['an active allow', [window({ kind: 'allow' })], false],
    ['an allow that is over', [window({ kind: 'allow', duration: '30m' })], true],
    ['an allow of others, over', [window({ kind: 'allow', duration: '30m', applications: ['api'] })], false],
    [
      'an active allow beside one that is over',
      [window({ kind: 'allow' }), window({ kind: 'allow', duration: '1m' })],
      false,
    ],
    ['a deny beside an allow', [window({ kind: 'allow' }), window({})], true],
    ['a zone', [window({ timeZone: 'Asia/Tokyo' })], false],
    [
      'a zone in which it is active',
      [window({ schedule: '0 16 * * *', timeZone: 'Europe/Berlin', duration: '10m' })],
      true,
    ],
    ['an unknown zone, which counts as UTC', [window({ timeZone: 'Mars/Base' })], true],
    ['all lists, one of which does not match', [window({ all: true, namespaces: ['other'] })], false],
    ['any list', [window({ applications: ['x'], namespaces: ['sh*'] })], true],
    ['a cluster by its server', [window({ applications: [], clusters: ['https://*'] })], true],
    ['a pattern that is not read', [window({ applications: ['{shop,api}'] })], undefined],
    ['a schedule that is not read', [window({ schedule: '@daily' })], undefined],
  ])('%s', (_name, windows, expected) => {
    expect(denies(windows)).toBe(expected);
  });

  it('ends exactly with its duration', () => {
    expect(denies([window({})], '2026-11-26T14:00:00Z')).toBe(false);
    expect(denies([window({})], '2026-11-26T14:00:01Z')).toBe(true);
    expect(denies([window({})], '2026-11-26T15:59:59Z')).toBe(true);
    expect(denies([window({})], '2026-11-26T16:00:00Z')).toBe(false);
  });
});
