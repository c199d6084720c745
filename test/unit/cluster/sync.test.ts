/** What is read of GitOps controllers: live, from manifests and from a capture. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { writeObjects } from '../../../src/cluster/archive/write.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { kustomizationSchema } from '../../../src/cluster/decode/flux.ts';
import type { ObjectReader } from '../../../src/cluster/object-reader.ts';
import { prune } from '../../../src/cluster/prune.ts';
import { createRecordingReader } from '../../../src/cluster/recording-reader.ts';
import type { ArgoApplication, FluxKustomization, SyncState } from '../../../src/core/model/sync.ts';
import type { FakeApiOptions, RawObject } from '../support/fake-api-server.ts';
import { ADAPTERS, cleanUp, never, startLive, temporaryDir, writeLists } from './adapters.ts';
import { object } from './objects.ts';

afterEach(cleanUp);

const NOW = new Date('2026-11-26T15:00:00Z');
const FLUX = 'flux-system';
const groups = {
  'kustomize.toolkit.fluxcd.io': ['v1'],
  'helm.toolkit.fluxcd.io': ['v2'],
  'source.toolkit.fluxcd.io': ['v1'],
  'argoproj.io': ['v1alpha1'],
};

const kustomization = object(
  'kustomize.toolkit.fluxcd.io/v1',
  'Kustomization',
  { namespace: FLUX, name: 'policies' },
  {
    spec: {
      interval: '10m0s',
      path: './clusters/prod/',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      postBuild: {
        substitute: { region: 'eu', db_password: 'hunter2hunter2' },
        substituteFrom: [{ kind: 'Secret', name: 's' }],
      },
      patches: [{ patch: 'apiVersion: v1\ntoken: hunter2hunter2' }],
      ignore: [
        { paths: ['/spec/egress'] },
        { paths: ['/spec/replicas'], target: { kind: 'Deployment', labelSelector: 'app=x' } },
      ],
    },
    status: {
      lastAppliedRevision: 'main@sha1:aaaa',
      lastAttemptedRevision: 'main@sha1:cccc',
      conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'bad \u001b[31mfile' }],
      inventory: { entries: [{ id: 'shop_checkout_cilium.io_CiliumNetworkPolicy', v: 'v2' }] },
    },
  },
);
const repository = object(
  'source.toolkit.fluxcd.io/v1',
  'GitRepository',
  { namespace: FLUX, name: 'fleet' },
  {
    spec: {
      url: 'https://user:hunter2hunter2@git.vendor.example/org/fleet.git?x=1',
      ref: { branch: 'main' },
      suspend: true,
    },
    status: { artifact: { revision: 'main@sha1:bbbb' } },
  },
);
const unused = object(
  'source.toolkit.fluxcd.io/v1',
  'OCIRepository',
  { namespace: FLUX, name: 'unused' },
  { spec: { url: 'oci://x' } },
);
const release = object(
  'helm.toolkit.fluxcd.io/v2',
  'HelmRelease',
  { namespace: 'apps', name: 'shop' },
  {
    spec: {
      interval: '1h',
      targetNamespace: 'shop',
      driftDetection: { mode: 'warn' },
      values: { password: 'hunter2hunter2' },
      chart: { spec: { chart: 'shop', sourceRef: { kind: 'HelmRepository', name: 'charts', namespace: FLUX } } },
    },
  },
);
const application = object(
  'argoproj.io/v1alpha1',
  'Application',
  { namespace: 'argocd', name: 'shop' },
  {
    spec: {
      project: 'shop',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
      source: {
        repoURL: 'git@git.vendor.example:org/apps.git',
        path: 'shop',
        targetRevision: 'main',
        directory: { recurse: true },
        helm: { values: 'password: hunter2hunter2' },
      },
      syncPolicy: { automated: { prune: true, allowEmpty: true }, syncOptions: ['PruneLast=true'] },
      ignoreDifferences: [{ group: 'cilium.io', kind: 'CiliumNetworkPolicy', jsonPointers: ['/spec/egress'] }],
    },
    status: {
      sourceType: 'Directory',
      reconciledAt: '2026-01-02T03:04:05Z',
      sync: { status: 'OutOfSync', revision: 'cccc' },
      operationState: { phase: 'Succeeded', syncResult: { revision: 'cccc' } },
      resources: [
        {
          group: 'cilium.io',
          kind: 'CiliumNetworkPolicy',
          namespace: 'shop',
          name: 'old',
          status: 'OutOfSync',
          requiresPruning: true,
        },
      ],
    },
  },
);
const project = object(
  'argoproj.io/v1alpha1',
  'AppProject',
  { namespace: 'argocd', name: 'shop' },
  { spec: { syncWindows: [{ kind: 'deny', schedule: '0 14 * * *', duration: '2h', applications: ['*'] }] } },
);
const config = object(
  'v1',
  'ConfigMap',
  { namespace: 'argocd', name: 'argocd-cm' },
  { data: { 'application.resourceTrackingMethod': 'annotation+label', 'dex.config': 'clientSecret: hunter2hunter2' } },
);
const objects: readonly RawObject[] = [kustomization, repository, unused, release, application, project, config];

async function recorded(reader: ObjectReader): Promise<ObjectReader> {
  const recording = createRecordingReader(reader);
  await createClusterSource(recording.reader).readSync(NOW, never);
  expect(JSON.stringify([...recording.recorded().objects])).not.toContain('hunter2');
  const dir = join(await temporaryDir(), 'capture');
  await mkdir(dir);
  await writeObjects(dir, recording.recorded());
  return openArchiveReader(dir);
}

const WAYS = [
  ...ADAPTERS.filter(({ name }) => name !== 'capture'),
  { name: 'capture', open: async (options: FakeApiOptions) => recorded((await startLive(options)).reader) },
];

async function syncOf(open: (typeof WAYS)[number]['open'], options: FakeApiOptions = {}): Promise<SyncState> {
  return createClusterSource(await open({ objects, groups, ...options })).readSync(NOW, never);
}

describe('what a Kustomization adds to its folder', () => {
  const of = (spec: object) => kustomizationSchema.parse({ metadata: { name: 'x' }, spec }).controller.overlay;
  const patch = '- {op: remove, path: /spec/egress/0}';
  const target = { kind: 'CiliumNetworkPolicy' };

  it.each<[string, object, object | undefined]>([
    ['nothing', {}, undefined],
    ['patches', { patches: [{ patch, target }] }, { patches: [{ patch, target }] }],
    ['a prefix', { namePrefix: 'shop-' }, { patches: [], namePrefix: 'shop-' }],
    [
      'a suffix, and patches for other kinds',
      { nameSuffix: '-x', patches: [{ patch, target: { kind: 'Job' } }] },
      { nameSuffix: '-x', patches: [{ patch, target: { kind: 'Job' } }] },
    ],
    ['patches for other kinds alone', { patches: [{ patch, target: { kind: 'Job' } }] }, undefined],
    ['patches without their text, as in a capture', { patches: [{ target }], namePrefix: 'a-' }, undefined],
    [
      'components as well',
      { patches: [{ patch, target }], components: ['../x'], ignoreMissingComponents: true },
      { patches: [{ patch, target }], components: ['../x'], ignoreMissingComponents: true },
    ],
    ['components alone', { components: ['../x'] }, { patches: [], components: ['../x'] }],
    ['patches without their text, and components', { patches: [{ target }], components: ['../x'] }, undefined],
    ['patches of an older kind as well', { namePrefix: 'a-', patchesStrategicMerge: [{}] }, undefined],
  ])('%s', (_name, spec, overlay) => expect(of(spec)).toEqual(overlay));
});

describe('commonMetadata of a Kustomization', () => {
  const metadata = { namespace: FLUX, name: 'x' };
  const ssa = { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' };
  const whole = object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', metadata, {
    spec: {
      sourceRef: { kind: 'GitRepository', name: 'y' },
      commonMetadata: { labels: { team: 'hunter2' }, annotations: { ...ssa, note: 'hunter2' } },
    },
  });

  it.each([
    ['live', whole],
    ['in a capture', prune(whole)],
  ])('tells what Flux acts on, %s', (_way, one) => {
    const { controller } = kustomizationSchema.parse(one);
    expect(controller).toMatchObject({ controls: ssa, transforms: ['commonMetadata'] });
  });

  it('is kept without the rest', () => expect(JSON.stringify(prune(whole))).not.toContain('hunter2'));
});

describe('patches of a Kustomization', () => {
  const of = (...patches: object[]) => {
    const { controller } = kustomizationSchema.parse({ metadata: { name: 'x' }, spec: { patches } });
    return controller.transforms;
  };

  it.each<[string, object[], string[]]>([
    ['for a policy', [{ target: { kind: 'CiliumNetworkPolicy' } }], ['patches']],
    ['for other kinds', [{ target: { kind: 'Deployment' } }, { patch: 'apiVersion: apps/v1\nkind: Deployment\n' }], []],
    ['for one of both', [{ target: { kind: 'Deployment' } }, { target: { kind: 'NetworkPolicy' } }], ['patches']],
    ['by a pattern of kinds', [{ target: { kind: '.*Policy' } }], ['patches']],
    ['by name alone', [{ target: { name: 'x' } }], ['patches']],
    ['without a target, for a policy', [{ patch: 'kind: "NetworkPolicy"\nspec: {}' }], ['patches']],
    ['without a target, of a kind that is not to be seen', [{ patch: '{"kind": "Deployment"}' }], ['patches']],
    ['of which a capture kept nothing', [{}], ['patches']],
  ])('%s', (_name, patches, transforms) => expect(of(...patches)).toEqual(transforms));
});

describe.each(WAYS)('$name', ({ name, open }) => {
  it('gives each controller with its source', async () => {
    const { controllers, notRead } = await syncOf(open);
    expect(controllers.map(({ tool, object: ref }) => `${tool} ${ref.namespace}/${ref.name}`)).toEqual([
      'argo-application argocd/shop',
      'flux-helmrelease apps/shop',
      'flux-kustomization flux-system/policies',
    ]);
    const [argo, helm, flux] = controllers as [ArgoApplication, SyncState['controllers'][number], FluxKustomization];
    expect(flux).toEqual({
      tool: 'flux-kustomization',
      object: { kind: 'Kustomization', namespace: FLUX, name: 'policies' },
      suspended: false,
      deleting: false,
      intervalSeconds: 600,
      path: 'clusters/prod',
      appliedRevision: 'main@sha1:aaaa',
      attemptedRevision: 'main@sha1:cccc',
      failing: expect.stringMatching(/^BuildFailed: bad .*file$/),
      remoteCluster: false,
      prune: true,
      force: false,
      inventory: ['shop_checkout_cilium.io_CiliumNetworkPolicy'],
      ignore: [
        { paths: ['/spec/egress'], target: { selects: false } },
        { paths: ['/spec/replicas'], target: { kind: 'Deployment', selects: true } },
      ],
      transforms: ['patches', 'postBuild.substitute', 'postBuild.substituteFrom'],
      // A capture keeps no text of patches.
      ...(name === 'capture' ? {} : { overlay: { patches: [{ patch: 'apiVersion: v1\ntoken: hunter2hunter2' }] } }),
      substitute: { region: 'eu', db_password: name === 'capture' ? '[redacted]' : 'hunter2hunter2' },
      substituteFrom: [{ kind: 'Secret', name: 's', optional: false }],
      source: {
        object: { kind: 'GitRepository', namespace: FLUX, name: 'fleet' },
        kind: 'git',
        url: 'https://git.vendor.example/org/fleet.git',
        ref: 'main',
        suspended: true,
        revision: 'main@sha1:bbbb',
      },
    });
    expect(helm).toMatchObject({
      release: 'shop-shop',
      releaseNamespace: 'shop',
      driftDetection: 'warn',
      intervalSeconds: 3600,
      source: { object: { kind: 'HelmRepository', namespace: FLUX, name: 'charts' }, kind: 'helm', suspended: false },
    });
    expect(argo).toMatchObject({
      instance: 'shop',
      automated: true,
      prune: true,
      selfHeal: false,
      allowEmpty: true,
      comparedAt: '2026-01-02T03:04:05Z',
      remoteCluster: false,
      syncOptions: ['PruneLast=true'],
      rendering: 'directory',
      directory: { recurse: true },
      tracking: 'annotation+label',
      trackingLabel: 'app.kubernetes.io/instance',
      syncWindow: { denies: true },
      appliedRevision: 'cccc',
      source: { url: 'git@git.vendor.example:org/apps.git', ref: 'main', revision: 'cccc' },
      resources: [{ name: 'old', requiresPruning: true }],
    });
    // A directory of manifests cannot show that other namespaces have none, nor that there is no Helm repository.
    expect(new Set(notRead.map(({ code }) => code))).toEqual(
      new Set(name === 'directory of manifests' ? ['not_in_archive'] : []),
    );
  });
});

describe('what is not there and what is refused', () => {
  it('is no gap where the cluster has no such kinds', async () => {
    const { reader } = await startLive({ objects: [], groups: {} });
    expect(await createClusterSource(reader).readSync(NOW, never)).toEqual({ controllers: [], notRead: [] });
  });

  it('is a gap where it is refused, and hides nothing else', async () => {
    const { reader } = await startLive({
      objects,
      groups,
      forbidden: ['applications', 'helmrepositories', 'ocirepositories'],
    });
    const { controllers, notRead } = await createClusterSource(reader).readSync(NOW, never);
    expect(controllers.map(({ object: { name } }) => name)).toEqual(['shop', 'policies']);
    // Nothing refers to an OCIRepository.
    expect(notRead.map(({ what, code }) => [what, code])).toEqual([
      ['helmrepositories', 'forbidden'],
      ['argo applications', 'forbidden'],
    ]);
  });

  it('asks for each kind once', async () => {
    const { api, reader } = await startLive({ objects, groups });
    await createClusterSource(reader).readSync(NOW, never);
    const paths = api.requests.map(({ path }) => path).filter((path) => path !== '/apis');
    expect(paths.toSorted()).toEqual([...new Set(paths)].toSorted());
    expect(paths.length).toBe(9);
  });

  it('is a gap where an archive says nothing of it', async () => {
    const reader = await openArchiveReader(await writeLists([repository]));
    const { notRead } = await createClusterSource(reader).readSync(NOW, never);
    expect(notRead.map(({ what }) => what)).toEqual(['flux kustomizations, helmreleases, argo applications']);
  });
});
