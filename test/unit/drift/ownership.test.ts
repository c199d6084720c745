import { describe, expect, it } from 'vitest';
import { whenOnlyLive } from '../../../src/core/drift/consequence.ts';
import { lastWriter, trackingMarks } from '../../../src/core/drift/ownership.ts';
import { meta } from './policies.ts';

const manager = (name: string, time?: string) => ({
  manager: name,
  operation: 'Update',
  ...(time === undefined ? {} : { time }),
});

describe('lastWriter', () => {
  it.each([
    ['the latest', [manager('a', '2026-01-01T00:00:00Z'), manager('b', '2026-01-02T00:00:00+05:00')], 'b'],
    [
      'not a status writer',
      [manager('a', '2026-01-01T00:00:00Z'), manager('cilium-operator-aws', '2026-02-01T00:00:00Z')],
      'a',
    ],
    [
      'a known time before an unknown one',
      [manager('a'), manager('b', '2020-01-01T00:00:00Z'), manager('c', 'never')],
      'b',
    ],
    ['nobody', [manager('cilium-agent', '2026-01-01T00:00:00Z')], undefined],
  ])('is %s', (_name, managers, expected) => {
    expect(lastWriter(managers)?.manager).toBe(expected);
  });

  it('leaves the time out where there is none', () => {
    expect(lastWriter([manager('a')])).toEqual({ manager: 'a' });
  });
});

describe('trackingMarks', () => {
  it.each([
    ['labels', 'kustomize.toolkit.fluxcd.io/name', 'Flux Kustomization'],
    ['labels', 'helm.toolkit.fluxcd.io/name', 'Flux HelmRelease'],
    ['labels', 'argocd.argoproj.io/instance', 'Argo CD Application'],
    ['annotations', 'argocd.argoproj.io/tracking-id', 'Argo CD'],
    ['annotations', 'meta.helm.sh/release-name', 'Helm release'],
  ] as const)('%s %s is %s', (where, key, owner) => {
    expect(trackingMarks(meta('p', 'shop', { [where]: { [key]: 'x' } }))).toEqual([`${owner} (${key}: x)`]);
  });

  it('takes the label that any chart sets for nothing', () => {
    expect(trackingMarks(meta('p', 'shop', { labels: { 'app.kubernetes.io/instance': 'x' } }))).toEqual([]);
  });

  it('never turns into a promise of pruning', () => {
    for (const labels of [{}, { 'kustomize.toolkit.fluxcd.io/name': 'apps' }]) {
      const text = whenOnlyLive(meta('p', 'shop', { labels }), 3);
      expect(text).toMatch(/only if|not checked/);
      expect(text).toContain('3 skipped entries may hold it');
      expect(text).not.toMatch(/will (be )?(remove|prune|delete)/);
    }
  });
});
