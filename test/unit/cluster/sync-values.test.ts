/** What Kustomizations and HelmReleases of Flux take from ConfigMaps: read by name, live, from manifests and from a capture; Secrets never. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openArchiveReader } from '../../../src/cluster/archive/reader.ts';
import { writeObjects } from '../../../src/cluster/archive/write.ts';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { createRecordingReader } from '../../../src/cluster/recording-reader.ts';
import { variablesOf } from '../../../src/core/drift/variables.ts';
import type { FluxHelmRelease, FluxKustomization, SyncState } from '../../../src/core/model/sync.ts';
import type { RawObject } from '../support/fake-api-server.ts';
import { ADAPTERS, cleanUp, never, startLive, temporaryDir } from './adapters.ts';
import { object } from './objects.ts';

afterEach(cleanUp);

const NOW = new Date('2026-11-26T15:00:00Z');
const FLUX = 'flux-system';
const groups = {
  'kustomize.toolkit.fluxcd.io': ['v1'],
  'helm.toolkit.fluxcd.io': ['v2'],
  'source.toolkit.fluxcd.io': ['v1'],
};

function kustomization(name: string, substituteFrom: readonly object[], more: object = {}): RawObject {
  const spec = { path: './clusters/prod', sourceRef: { kind: 'GitRepository', name: 'fleet' }, ...more };
  const postBuild = { substitute: { region: 'eu' }, substituteFrom };
  return object(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    { namespace: FLUX, name },
    { spec: { ...spec, postBuild } },
  );
}

const configMap = (name: string, data: object, namespace = FLUX): RawObject =>
  object('v1', 'ConfigMap', { namespace, name }, { data });

const settings = configMap('settings', { region: 'us', domain: 'vendor.example', api_token: 'hunter2hunter2' });
const secret = object('v1', 'Secret', { namespace: FLUX, name: 'tokens' }, { data: { domain: 'aHVudGVyMg==' } });
const SETTINGS = { kind: 'ConfigMap', name: 'settings' };

async function captured(reader: Parameters<typeof createClusterSource>[0]) {
  const recording = createRecordingReader(reader);
  await createClusterSource(recording.reader).readSync(NOW, never);
  expect(JSON.stringify([...recording.recorded().objects])).not.toContain('hunter2');
  const dir = join(await temporaryDir(), 'capture');
  await mkdir(dir);
  await writeObjects(dir, recording.recorded());
  return openArchiveReader(dir);
}

async function one<T>(state: Promise<SyncState>): Promise<T> {
  const [controller] = (await state).controllers;
  return controller as T;
}

const live = async (objects: readonly RawObject[], forbidden: readonly string[] = []) => {
  const { api, reader } = await startLive({ objects, groups, forbidden: [...forbidden] });
  return { api, reader, state: () => createClusterSource(reader).readSync(NOW, never) };
};

describe.each(ADAPTERS.filter(({ name }) => name !== 'capture'))('variables, $name', ({ open }) => {
  it('are those of the ConfigMaps that are named', async () => {
    const objects = [kustomization('policies', [SETTINGS]), settings];
    const found = await one<FluxKustomization>(
      createClusterSource(await open({ objects, groups })).readSync(NOW, never),
    );
    expect(variablesOf(found)).toEqual({
      values: { region: 'eu', domain: 'vendor.example', api_token: 'hunter2hunter2' },
    });
  });
});

describe('variables', () => {
  it('of a capture are those that it keeps', async () => {
    const { reader } = await live([kustomization('policies', [SETTINGS]), settings]);
    const found = await one<FluxKustomization>(createClusterSource(await captured(reader)).readSync(NOW, never));
    expect(variablesOf(found)).toEqual({
      values: { region: 'eu', domain: 'vendor.example' },
      unread: 'values that a capture leaves out',
    });
  });

  it.each<[string, readonly object[], object]>([
    [
      'that is not there',
      [{ kind: 'ConfigMap', name: 'none' }],
      { unread: expect.stringMatching(/ConfigMap none .*which does not exist/) },
    ],
    ['that may be missing', [{ kind: 'ConfigMap', name: 'none', optional: true }], { values: { region: 'eu' } }],
    [
      'of another namespace',
      [{ kind: 'ConfigMap', name: 'elsewhere' }],
      { unread: expect.stringMatching(/does not exist/) },
    ],
    [
      'and a Secret',
      [SETTINGS, { kind: 'Secret', name: 'tokens' }],
      { values: { region: 'eu' }, unread: expect.stringMatching(/Secret tokens .*which is not read/) },
    ],
  ])('of a ConfigMap %s', async (_name, from, expected) => {
    const objects = [kustomization('policies', from), settings, secret, configMap('elsewhere', {}, 'apps')];
    for (const reader of [(await live(objects)).reader, await captured((await live(objects)).reader)]) {
      const found = await one<FluxKustomization>(createClusterSource(reader).readSync(NOW, never));
      expect(variablesOf(found)).toMatchObject(expected);
    }
  });

  it('of a ConfigMap that may not be read are not known, and who applies what still is', async () => {
    const { state } = await live([kustomization('policies', [SETTINGS]), settings], ['configmaps']);
    const { controllers, notRead } = await state();
    expect(variablesOf(controllers[0] as FluxKustomization).unread).toMatch(
      /ConfigMap settings .*which could not be read/,
    );
    expect(notRead).toEqual([]);
  });

  it('are asked for by name, once, and a Secret never', async () => {
    const objects = [
      kustomization('a', [SETTINGS, { kind: 'Secret', name: 'tokens' }]),
      kustomization('b', [SETTINGS]),
      kustomization('c', [{ kind: 'ConfigMap', name: 'other' }], { kubeConfig: { secretRef: { name: 'x' } } }),
      settings,
      secret,
    ];
    const { api, state } = await live(objects);
    await state();
    const asked = api.requests.map(({ path }) => path).filter((path) => path.startsWith('/api/'));
    expect(asked).toEqual([`/api/v1/namespaces/${FLUX}/configmaps/settings`]);
  });
});

describe('values of a HelmRelease', () => {
  const release = (valuesFrom: readonly object[], spec: object = {}): RawObject => {
    const chart = {
      spec: { chart: './charts/shop', sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: FLUX }, ...spec },
    };
    const whole = { spec: { chart, valuesFrom, values: { own: 1 } } };
    return object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', { namespace: 'apps', name: 'shop' }, whole);
  };
  const values = configMap('values', { 'values.yaml': 'a: 1\nb: hunter2hunter2\n', 'more.yaml': 'a: 2\n' }, 'apps');
  const of = (name: string, more: object = {}) => ({ kind: 'ConfigMap', name, ...more });

  it.each<[string, readonly object[], object, object]>([
    ['its own', [], {}, { values: ['{"own":1}'], unknown: [] }],
    [
      'over those of ConfigMaps, in their order',
      [of('values'), of('values', { valuesKey: 'more.yaml' })],
      {},
      { values: ['a: 1\nb: hunter2hunter2\n', 'a: 2\n', '{"own":1}'], unknown: [] },
    ],
    [
      'of a Secret',
      [{ kind: 'Secret', name: 's' }],
      {},
      { unknown: ['Secret s (spec.valuesFrom), which is not read'] },
    ],
    [
      'of a ConfigMap that is not there',
      [of('none')],
      {},
      { unknown: [expect.stringMatching(/none .*does not exist/)] },
    ],
    ['of one that may be missing', [of('none', { optional: true })], {}, { values: ['{"own":1}'], unknown: [] }],
    [
      'of a key that it lacks',
      [of('values', { valuesKey: 'x' })],
      {},
      { unknown: [expect.stringMatching(/lacks the key x/)] },
    ],
    ['at one place', [of('values', { targetPath: 'a.b' })], {}, { unknown: [expect.stringMatching(/targetPath/)] }],
    [
      "of files in the place of the chart's own",
      [],
      { valuesFiles: ['charts/shop/values.yaml', './prod.yaml'], ignoreMissingValuesFiles: true },
      {
        valueFiles: ['charts/shop/values.yaml', 'prod.yaml'],
        replaceDefaults: true,
        missingFilesAllowed: true,
        unknown: [],
      },
    ],
    ["of the chart's own file", [], { valuesFiles: ['values.yaml'] }, { valueFiles: [], unknown: [] }],
    ['of a file outside', [], { valuesFiles: ['../x.yaml'] }, { unknown: [expect.stringMatching(/valuesFiles/)] }],
  ])('%s', async (_name, from, spec, expected) => {
    const { state } = await live([release(from, spec), values]);
    expect((await one<FluxHelmRelease>(state())).helm).toMatchObject(expected);
  });

  it('are not kept by a capture', async () => {
    const { reader } = await live([release([of('values')]), values]);
    const found = await one<FluxHelmRelease>(createClusterSource(await captured(reader)).readSync(NOW, never));
    expect(found.helm?.unknown).toContain('values, which a capture leaves out');
  });
});
