/** What charts are rendered with, from HelmReleases and Applications as they are stored, live and out of a capture. */
import { describe, expect, it } from 'vitest';
import { applicationSchema } from '../../../src/cluster/decode/argo.ts';
import { helmReleaseSchema } from '../../../src/cluster/decode/flux.ts';
import { GITOPS_PARTS } from '../../../src/cluster/prune-gitops.ts';
import { renderingFor } from '../../../src/core/drift/rendering.ts';
import type { HelmInputs, SyncController } from '../../../src/core/model/sync.ts';
import { application, release } from '../drift/sync-world.ts';

const metadata = { name: 'shop', namespace: 'apps' };
const chart = {
  spec: { chart: './charts/egress', sourceRef: { kind: 'GitRepository', name: 'fleet' } },
};

function ofFlux(spec: object) {
  return helmReleaseSchema.parse({ metadata, spec: { chart, ...spec } }).controller;
}

function ofArgo(helm: object | undefined, source: object = {}): HelmInputs | undefined {
  const path = 'charts/egress';
  const spec = {
    destination: { namespace: 'shop' },
    source: { repoURL: 'https://git.vendor.example/org/fleet.git', path, ...(helm && { helm }), ...source },
  };
  return applicationSchema.parse({ metadata, spec, status: { sourceType: 'Helm' } }).application.helm;
}

describe('a HelmRelease', () => {
  it('has its values, release and namespace, and the folder of its chart', () => {
    const { path, helm } = ofFlux({ values: { hosts: ['a.example'] }, targetNamespace: 'shop' });
    expect(path).toBe('charts/egress');
    expect(helm).toEqual({
      release: 'shop-shop',
      namespace: 'shop',
      valueFiles: [],
      missingFilesAllowed: false,
      values: ['{"hosts":["a.example"]}'],
      parameters: [],
      readsCluster: true,
      unknown: [],
    });
  });

  it.each<[string, object, RegExp]>([
    ['post renderers', { postRenderers: [{ kustomize: {} }] }, /postRenderers/],
    ['files of values outside', { chart: { spec: { ...chart.spec, valuesFiles: ['../x.yaml'] } } }, /valuesFiles/],
  ])('with %s says what is not known', (_name, spec, says) => {
    expect(ofFlux(spec).helm?.unknown).toEqual([expect.stringMatching(says)]);
  });

  it('with values of other objects names them: they are read one by one', () => {
    const valuesFrom = [{ kind: 'Secret', name: 'v', targetPath: 'a.b' }];
    expect(ofFlux({ valuesFrom }).valuesFrom).toEqual([{ ...valuesFrom[0], optional: false, key: 'values.yaml' }]);
  });

  it.each([
    ['of a registry', { chart: { spec: { chart: 'egress', sourceRef: { kind: 'HelmRepository', name: 'c' } } } }],
    ['by chartRef', { chart: undefined, chartRef: { kind: 'OCIRepository', name: 'c' } }],
  ])('%s has no chart here', (_name, spec) => {
    expect(ofFlux(spec)).not.toHaveProperty('helm');
    expect(ofFlux(spec)).not.toHaveProperty('path');
  });
});

describe('an Application', () => {
  it('has its own name as release, files from the root of the repository, values, then parameters', () => {
    const helm = {
      valueFiles: ['prod.yaml', '../../environments/prod.yaml', '/all.yaml'],
      ignoreMissingValueFiles: true,
      values: 'port: 1',
      parameters: [
        { name: 'port', value: '2' },
        { name: 'hosts[0]', value: 'x', forceString: true },
      ],
    };
    expect(ofArgo(helm)).toEqual({
      release: 'shop',
      namespace: 'shop',
      valueFiles: ['charts/egress/prod.yaml', 'environments/prod.yaml', 'all.yaml'],
      missingFilesAllowed: true,
      values: ['port: 1'],
      parameters: [
        { name: 'port', value: '2', text: false },
        { name: 'hosts[0]', value: 'x', text: true },
      ],
      readsCluster: false,
      unknown: [],
    });
    expect(ofArgo({ releaseName: 'r', valuesObject: { a: 1 }, values: 'a: 2' })).toMatchObject({
      release: 'r',
      values: ['{"a":1}'],
    });
    expect(ofArgo(undefined)).toMatchObject({ release: 'shop', values: [] });
  });

  it.each<[string, object, RegExp]>([
    ['a file outside of the repository', { valueFiles: ['../../../x.yaml'] }, /no folder of this repository/],
    ['a file by URL', { valueFiles: ['https://git.vendor.example/x.yaml'] }, /no folder of this repository/],
    ['a file of another source', { valueFiles: ['$values/x.yaml'] }, /no folder of this repository/],
    ['a pattern of files', { valueFiles: ['envs/*.yaml'] }, /no folder of this repository/],
    ['file parameters', { fileParameters: [{ name: 'a', path: 'b' }] }, /fileParameters/],
    ['API versions', { apiVersions: ['x/v1'] }, /apiVersions/],
    ["variables of Argo CD's build", { parameters: [{ name: 'a', value: '$ARGOCD_APP_NAME' }] }, /variables/],
  ])('with %s says what is not known', (_name, helm, says) => {
    expect(ofArgo(helm)?.unknown).toEqual([expect.stringMatching(says)]);
  });

  it('of a registry has no chart here', () => {
    expect(ofArgo(undefined, { chart: 'egress' })).toBeUndefined();
  });
});

describe('a capture', () => {
  it('keeps no values, and what is decoded from it says so', () => {
    const password = 'sup3rs3cret';
    const flux = { kind: 'HelmRelease', metadata, spec: { chart, values: { password } } };
    const argo = {
      kind: 'Application',
      metadata,
      spec: { source: { path: 'charts/egress', helm: { values: `password: ${password}` } } },
      status: { sourceType: 'Helm' },
    };
    const kept = [flux, argo].map((object) => ({ metadata, ...GITOPS_PARTS[object.kind]?.(object) }));
    expect(JSON.stringify(kept)).not.toContain(password);
    const inputs = [
      helmReleaseSchema.parse(kept[0]).controller.helm,
      applicationSchema.parse(kept[1]).application.helm,
    ];
    for (const one of inputs) expect(one?.unknown).toEqual([expect.stringContaining('capture')]);
  });
});

describe('the rendering of a folder', () => {
  const inputs = ofArgo({ values: 'a: 1' });
  const chartOf = (by: SyncController) =>
    renderingFor({ controllers: [by], notRead: [] }, { repository: '/clone', path: 'charts/egress' });

  it('is that of its one chart', () => {
    if (inputs === undefined) throw new Error('no inputs');
    const source = { ...application().source, kind: 'git' } as NonNullable<SyncController['source']>;
    const argo = application({ path: 'charts/egress', rendering: 'helm', helm: inputs });
    const flux = release({ path: 'charts/egress', source, helm: inputs });
    expect(chartOf(argo)).toEqual({ helm: inputs });
    expect(chartOf(flux)).toEqual({ helm: inputs });
    expect(
      renderingFor({ controllers: [argo, flux], notRead: [] }, { repository: '/clone', path: 'charts/egress' }),
    ).toBeUndefined();
  });
});
