/** What an Application makes of a difference where its chart was rendered as it renders it, and where it was not. */
import { describe, expect, it } from 'vitest';
import { driftsOf } from '../../../src/core/drift/report.ts';
import { withForecast } from '../../../src/core/drift/with-forecast.ts';
import type { SyncController } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';
import { application, OLD, release, TRACKING, URL_HERE } from './sync-world.ts';

const annotations = { 'argocd.argoproj.io/tracking-id': TRACKING };
const labels = { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'shop' };

function told(by: SyncController, rendered: boolean, path = 'charts/egress') {
  const live = [
    cnp('checkout', [fqdnRule(['a.example'])], by.tool === 'flux-helmrelease' ? { labels } : { annotations }),
  ];
  const report = {
    repository: URL_HERE,
    ref: 'main',
    commit: OLD,
    skipped: [],
    policies: driftsOf(live, [], { namespace: 'shop', unread: 0 }),
    ...(rendered ? { rendered: true as const } : {}),
  };
  const [drift] = withForecast(report, { live, sync: { controllers: [by], notRead: [] }, path }).policies;
  return `${drift?.forecast?.outcome}: ${drift?.forecast?.because}`;
}

const argo = application({
  path: 'charts/egress',
  rendering: 'helm',
  appliedRevision: 'c'.repeat(40),
});

describe('a policy that a chart does not render', () => {
  it('is pruned where the chart was rendered, and not foretold where it was not', () => {
    expect(told(argo, true)).toMatch(/^pruned: /);
    expect(told(argo, false)).toMatch(/^not_checked: .*compared as written/);
    expect(told(argo, true, '')).toMatch(/^not_checked: /);
  });

  it('of a HelmRelease is not foretold: when its chart is installed anew is not known', () => {
    const flux = release({ driftDetection: 'enabled' });
    expect(told(flux, true)).toMatch(/^not_checked: .*whether the installed chart is that of this commit/);
    expect(told(flux, false)).toMatch(/^not_checked: .*the chart was not rendered/);
  });
});
