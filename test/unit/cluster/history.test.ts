/** Revisions of a pod's workload, the same from the live API, from manifests and from a capture. */
import { afterEach, describe, expect, it } from 'vitest';
import { createClusterSource } from '../../../src/cluster/cluster-source.ts';
import { createRecordingReader } from '../../../src/cluster/recording-reader.ts';
import type { Read } from '../../../src/core/model/cluster-state.ts';
import type { WorkloadHistory } from '../../../src/core/model/history.ts';
import type { RawObject } from '../support/fake-api-server.ts';
import { ADAPTERS, cleanUp, never, recaptureWith, startLive } from './adapters.ts';
import { namespace, object, pod } from './objects.ts';

afterEach(cleanUp);

const container = (image: string, env: readonly object[] = []): object => ({
  name: 'app',
  image,
  command: ['--pw', 'hunter2hunter2'],
  env,
});
const owned = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}` }],
});

function replicaSet(name: string, revision: number, template: object, owner = 'checkout'): RawObject {
  const annotations = { 'deployment.kubernetes.io/revision': String(revision) };
  const metadata = {
    namespace: 'shop',
    name,
    annotations,
    creationTimestamp: `2026-11-0${revision}T10:00:00Z`,
    ...owned('Deployment', owner),
  };
  return object('apps/v1', 'ReplicaSet', metadata, {
    spec: { replicas: 1, template: { spec: { containers: [template] } } },
  });
}
function controllerRevision(kind: string, owner: string, name: string, revision: number): RawObject {
  const data = { spec: { template: { $patch: 'replace', spec: { containers: [container(`agent:${revision}`)] } } } };
  return object(
    'apps/v1',
    'ControllerRevision',
    { namespace: 'shop', name, ...owned(kind, owner) },
    { revision, data },
  );
}

const OF_DEPLOYMENT: readonly RawObject[] = [
  namespace('shop'),
  pod('shop', 'checkout-7d9f-abcde', { owner: { kind: 'ReplicaSet', name: 'checkout-7d9f' } }),
  replicaSet(
    'checkout-7d9f',
    2,
    container('app:2.4', [
      { name: 'MODE', value: 'x' },
      { name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } },
    ]),
  ),
  replicaSet('checkout-5c8b', 1, container('app:2.3')),
  replicaSet('billing-1a2b', 1, container('billing:1'), 'billing'),
];

async function historyOf(
  open: (typeof ADAPTERS)[number]['open'],
  objects: readonly RawObject[],
  name: string,
): Promise<Read<WorkloadHistory>> {
  const source = createClusterSource(await open({ objects }));
  const found = await source.findPod({ namespace: 'shop', kind: 'pod', name }, never);
  if (!found.ok) throw new Error(found.notRead.reason);
  return source.readHistory(found.value, never);
}

const LIVE_AND_PLAIN = ADAPTERS.filter(({ name }) => name !== 'capture');

describe.each([
  ...LIVE_AND_PLAIN,
  {
    name: 'capture',
    open: async (options: Parameters<(typeof ADAPTERS)[number]['open']>[0]) =>
      recaptureWith((await startLive(options)).reader, async (source) => {
        const name = options.objects?.find(({ kind }) => kind === 'Pod')?.metadata.name ?? '';
        const found = await source.findPod({ namespace: 'shop', kind: 'pod', name }, never);
        if (found.ok) await source.readHistory(found.value, never);
      }),
  },
])('$name', ({ open }) => {
  it('of a Deployment: its ReplicaSets, oldest first, and no other workload’s', async () => {
    expect(await historyOf(open, OF_DEPLOYMENT, 'checkout-7d9f-abcde')).toEqual({
      ok: true,
      value: {
        workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
        revisions: [
          {
            object: { kind: 'ReplicaSet', namespace: 'shop', name: 'checkout-5c8b' },
            revision: 1,
            created: '2026-11-01T10:00:00Z',
            current: false,
            containers: [{ name: 'app', role: 'app', image: 'app:2.3', env: {} }],
          },
          {
            object: { kind: 'ReplicaSet', namespace: 'shop', name: 'checkout-7d9f' },
            revision: 2,
            created: '2026-11-02T10:00:00Z',
            current: true,
            containers: [{ name: 'app', role: 'app', image: 'app:2.4', env: { MODE: 'x', DB: 'from Secret db/url' } }],
          },
        ],
      },
    });
  });

  it('the environment by name and place', async () => {
    const template = {
      ...container('app:2.4', [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ]),
      envFrom: [{ secretRef: { name: 'db' } }, { prefix: 'X_', configMapRef: { name: 'settings' } }],
    };
    const objects = [...OF_DEPLOYMENT.slice(0, 2), replicaSet('checkout-7d9f', 2, template)];
    const history = await historyOf(open, objects, 'checkout-7d9f-abcde');
    expect(history.ok && history.value.revisions[0]?.containers[0]?.env).toEqual({
      A: 'from ConfigMap settings/a',
      B: 'from field status.podIP',
      'Secret/db:*': 'all',
      'ConfigMap/settings:X_*': 'all',
    });
  });

  it('what policies select by, but not the hash', async () => {
    const template = { metadata: { labels: { app: 'checkout', 'pod-template-hash': '7d9f' } } };
    const spec = { serviceAccountName: 'shop', dnsPolicy: 'Default', nodeSelector: { pool: 'a' }, containers: [] };
    const [space, one] = OF_DEPLOYMENT;
    const set = { ...replicaSet('checkout-7d9f', 2, {}), spec: { template: { ...template, spec } } };
    const history = await historyOf(
      open,
      [space, one, set].filter((found) => found !== undefined),
      'checkout-7d9f-abcde',
    );
    expect(history.ok && history.value.revisions[0]?.settings).toEqual({
      'label app': 'checkout',
      'nodeSelector pool': 'a',
      serviceAccountName: 'shop',
      dnsPolicy: 'Default',
    });
  });

  it.each([
    ['StatefulSet', 'web', 'web-6f5', { 'controller-revision-hash': 'web-6f5' }],
    ['DaemonSet', 'agent', 'agent-6f5', { 'controller-revision-hash': '6f5' }],
  ])('of a %s: its ControllerRevisions', async (kind, owner, current, labels) => {
    const objects = [
      namespace('shop'),
      pod('shop', `${owner}-0`, { owner: { kind, name: owner }, labels }),
      controllerRevision(kind, owner, current, 7),
      controllerRevision(kind, owner, `${owner}-1a2`, 3),
      controllerRevision(kind, 'other', 'other-6f5', 9),
    ];
    const history = await historyOf(open, objects, `${owner}-0`);
    const revisions = history.ok ? history.value.revisions : [];
    expect(revisions.map(({ revision, current: now, containers }) => [revision, now, containers[0]?.image])).toEqual([
      [3, false, 'agent:3'],
      [7, true, 'agent:7'],
    ]);
  });

  it('of a pod that nothing owns: none, and said so', async () => {
    const history = await historyOf(open, [namespace('shop'), pod('shop', 'alone')], 'alone');
    expect(history).toMatchObject({
      ok: false,
      notRead: { code: 'unsupported', reason: expect.stringContaining('nothing owns') },
    });
  });
});

it('a refusal names the right that is missing', async () => {
  const { reader } = await startLive({ objects: [...OF_DEPLOYMENT], forbidden: ['replicasets'] });
  const history = await historyOf(async () => reader, OF_DEPLOYMENT, 'checkout-7d9f-abcde');
  expect(history).toMatchObject({
    ok: false,
    notRead: { code: 'forbidden', nextStep: expect.stringContaining('replicasets') },
  });
});

it('a capture holds no command and no secret of an earlier template', async () => {
  const { reader } = await startLive({
    objects: [
      ...OF_DEPLOYMENT.slice(0, 2),
      replicaSet('checkout-7d9f', 2, container('app:2.4', [{ name: 'DB_PASSWORD', value: 's3cret' }])),
    ],
  });
  const recording = createRecordingReader(reader);
  await historyOf(async () => recording.reader, [], 'checkout-7d9f-abcde');
  const text = JSON.stringify([...recording.recorded().objects.values()]);
  expect(text).toContain('app:2.4');
  expect(text).toContain('DB_PASSWORD');
  expect(text).not.toMatch(/hunter2|s3cret/);
});
