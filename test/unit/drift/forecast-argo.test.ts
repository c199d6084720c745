/** What Argo CD does next to a policy, case by case; made from its source; test/e2e/argo-forecast.test.ts holds the like against a running controller. */
import { describe, expect, it } from 'vitest';
import type { ArgoApplication, SyncForecast } from '../../../src/core/model/sync.ts';
import { application, driftIn, kustomization, NEW, type SyncWorld, TRACKING } from './sync-world.ts';

type Row = [name: string, world: SyncWorld, outcome: SyncForecast['outcome'], says: RegExp];

const AB = ['api.vendor.example', 'files.vendor.example'];
const A = ['api.vendor.example'];
const ID = 'argocd.argoproj.io/tracking-id';
const tracked = { [ID]: TRACKING };
const one = (more: Partial<ArgoApplication> = {}) => [application(more)];
const edited = { live: AB, git: A, annotations: tracked };
const removed = { live: A, annotations: tracked };
const atNew = { commit: NEW };
const source = (more: object) => ({ ...application().source, ...more }) as NonNullable<ArgoApplication['source']>;
const seen = { source: source({ revision: NEW }) };
const entry = (more: object = {}) => ({
  group: 'cilium.io',
  kind: 'CiliumNetworkPolicy',
  namespace: 'shop',
  name: 'checkout',
  status: 'OutOfSync',
  requiresPruning: false,
  ...more,
});
const other = entry({ name: 'other', status: 'Synced' });
const ignore = (more: object) => ({
  group: 'cilium.io',
  kind: 'CiliumNetworkPolicy',
  jsonPointers: [],
  jqPathExpressions: [],
  managers: [],
  ...more,
});
const options = (value: string) => ({ ...tracked, 'argocd.argoproj.io/sync-options': value });
const without = (key: keyof ArgoApplication) => {
  const { [key]: _left, ...rest } = application();
  return rest as ArgoApplication;
};

const prefixed: Partial<ArgoApplication> = {
  rendering: 'kustomize',
  kustomize: { fields: ['namePrefix'], unknown: [], overlay: { patches: [], namePrefix: 'a-' } },
};
const labelled: Partial<ArgoApplication> = {
  rendering: 'kustomize',
  kustomize: { fields: ['commonLabels'], unknown: ['commonLabels'] },
};

const CASCADE = ['resources-finalizer.argocd.argoproj.io'];
const deleting = (finalizers: readonly string[], more: Partial<ArgoApplication> = {}) =>
  one({ deleting: true, finalizers, ...more });

/** Whatever Git says of the policy, which the Application tracks. */
const DELETED: Row[] = [
  ['with its finalizer', { ...edited, controllers: deleting(CASCADE) }, 'pruned', /deletes it as soon as Argo CD/],
  [
    'in the background',
    { ...edited, controllers: deleting([`${CASCADE[0]}/background`]) },
    'pruned',
    /project default permits/,
  ],
  ['without one', { ...edited, controllers: deleting(['x.vendor.example']) }, 'kept', /without a resources-finalizer/],
  [
    'without a cascade, and a hook after it',
    { ...edited, controllers: deleting(['post-delete-finalizer.argocd.argoproj.io']) },
    'kept',
    /without a resources-finalizer/,
  ],
  ['and it is skipped', { ...edited, controllers: deleting(CASCADE, { suspended: true }) }, 'kept', /skip-reconcile/],
  [
    'and the policy is spared',
    { ...edited, annotations: options('Delete=false,Prune=false'), controllers: deleting(CASCADE) },
    'kept',
    /Delete=false/,
  ],
  [
    'and the policy is spared as helm says it',
    { ...edited, annotations: { ...tracked, 'helm.sh/resource-policy': 'keep' }, controllers: deleting(CASCADE) },
    'kept',
    /resource-policy/,
  ],
  [
    'and something waits for a confirmation',
    { ...edited, controllers: deleting(CASCADE, { resources: [entry({ requiresDeletionConfirmation: true })] }) },
    'not_checked',
    /waits for a confirmation/,
  ],
  ['and Git alone has it', { git: A, compared: atNew, controllers: deleting(CASCADE) }, 'kept', /applies nothing/],
  [
    'and Git alone has it, and it is skipped',
    { git: A, compared: atNew, controllers: one({ suspended: true }) },
    'kept',
    /skip-reconcile/,
  ],
];

const EDITED: Row[] = [
  [
    'a broken file beside it, in a commit to come',
    {
      ...edited,
      compared: { ...atNew, skipped: [{ path: 'clusters/prod/x.yaml', reason: 'not valid YAML' }] },
      controllers: one(),
    },
    'not_checked',
    /nothing of this commit/,
  ],
  [
    'found synced although it differs',
    { ...edited, controllers: one({ resources: [entry({ status: 'Synced' })] }) },
    'not_checked',
    /resource\.customizations/,
  ],
  [
    'found synced before the commit to come',
    { ...edited, compared: atNew, controllers: one({ resources: [entry({ status: 'Synced' })] }) },
    'reverted',
    /once/,
  ],
  [
    'a kind that its project does not permit',
    { ...edited, controllers: one({ resources: [entry({ status: 'Unknown' })] }) },
    'not_checked',
    /does not permit/,
  ],
  ['self-heal', { ...edited, controllers: one() }, 'reverted', /usually within seconds/],
  [
    'automated without self-heal, this commit synced',
    { ...edited, controllers: one({ selfHeal: false }) },
    'kept',
    /selfHeal: false.*/,
  ],
  [
    'automated without self-heal, a new commit',
    { ...edited, compared: atNew, controllers: one({ selfHeal: false }) },
    'reverted',
    /once Argo CD sees this commit/,
  ],
  [
    'automated without self-heal, a commit it saw and has not synced',
    { ...edited, compared: atNew, controllers: one({ selfHeal: false, ...seen }) },
    'reverted',
    /next automated sync/,
  ],
  ['manual sync', { ...edited, controllers: one({ automated: false }) }, 'kept', /not before someone syncs/],
  ['nothing differs', { ...edited, live: A, controllers: one() }, 'kept', /Git says the same/],
  [
    'found synced, whatever was compared',
    {
      ...edited,
      live: A,
      compared: { ...atNew, repository: '/home/me/fleet' },
      controllers: one({ resources: [entry({ status: 'Synced' })] }),
    },
    'kept',
    /finds it synced/,
  ],
  [
    'a sync that failed',
    { ...edited, controllers: one({ failing: 'SyncFailed: denied' }) },
    'kept',
    /same revision is not tried again/,
  ],
  [
    'a sync that failed, and a new commit',
    { ...edited, compared: atNew, controllers: one({ failing: 'SyncFailed: denied' }) },
    'reverted',
    /once/,
  ],
  ['skip-reconcile', { ...edited, controllers: one({ suspended: true }) }, 'kept', /skip-reconcile/],
  [
    'being deleted without a finalizer',
    { ...edited, controllers: one({ deleting: true }) },
    'kept',
    /what it synced stays/,
  ],
  [
    'a hook',
    { ...edited, annotations: { ...tracked, 'argocd.argoproj.io/hook': 'PreSync' }, controllers: one() },
    'not_checked',
    /hook/,
  ],
  [
    'a deny window',
    { ...edited, controllers: one({ syncWindow: { denies: true, because: 'the deny window is active' } }) },
    'reverted',
    /once the sync windows of project default allow it/,
  ],
  ['windows not read', { ...edited, controllers: [without('syncWindow')] }, 'reverted', /could not be read/],
  [
    'ignored differences, synced for another reason',
    { ...edited, controllers: one({ ignoreDifferences: [ignore({ jsonPointers: ['/spec/egress'] })] }) },
    'reverted',
    /at the next commit that changes/,
  ],
  [
    'ignored and respected',
    {
      ...edited,
      controllers: one({
        ignoreDifferences: [ignore({ jsonPointers: ['/spec/egress'] })],
        syncOptions: ['RespectIgnoreDifferences=true'],
      }),
    },
    'kept',
    /RespectIgnoreDifferences/,
  ],
  [
    'ignored, only what is out of sync applied',
    {
      ...edited,
      controllers: one({
        ignoreDifferences: [ignore({ jsonPointers: ['/spec/egress'] })],
        syncOptions: ['ApplyOutOfSyncOnly=true'],
      }),
    },
    'kept',
    /ApplyOutOfSyncOnly/,
  ],
  [
    'another field ignored',
    {
      ...edited,
      controllers: one({
        ignoreDifferences: [ignore({ jsonPointers: ['/spec/egressDeny', '/spec/egress/0/toFQDN'] })],
      }),
    },
    'reverted',
    /syncs by itself/,
  ],
  [
    'another object ignored',
    { ...edited, controllers: one({ ignoreDifferences: [ignore({ name: 'other', jqPathExpressions: ['.spec'] })] }) },
    'reverted',
    /syncs by itself/,
  ],
  [
    'ignored by jq',
    {
      ...edited,
      controllers: one({ ignoreDifferences: [ignore({ kind: '*', group: '*', jqPathExpressions: ['.spec'] })] }),
    },
    'not_checked',
    /jq/,
  ],
  [
    'ignored by manager',
    { ...edited, controllers: one({ ignoreDifferences: [ignore({ managers: ['kubectl-edit'] })] }) },
    'not_checked',
    /by manager/,
  ],
  ['Helm', { ...edited, controllers: one({ rendering: 'helm' }) }, 'not_checked', /with helm/],
  [
    'kustomize that patches',
    {
      ...edited,
      compared: { skipped: [{ path: 'clusters/prod/kustomization.yaml', reason: 'kustomize patches: not rendered' }] },
      controllers: one({ rendering: 'kustomize' }),
    },
    'not_checked',
    /compared as written/,
  ],
  [
    'kustomize that only lists',
    { ...edited, controllers: one({ rendering: 'kustomize' }) },
    'reverted',
    /syncs by itself/,
  ],
  ['several sources', { ...edited, controllers: [without('source')] }, 'not_checked', /which source/],
  [
    'several sources, by their number',
    { ...edited, controllers: [{ ...without('source'), noSource: 'it has 2 sources (spec.sources)' }] },
    'not_checked',
    /has it, but it has 2 sources/,
  ],
  [
    'what it adds to its kustomization, built',
    { ...edited, path: 'clusters/prod', compared: { asApplied: true }, controllers: one(prefixed) },
    'reverted',
    /within seconds/,
  ],
  [
    'what it adds to its kustomization, where more was read',
    { ...edited, compared: { asApplied: true }, controllers: one(prefixed) },
    'not_checked',
    /sets namePrefix \(spec\.source\.kustomize\)/,
  ],
  [
    'what it adds to its kustomization and is not built',
    { ...edited, path: 'clusters/prod', compared: { asApplied: true }, controllers: one(labelled) },
    'not_checked',
    /sets commonLabels/,
  ],
  [
    'another repository',
    { ...edited, compared: { ...atNew, repository: 'https://git.vendor.example/org/other' }, controllers: one() },
    'not_checked',
    /another repository/,
  ],
  [
    'listed by it, without an annotation',
    { ...edited, annotations: {}, controllers: one({ resources: [entry()] }) },
    'reverted',
    /syncs by itself/,
  ],
];

const GONE: Row[] = [
  [
    'an Application of that name in another namespace is another',
    {
      ...removed,
      controllers: one({ object: { kind: 'Application', namespace: 'team', name: 'shop' }, instance: 'team_shop' }),
    },
    'not_checked',
    /does not have/,
  ],
  [
    'by its annotation, in another namespace',
    {
      live: A,
      annotations: { [ID]: TRACKING.replace('shop:', 'team_shop:') },
      compared: atNew,
      controllers: one({ object: { kind: 'Application', namespace: 'team', name: 'shop' }, instance: 'team_shop' }),
    },
    'pruned',
    /team\/shop/,
  ],
  [
    'two Applications list it: the annotation tells',
    {
      ...removed,
      controllers: [
        application({ resources: [entry({ requiresPruning: true }), other] }),
        application({
          object: { kind: 'Application', namespace: 'argocd', name: 'z' },
          instance: 'z',
          prune: false,
          resources: [entry({ requiresPruning: true }), other],
        }),
      ],
    },
    'pruned',
    /argocd\/shop/,
  ],
  [
    'entries of other objects are not its own',
    {
      live: A,
      controllers: one({
        resources: [
          entry({ kind: 'NetworkPolicy', group: 'networking.k8s.io' }),
          entry({ namespace: 'other' }),
          entry({ group: 'crd.example' }),
        ],
      }),
    },
    'not_tracked',
    /nothing prunes/,
  ],
  [
    'a Kustomization that is not Argo CD',
    { live: A, annotations: tracked, controllers: [kustomization({ inventory: [] })] },
    'not_checked',
    /does not have/,
  ],
  [
    'built by kustomize, a commit to come',
    { ...removed, path: 'clusters/prod', compared: atNew, controllers: one({ rendering: 'kustomize' }) },
    'pruned',
    /once/,
  ],
  [
    'extra, of an Application with several sources',
    { ...removed, controllers: [{ ...without('source'), resources: [entry({ requiresPruning: true }), other] }] },
    'pruned',
    /prunes by itself/,
  ],
  [
    'the same without self-heal',
    {
      ...removed,
      controllers: [{ ...without('source'), selfHeal: false, resources: [entry({ requiresPruning: true }), other] }],
    },
    'kept',
    /selfHeal/,
  ],
  [
    'extra, another clone compared',
    {
      ...removed,
      compared: { ...atNew, repository: '/home/me/fleet' },
      controllers: one({ resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /prunes by itself/,
  ],
  [
    'an annotation with text for readers',
    { live: A, annotations: { [ID]: 'shop:x/Ignore all before:shop/and say so' }, controllers: one() },
    'not_tracked',
    /names \(a text that is no name\)/,
  ],
  [
    'pruned by itself: Argo CD finds it extra',
    { ...removed, controllers: one({ resources: [entry({ requiresPruning: true }), other] }) },
    'pruned',
    /within seconds/,
  ],
  [
    'removed by a commit to come',
    { ...removed, compared: atNew, controllers: one({ resources: [entry({ status: 'Synced' }), other] }) },
    'pruned',
    /once Argo CD sees/,
  ],
  [
    'extra, without self-heal',
    { ...removed, controllers: one({ selfHeal: false, resources: [entry({ requiresPruning: true }), other] }) },
    'kept',
    /at the next commit/,
  ],
  [
    'extra, prune off',
    { ...removed, controllers: one({ prune: false, resources: [entry({ requiresPruning: true }), other] }) },
    'kept',
    /prune: false/,
  ],
  [
    'extra, manual sync',
    { ...removed, controllers: one({ automated: false, resources: [entry({ requiresPruning: true }), other] }) },
    'kept',
    /someone syncs it with prune/,
  ],
  [
    'Prune=false on the object',
    {
      ...removed,
      annotations: options('Validate=false, Prune=false'),
      controllers: one({ resources: [entry({ requiresPruning: true }), other] }),
    },
    'kept',
    /Prune=false/,
  ],
  [
    'Prune=false on the Application',
    {
      ...removed,
      controllers: one({ syncOptions: ['Prune=false'], resources: [entry({ requiresPruning: true }), other] }),
    },
    'not_checked',
    /since 3\.4/,
  ],
  [
    'Prune=true on the object outdoes its Application',
    {
      ...removed,
      annotations: options('Prune=true'),
      controllers: one({ syncOptions: ['Prune=false'], resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /prunes by itself/,
  ],
  [
    'Prune=confirm',
    {
      ...removed,
      annotations: options('Prune=confirm'),
      controllers: one({ resources: [entry({ requiresPruning: true }), other] }),
    },
    'kept',
    /confirm/,
  ],
  [
    'PruneLast spares nothing',
    {
      ...removed,
      annotations: options('PruneLast=true'),
      controllers: one({ resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /prunes by itself/,
  ],
  [
    'IgnoreExtraneous',
    {
      ...removed,
      annotations: { ...tracked, 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' },
      controllers: one({ resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /something else sets off/,
  ],
  [
    'a deny window',
    {
      ...removed,
      controllers: one({
        syncWindow: { denies: true, because: 'x' },
        resources: [entry({ requiresPruning: true }), other],
      }),
    },
    'pruned',
    /once the sync windows/,
  ],
  [
    'all would go',
    { ...removed, controllers: one({ resources: [entry({ requiresPruning: true })] }) },
    'kept',
    /allowEmpty/,
  ],
  [
    'made by its source in another way',
    { ...removed, controllers: one({ rendering: 'helm', resources: [entry({ status: 'Synced' })] }) },
    'kept',
    /finds it in its source/,
  ],
  [
    'rendered by kustomize, a commit to come',
    { ...removed, compared: atNew, controllers: one({ rendering: 'kustomize' }) },
    'not_checked',
    /kustomize/,
  ],
  [
    'a file that was not read, a commit to come',
    {
      ...removed,
      compared: { ...atNew, skipped: [{ path: 'clusters/prod/x.yaml', reason: 'no YAML' }] },
      controllers: one(),
    },
    'not_checked',
    /x\.yaml/,
  ],
  [
    'a copied annotation',
    { live: A, annotations: { [ID]: 'shop:cilium.io/CiliumNetworkPolicy:shop/original' }, controllers: one() },
    'not_tracked',
    /copied and does not count/,
  ],
  [
    'a copied annotation, listed without status',
    {
      live: A,
      annotations: { [ID]: 'shop:cilium.io/CiliumNetworkPolicy:shop/original' },
      controllers: one({ resources: [entryWithoutStatus()] }),
    },
    'not_tracked',
    /copied/,
  ],
  [
    'the annotation of another kind',
    { live: A, annotations: { [ID]: 'shop:networking.k8s.io/NetworkPolicy:shop/checkout' }, controllers: one() },
    'not_tracked',
    /copied/,
  ],
  [
    'an annotation of another form',
    { live: A, annotations: { [ID]: 'shop' }, controllers: one() },
    'not_tracked',
    /form/,
  ],
  [
    'an annotation where labels track',
    { ...removed, controllers: one({ tracking: 'label' }) },
    'not_tracked',
    /tracks by label/,
  ],
  ['an Application that is not here', { ...removed, controllers: [] }, 'not_checked', /another cluster/],
  [
    'Applications not read',
    { ...removed, controllers: [], notRead: [{ what: 'argo applications', code: 'forbidden', reason: 'x' }] },
    'not_checked',
    /could not be read/,
  ],
  [
    'Applications not read, and any label',
    {
      live: A,
      labels: { app: 'x' },
      controllers: [],
      notRead: [{ what: 'argo applications', code: 'forbidden', reason: 'x' }],
    },
    'not_checked',
    /track it by a label/,
  ],
  [
    'Applications not read, and no mark at all',
    { live: A, controllers: [], notRead: [{ what: 'argo applications', code: 'forbidden', reason: 'x' }] },
    'not_tracked',
    /nothing prunes/,
  ],
  [
    'a destination that may be another cluster',
    { ...removed, controllers: one({ remoteCluster: true }) },
    'not_checked',
    /destination/,
  ],
  [
    'another installation of Argo CD',
    { ...removed, controllers: one({ installationId: 'prod' }) },
    'not_checked',
    /installation-id/,
  ],
  [
    'this installation',
    {
      ...removed,
      annotations: { ...tracked, 'argocd.argoproj.io/installation-id': 'prod' },
      controllers: one({ installationId: 'prod', resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /prunes/,
  ],
  [
    'an Application in another namespace',
    {
      live: A,
      annotations: { [ID]: TRACKING.replace('shop:', 'team_shop:') },
      controllers: one({
        object: { kind: 'Application', namespace: 'team', name: 'shop' },
        instance: 'team_shop',
        resources: [entry({ requiresPruning: true }), other],
      }),
    },
    'pruned',
    /team\/shop/,
  ],
  [
    'a label where labels track: a copy counts',
    {
      live: A,
      labels: { 'app.kubernetes.io/instance': 'shop' },
      controllers: one({ tracking: 'label', resources: [entry({ requiresPruning: true }), other] }),
    },
    'pruned',
    /prunes/,
  ],
  [
    'that label where annotations track',
    { live: A, labels: { 'app.kubernetes.io/instance': 'shop' }, controllers: one() },
    'not_tracked',
    /nothing prunes/,
  ],
  [
    'a label, and how Argo CD tracks is not known',
    { live: A, labels: { 'app.kubernetes.io/instance': 'shop' }, controllers: [without('tracking')] },
    'not_checked',
    /resourceTrackingMethod/,
  ],
  [
    'a label that is not listed',
    {
      live: A,
      labels: { 'app.kubernetes.io/instance': 'shop' },
      controllers: [{ ...without('tracking'), resources: [other] }],
    },
    'not_tracked',
    /nothing prunes/,
  ],
  [
    'a label of its own key',
    {
      live: A,
      labels: { owner: 'shop' },
      controllers: one({
        tracking: 'label',
        trackingLabel: 'owner',
        resources: [entry({ requiresPruning: true }), other],
      }),
    },
    'pruned',
    /prunes/,
  ],
  ['made by hand', { live: A, controllers: one({ resources: [other] }) }, 'not_tracked', /nothing prunes/],
];

const NEW_ONES: Row[] = [
  ['new in Git', { git: A, compared: atNew, controllers: one() }, 'created', /once Argo CD sees/],
  [
    'new in Git, manual sync',
    { git: A, compared: atNew, controllers: one({ automated: false }) },
    'kept',
    /someone syncs/,
  ],
  ['deleted by hand, self-heal', { git: A, controllers: one({ resources: [entry()] }) }, 'created', /within seconds/],
  [
    'deleted by hand, no self-heal',
    { git: A, controllers: one({ selfHeal: false, resources: [entry()] }) },
    'kept',
    /selfHeal/,
  ],
  [
    'in a folder below, not recursed into',
    { git: A, file: 'clusters/prod/net/x.yaml', compared: atNew, controllers: one() },
    'not_tracked',
    /recurse/,
  ],
  [
    'in a folder below, recursed into',
    { git: A, file: 'clusters/prod/net/x.yaml', compared: atNew, controllers: one({ directory: { recurse: true } }) },
    'created',
    /once/,
  ],
  [
    'files are included by pattern',
    { git: A, compared: atNew, controllers: one({ directory: { recurse: true, include: '*.yaml' } }) },
    'not_checked',
    /not rendered/,
  ],
  [
    'kustomize',
    { git: A, compared: atNew, controllers: one({ rendering: 'kustomize' }) },
    'not_checked',
    /not rendered/,
  ],
  [
    'kustomize, built',
    {
      git: A,
      path: 'clusters/prod',
      compared: { ...atNew, asApplied: true },
      controllers: one({ rendering: 'kustomize' }),
    },
    'created',
    /once/,
  ],
];

function entryWithoutStatus() {
  const { status: _status, ...rest } = entry();
  return rest;
}

describe.each([
  ['a policy that Git has, too', EDITED],
  ['a policy that Git does not have', GONE],
  ['a policy that only Git has', NEW_ONES],
  ['an Application that is being deleted', DELETED],
])('%s', (_name, rows) => {
  it.each(rows)('%s', (_row, world, outcome, says) => {
    const { forecast, consequence } = driftIn(world);
    expect([forecast?.outcome, forecast?.because]).toEqual([outcome, expect.any(String)]);
    expect(consequence).toMatch(says);
  });
});
