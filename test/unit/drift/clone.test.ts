/** A clone that is not at the commit a controller has: ahead, behind, diverged, or not known. */
import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../src/core/drift/manifest.ts';
import { normalise } from '../../../src/core/drift/normalise.ts';
import { driftsOf } from '../../../src/core/drift/report.ts';
import { revisionsOf } from '../../../src/core/drift/same-source.ts';
import { withForecast } from '../../../src/core/drift/with-forecast.ts';
import type { DriftReport } from '../../../src/core/model/drift.ts';
import type { SyncController } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';
import { application, FLUX_LABELS, kustomization, NEW, OLD, TRACKING } from './sync-world.ts';

const annotations = { 'argocd.argoproj.io/tracking-id': TRACKING };
const live = [
  cnp('checkout', [fqdnRule(['a.vendor.example', 'b.vendor.example'])], { labels: FLUX_LABELS, annotations }),
];
const { manifest } = toManifest(cnp('checkout', [fqdnRule(['a.vendor.example'])]));
const normal = normalise('CiliumNetworkPolicy', manifest);
const documents = [
  {
    kind: 'CiliumNetworkPolicy',
    name: 'checkout',
    namespace: 'shop',
    file: { path: 'clusters/prod/checkout.yaml', document: 0 },
    manifest,
    normal: normal.ok ? normal.normal : {},
  } as const,
];

type Relation = NonNullable<DriftReport['relations']>[string];

function told(by: SyncController, relation: Relation | undefined, ref = 'main') {
  const report: DriftReport = {
    repository: '/home/me/fleet',
    ref,
    commit: NEW,
    skipped: [],
    policies: driftsOf(live, documents, { namespace: 'shop', unread: 0 }),
    ...(relation && { relations: { [OLD]: relation } }),
  };
  const [drift] = withForecast(report, { live, sync: { controllers: [by], notRead: [] }, path: '' }).policies;
  return `${drift?.forecast?.outcome}: ${drift?.forecast?.when ?? ''} ${drift?.forecast?.because}`;
}

const source = (more: object) => ({ ...kustomization().source, ...more }) as NonNullable<SyncController['source']>;
const suspended = kustomization({ source: source({ suspended: true }) });
const failing = kustomization({ source: source({ failing: 'GitOperationFailed: timeout' }) });
const fetchedNewer = kustomization({ appliedRevision: `main@sha1:${'c'.repeat(40)}` });

describe('a clone', () => {
  it.each<[string, string, RegExp]>([
    [
      'ahead',
      told(kustomization(), 'ancestor'),
      /^reverted: once the commit of the clone is pushed, if it is not yet, and GitRepository/,
    ],
    ['ahead, on another branch', told(kustomization(), 'ancestor', 'topic'), /^not_checked: .*follows main, and topic/],
    ['ahead of a suspended source', told(suspended, 'ancestor'), /^not_checked: .*is suspended at/],
    ['ahead of a source that cannot fetch', told(failing, 'ancestor'), /^not_checked: .*cannot fetch/],
    ['ahead of what is fetched and not applied yet', told(fetchedNewer, 'ancestor'), /^reverted: once the commit/],
    ['behind', told(kustomization(), 'descendant'), /^not_checked: .*is behind: .*pull there first, or give ref a{40}/],
    ['diverged', told(kustomization(), 'diverged'), /^not_checked: .*has diverged: .*give ref a{40}/],
    ['that lacks the commit', told(kustomization(), 'unknown'), /^not_checked: .*not known: .*run `git fetch` there/],
    [
      'of which nothing is known',
      told(kustomization(), undefined),
      /^not_checked: .*not known: .*run `git fetch` there/,
    ],
    ['behind Argo CD', told(application(), 'descendant'), /^not_checked: .*is behind/],
  ])('%s', (_name, says, expected) => {
    expect(says).toMatch(expected);
  });

  it('is asked about what controllers of Git sources have, each commit once', () => {
    const controllers = [
      kustomization(),
      application(),
      fetchedNewer,
      kustomization({ source: source({ kind: 'oci' }) }),
    ];
    expect(revisionsOf({ controllers, notRead: [] })).toEqual([OLD, 'c'.repeat(40)]);
  });
});
