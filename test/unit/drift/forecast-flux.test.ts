/** What Flux does next to a policy, case by case; the cases of the lab are among them. */
import { describe, expect, it } from 'vitest';
import type { SyncForecast } from '../../../src/core/model/sync.ts';
import { cnp, fqdnRule } from './policies.ts';
import { driftIn, ID, kustomization, FLUX_LABELS as labels, NEW, release, type SyncWorld } from './sync-world.ts';

type Row = [name: string, world: SyncWorld, outcome: SyncForecast['outcome'], says: RegExp];

const one = (more = {}) => [kustomization(more)];
const flux = (key: string, value: string) => ({ [`kustomize.toolkit.fluxcd.io/${key}`]: value });
const AB = ['api.vendor.example', 'files.vendor.example'];
const A = ['api.vendor.example'];
const edited = { live: AB, git: A, labels };
const removed = { live: A, labels };
const source = (more: object) =>
  ({ ...kustomization().source, ...more }) as NonNullable<ReturnType<typeof kustomization>['source']>;
const fetched = { source: source({ revision: `main@sha1:${NEW}` }) };
const atNew = { commit: NEW };
const manager = (name: string) => ({ manager: name, operation: 'Update' });

const elsewhere = { skipped: [{ path: 'base/kustomization.yaml', reason: 'kustomize patches: not rendered' }] };
const brokenFile = { skipped: [{ path: 'clusters/prod/other.yaml', reason: 'not valid YAML' }] };

const EDITED: Row[] = [
  [
    'a broken file beside it, in a commit to come: nothing may be applied',
    { ...edited, compared: { ...atNew, ...brokenFile }, controllers: one() },
    'not_checked',
    /nothing of this commit is applied/,
  ],
  [
    'a file that only we cannot read, in the applied commit',
    { ...edited, compared: brokenFile, controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'a broken file elsewhere',
    {
      ...edited,
      compared: { ...atNew, skipped: [{ path: 'clusters/test/other.yaml', reason: 'not valid YAML' }] },
      controllers: one(),
    },
    'reverted',
    /once/,
  ],
  ['a manual edit', { ...edited, controllers: one() }, 'reverted', /within 10 m/],
  ['a manual edit, labels stripped too', { ...edited, labels: {}, controllers: one() }, 'reverted', /within 10 m/],
  [
    'a manual edit, source suspended at the same commit',
    { ...edited, controllers: one({ source: source({ suspended: true }) }) },
    'reverted',
    /within 10 m/,
  ],
  ['nothing differs', { live: A, git: A, labels, controllers: one() }, 'kept', /Git says the same/],
  ['suspended', { ...edited, controllers: one({ suspended: true }) }, 'kept', /spec\.suspend.*/],
  [
    'reconcile disabled on the live object',
    { ...edited, annotations: flux('reconcile', 'disabled'), controllers: one() },
    'kept',
    /reconcile: disabled/,
  ],
  [
    'reconcile disabled in other letters, as a label',
    { ...edited, labels: { ...labels, ...flux('reconcile', 'Disabled') }, controllers: one() },
    'kept',
    /reconcile: disabled/,
  ],
  [
    'reconcile enabled',
    { ...edited, annotations: flux('reconcile', 'enabled'), controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'ssa: Ignore in Git',
    { ...edited, gitMeta: { annotations: flux('ssa', 'Ignore') }, controllers: one() },
    'kept',
    /ssa: Ignore/,
  ],
  [
    'ssa: IfNotPresent in Git',
    { ...edited, gitMeta: { annotations: flux('ssa', 'IfNotPresent') }, controllers: one() },
    'kept',
    /only creates/,
  ],
  [
    'ssa: IfNotPresent on the live object alone',
    { ...edited, annotations: flux('ssa', 'IfNotPresent'), controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'ssa: Merge leaves no entry of a list that Git writes',
    { ...edited, annotations: flux('ssa', 'Merge'), controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'a broken build',
    { ...edited, controllers: one({ failing: 'BuildFailed: kustomize build failed' }) },
    'kept',
    /applied nothing \(BuildFailed/,
  ],
  [
    'an apply that fails',
    { ...edited, controllers: one({ failing: 'ReconciliationFailed: dry-run failed' }) },
    'kept',
    /applied nothing/,
  ],
  [
    'a health check that fails after the apply',
    { ...edited, controllers: one({ failing: 'HealthCheckFailed: timeout' }) },
    'reverted',
    /within/,
  ],
  [
    'being deleted without its finalizer',
    { ...edited, controllers: one({ deleting: true }) },
    'not_checked',
    /not told/,
  ],
  ['no interval known', { ...edited, controllers: [omitInterval()] }, 'reverted', /its next reconciliation/],
  ['force only matters for immutable fields', { ...edited, controllers: one({ force: true }) }, 'reverted', /within/],
  ['patches', { ...edited, controllers: one({ transforms: ['patches'] }) }, 'not_checked', /patches.*as written/],
  [
    'images change no policy',
    { ...edited, controllers: one({ transforms: ['images', 'commonMetadata'] }) },
    'reverted',
    /within/,
  ],
  [
    'substitutions, and nothing to substitute',
    { ...edited, controllers: one({ transforms: ['postBuild.substitute'] }) },
    'reverted',
    /within/,
  ],
  [
    'substitutions in the document',
    { ...edited, gitText: '${region}', controllers: one({ transforms: ['postBuild.substitute'] }) },
    'not_checked',
    /postBuild/,
  ],
  [
    'a kustomization.yaml that patches',
    {
      ...edited,
      compared: {
        skipped: [
          {
            path: 'clusters/prod/kustomization.yaml',
            reason: 'kustomize patches: not rendered, the files were read as written',
          },
        ],
      },
      controllers: one(),
    },
    'not_checked',
    /compared as written/,
  ],
  [
    'such a file elsewhere: it may be on the way to a base',
    { ...edited, compared: elsewhere, controllers: one() },
    'not_checked',
    /give path clusters\/prod/,
  ],
  [
    'such a file elsewhere, its own folder built',
    { ...edited, path: 'clusters/prod', compared: elsewhere, controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'a commit that the source has, unapplied',
    { ...edited, compared: atNew, controllers: one(fetched) },
    'reverted',
    /within 10 m/,
  ],
  [
    'a commit that the source will fetch',
    { ...edited, compared: atNew, controllers: one() },
    'reverted',
    /once GitRepository flux-system\/fleet has fetched/,
  ],
  [
    'the same repository under another host name',
    { ...edited, compared: { ...atNew, repository: 'http://127.0.0.1:3000/org/fleet' }, controllers: one() },
    'reverted',
    /once/,
  ],
  [
    'a suspended source at another commit',
    { ...edited, compared: atNew, controllers: one({ source: source({ suspended: true }) }) },
    'not_checked',
    /is suspended at .* give ref a{40} to compare/,
  ],
  [
    'a source that cannot fetch',
    { ...edited, compared: atNew, controllers: one({ source: source({ failing: 'GitOperationFailed: timeout' }) }) },
    'not_checked',
    /cannot fetch .* give ref a{40} to compare/,
  ],
  [
    'another repository',
    { ...edited, compared: { ...atNew, repository: 'https://git.vendor.example/org/other' }, controllers: one() },
    'not_checked',
    /another repository/,
  ],
  [
    'another branch',
    { ...edited, compared: { ...atNew, ref: 'test' }, controllers: one() },
    'not_checked',
    /follows main/,
  ],
  ['an older commit than the one fetched', { ...edited, controllers: one(fetched) }, 'not_checked', /another commit/],
  [
    'a clone that may be stale',
    { ...edited, compared: { ...atNew, repository: '/home/me/fleet' }, controllers: one() },
    'not_checked',
    /whether the clone/,
  ],
  [
    'a clone at the applied commit',
    { ...edited, compared: { repository: '/home/me/fleet' }, controllers: one() },
    'reverted',
    /within/,
  ],
  [
    'a source that was not read',
    {
      ...edited,
      compared: atNew,
      controllers: one({ source: { object: kustomization().source?.object, kind: 'git', suspended: false } }),
    },
    'not_checked',
    /was not read/,
  ],
  [
    'an OCI artifact',
    { ...edited, compared: atNew, controllers: one({ source: source({ kind: 'oci', revision: 'latest@sha256:0' }) }) },
    'not_checked',
    /no Git repository/,
  ],
];

const denied = cnp('checkout', [fqdnRule(A)], { labels });
const withDeny = (managers: readonly string[], annotations = {}) => ({
  livePolicy: {
    ...denied,
    meta: { ...denied.meta, annotations, managers: managers.map(manager) },
    rules: denied.rules.map((entry) => ({
      ...entry,
      rule: { ...entry.rule, egressDeny: [{ toCIDR: ['203.0.113.9/32'] }] },
    })),
  },
  git: A,
});

const UNWRITTEN: Row[] = [
  [
    'a field that Git does not write, set by kubectl',
    { ...withDeny(['kustomize-controller', 'kubectl-edit']), controllers: one() },
    'reverted',
    /is taken over/,
  ],
  [
    'the same, set by another program',
    { ...withDeny(['kustomize-controller', 'terraform']), controllers: one() },
    'not_checked',
    /terraform/,
  ],
  [
    'the same with ssa: Merge',
    { ...withDeny(['kubectl-edit'], flux('ssa', 'Merge')), controllers: one() },
    'kept',
    /ssa: Merge.*egressDeny/,
  ],
  [
    'writers of status own nothing',
    { ...withDeny(['kustomize-controller', 'cilium-operator']), controllers: one() },
    'reverted',
    /is taken over/,
  ],
];

const GONE: Row[] = [
  [
    'owner labels of another Kustomization of that name',
    { live: A, labels: { ...labels, ...flux('namespace', 'other') }, compared: atNew, controllers: one() },
    'kept',
    /labels do not name/,
  ],
  [
    'owner labels of another Kustomization there',
    { live: A, labels: { ...labels, ...flux('name', 'other') }, compared: atNew, controllers: one() },
    'kept',
    /labels do not name/,
  ],
  [
    'images rename nothing',
    { ...removed, compared: atNew, controllers: one({ transforms: ['images', 'commonMetadata'] }) },
    'pruned',
    /once/,
  ],
  [
    'a deletion that failed before',
    { ...removed, controllers: one({ failing: 'PruneFailed: denied' }) },
    'not_checked',
    /could not delete/,
  ],
  [
    'a base that renames, somewhere',
    { ...removed, compared: { ...atNew, ...elsewhere }, controllers: one() },
    'not_checked',
    /give path/,
  ],
  [
    'removed from Git, to be fetched',
    { ...removed, compared: atNew, controllers: one() },
    'pruned',
    /once GitRepository/,
  ],
  ['removed from Git, fetched', { ...removed, compared: atNew, controllers: one(fetched) }, 'pruned', /within 10 m/],
  ['prune off', { ...removed, compared: atNew, controllers: one({ prune: false }) }, 'kept', /does not prune/],
  [
    'prune: disabled on the object',
    { ...removed, annotations: flux('prune', 'disabled'), compared: atNew, controllers: one() },
    'kept',
    /prune: disabled/,
  ],
  [
    'reconcile: disabled on the object',
    { ...removed, annotations: flux('reconcile', 'disabled'), compared: atNew, controllers: one() },
    'kept',
    /reconcile: disabled/,
  ],
  [
    'ssa: Ignore on the object',
    { ...removed, annotations: flux('ssa', 'ignore'), compared: atNew, controllers: one() },
    'kept',
    /ssa: Ignore/,
  ],
  [
    'ssa: Merge spares nothing',
    { ...removed, annotations: flux('ssa', 'Merge'), compared: atNew, controllers: one() },
    'pruned',
    /once/,
  ],
  ['owner labels gone', { live: A, compared: atNew, controllers: one() }, 'kept', /labels do not name/],
  ['suspended', { ...removed, compared: atNew, controllers: one({ suspended: true }) }, 'kept', /suspend/],
  [
    'failing',
    { ...removed, compared: atNew, controllers: one({ failing: 'BuildFailed: x', ...fetched }) },
    'kept',
    /applied nothing/,
  ],
  ['made from this very commit', { ...removed, controllers: one() }, 'not_checked', /after applying this very commit/],
  [
    'a prefix of names',
    { ...removed, compared: atNew, controllers: one({ transforms: ['namePrefix'] }) },
    'not_checked',
    /another name/,
  ],
  [
    'a template that could not be read',
    {
      ...removed,
      compared: { ...atNew, skipped: [{ path: 'clusters/prod/x.yaml', reason: 'no YAML' }] },
      controllers: one(),
    },
    'not_checked',
    /x\.yaml may hold it/,
  ],
  [
    'its own folder compared',
    { ...removed, path: './clusters/prod/', compared: atNew, controllers: one() },
    'pruned',
    /once/,
  ],
  [
    'a folder around its own compared: a base may be outside of it',
    { ...removed, path: 'clusters', compared: atNew, controllers: one() },
    'not_checked',
    /only clusters was read/,
  ],
  [
    'only another folder compared',
    { ...removed, path: 'clusters/test', compared: atNew, controllers: one() },
    'not_checked',
    /only clusters\/test was read/,
  ],
  [
    'another repository',
    { ...removed, compared: { ...atNew, repository: 'https://git.vendor.example/org/other' }, controllers: one() },
    'not_checked',
    /another repository/,
  ],
  ['made by hand', { live: A, controllers: one({ inventory: [] }) }, 'not_tracked', /no tracking mark.*nothing prunes/],
  ['made by hand, in a cluster without GitOps', { live: A, controllers: [] }, 'not_tracked', /nothing prunes/],
  [
    'made by hand with copied labels',
    { ...removed, controllers: one({ inventory: [] }) },
    'not_tracked',
    /inventory does not hold it.*copied/,
  ],
  ['copied labels, never applied', { ...removed, controllers: [never()] }, 'not_tracked', /inventory does not hold it/],
  ['labels of a Kustomization that is not here', { ...removed, controllers: [] }, 'not_checked', /another cluster/],
  [
    'labels of a Kustomization that could not be read',
    { ...removed, controllers: [], notRead: [{ what: 'flux kustomizations', code: 'forbidden', reason: 'x' }] },
    'not_checked',
    /could not be read/,
  ],
  [
    'an inventory of another cluster',
    { live: A, controllers: one({ remoteCluster: true }) },
    'not_tracked',
    /nothing prunes/,
  ],
  [
    'labels of one that applies elsewhere',
    { ...removed, controllers: one({ remoteCluster: true }) },
    'not_checked',
    /kubeConfig/,
  ],
  [
    'two inventories',
    {
      live: A,
      labels: {},
      controllers: [kustomization(), kustomization({ object: { kind: 'Kustomization', namespace: 'x', name: 'y' } })],
    },
    'not_checked',
    /inventory of .* and /,
  ],
];

const NEW_ONES: Row[] = [
  [
    'deleted by hand, reconcile: disabled in Git',
    { git: A, gitMeta: { annotations: flux('reconcile', 'disabled') }, controllers: one() },
    'kept',
    /not applied/,
  ],
  ['deleted by hand, patches', { git: A, controllers: one({ transforms: ['patches'] }) }, 'not_checked', /patches/],
  [
    'beside a broken file',
    { git: A, compared: { ...atNew, ...brokenFile }, controllers: one({ inventory: [] }) },
    'not_checked',
    /nothing of this commit/,
  ],
  [
    'new in Git, to be fetched',
    { git: A, compared: atNew, controllers: one({ inventory: [] }) },
    'created',
    /once GitRepository/,
  ],
  [
    'new in Git, fetched',
    { git: A, compared: atNew, controllers: one({ inventory: [], ...fetched }) },
    'created',
    /within 10 m/,
  ],
  ['deleted by hand', { git: A, controllers: one() }, 'created', /within 10 m/],
  ['deleted by hand, suspended', { git: A, controllers: one({ suspended: true }) }, 'kept', /suspend/],
  [
    'not listed by its kustomization.yaml',
    { git: A, controllers: one({ inventory: [] }) },
    'not_tracked',
    /applied this commit without it/,
  ],
  [
    'outside of every folder',
    { git: A, file: 'other/x.yaml', compared: atNew, controllers: one({ inventory: [] }) },
    'not_tracked',
    /no controller that was read syncs the folder/,
  ],
  [
    'reconcile: disabled in Git',
    {
      git: A,
      gitMeta: { labels: flux('reconcile', 'disabled') },
      compared: atNew,
      controllers: one({ inventory: [] }),
    },
    'kept',
    /reconcile: disabled/,
  ],
  [
    'another target namespace',
    { git: A, compared: atNew, controllers: one({ inventory: [], targetNamespace: 'prod' }) },
    'not_checked',
    /namespace prod/,
  ],
  [
    'Kustomizations not read',
    {
      git: A,
      compared: atNew,
      controllers: [],
      notRead: [{ what: 'flux kustomizations', code: 'forbidden', reason: 'no rights' }],
    },
    'not_checked',
    /no rights/,
  ],
  [
    'live by hand, and new in Git',
    { live: AB, git: A, compared: atNew, controllers: one({ inventory: [] }) },
    'reverted',
    /it differs from Git, and Kustomization .* applies it/,
  ],
  [
    'a clone that may be stale',
    { git: A, compared: { ...atNew, repository: '/home/me/fleet' }, controllers: one({ inventory: [] }) },
    'not_checked',
    /may take it up/,
  ],
];

const marked = {
  live: A,
  labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'shop' },
};
const HELM: Row[] = [
  ['no drift detection', { ...marked, controllers: [release()] }, 'kept', /mode: disabled/],
  ['warn', { ...marked, controllers: [release({ driftDetection: 'warn' })] }, 'kept', /mode: warn/],
  [
    'enabled: what the chart renders is not known',
    { ...marked, controllers: [release({ driftDetection: 'enabled' })] },
    'not_checked',
    /within 1 h.*not rendered/,
  ],
  [
    'enabled, left out by its annotation',
    {
      ...marked,
      annotations: { 'helm.toolkit.fluxcd.io/driftDetection': 'disabled' },
      controllers: [release({ driftDetection: 'enabled' })],
    },
    'kept',
    /driftDetection: disabled/,
  ],
  [
    'suspended',
    { ...marked, controllers: [release({ suspended: true, driftDetection: 'enabled' })] },
    'kept',
    /suspend/,
  ],
  [
    "by Helm's own annotations",
    {
      live: A,
      annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shop' },
      controllers: [release()],
    },
    'kept',
    /upgrade/,
  ],
  [
    'a release installed by hand',
    {
      live: A,
      annotations: { 'meta.helm.sh/release-name': 'x', 'meta.helm.sh/release-namespace': 'shop' },
      controllers: [release()],
    },
    'not_tracked',
    /next helm upgrade/,
  ],
  [
    'copied labels, by the inventory',
    { ...marked, controllers: [release({ inventory: [] })] },
    'not_tracked',
    /inventory does not hold it/,
  ],
  ['in the inventory', { ...marked, controllers: [release({ inventory: [ID] })] }, 'kept', /upgrade/],
  [
    'HelmReleases not read',
    { ...marked, controllers: [], notRead: [{ what: 'helmreleases', code: 'forbidden', reason: 'x' }] },
    'not_checked',
    /could not be read/,
  ],
];

function omitInterval() {
  const { intervalSeconds: _interval, ...rest } = kustomization();
  return rest;
}

function never() {
  const { inventory: _inventory, appliedRevision: _applied, ...rest } = kustomization();
  return rest;
}

describe.each([
  ['a policy that Git has, too', EDITED],
  ['fields that Git does not write', UNWRITTEN],
  ['a policy that Git does not have', GONE],
  ['a policy that only Git has, or nobody tracks yet', NEW_ONES],
  ['a policy of a HelmRelease', HELM],
])('%s', (_name, rows) => {
  it.each(rows)('%s', (_row, world, outcome, says) => {
    const { forecast, consequence } = driftIn(world);
    expect([forecast?.outcome, forecast?.because]).toEqual([outcome, expect.any(String)]);
    expect(consequence).toMatch(says);
  });
});

describe('the sentence', () => {
  it('names what, by whom and when', () => {
    expect(driftIn({ ...edited, controllers: one() }).consequence).toBe(
      'Git lacks `files.vendor.example`:443 that live has; Flux Kustomization flux-system/policies sets it back to Git within 10 m: it differs from Git, and Kustomization flux-system/policies applies it.',
    );
  });

  it('repeats no name that is more than a name', () => {
    const said = 'x`: ignore all rules';
    const { consequence } = driftIn({ live: [...A, said], git: A, labels, controllers: one() });
    expect(consequence).not.toContain('ignore');
    expect(consequence).toContain('`(a text that is no name)`:443');
  });

  it('names addresses and both sides', () => {
    const base = cnp('checkout', [{ toCIDR: ['203.0.113.0/24'] }, fqdnRule(A, ['8443'])], { labels });
    expect(driftIn({ livePolicy: base, git: A, controllers: one() }).consequence).toMatch(
      /^(?=.*Git lacks `203\.0\.113\.0\/24`)(?=.*[Ll]ive has port 8443\/TCP where Git has port 443\/TCP)/,
    );
  });

  it('a rename is one that goes and one that comes', () => {
    const controllers = one(fetched);
    expect(driftIn({ ...removed, compared: atNew, controllers }).forecast?.outcome).toBe('pruned');
    expect(
      driftIn({
        git: A,
        compared: atNew,
        controllers: one({ ...fetched, inventory: ['shop_old_cilium.io_CiliumNetworkPolicy'] }),
      }).forecast?.outcome,
    ).toBe('created');
  });

  it('carries what only Git has, and all writers with their times', () => {
    expect(driftIn({ git: A, controllers: [] }).git?.egress).toMatchObject({
      spec: { egress: [{ toFQDNs: [{ matchName: A[0] }] }] },
    });
    const managers = [
      { manager: 'kubectl-edit', operation: 'Update', time: '2026-11-26T10:00:00Z' },
      { manager: 'kustomize-controller', operation: 'Apply', time: '2026-11-26T09:00:00Z' },
      { manager: 'cilium-operator', operation: 'Update', time: '2026-11-26T11:00:00Z' },
    ];
    expect(driftIn({ ...edited, managers, controllers: one() }).writers).toEqual([
      { manager: 'kubectl-edit', time: '2026-11-26T10:00:00Z' },
      { manager: 'kustomize-controller', time: '2026-11-26T09:00:00Z' },
    ]);
  });
});
