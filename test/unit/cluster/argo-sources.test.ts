/** What is decoded of an Application's sources: options of kustomize, and more sources than one. */
import { describe, expect, it } from 'vitest';
import { applicationSchema } from '../../../src/cluster/decode/argo.ts';
import { prune } from '../../../src/cluster/prune.ts';
import { whatToGive } from '../../../src/core/drift/what-to-give.ts';
import type { ArgoApplication } from '../../../src/core/model/sync.ts';

const URL_HERE = 'https://git.vendor.example/org/apps.git';

function application(spec: object, metadata: object = {}) {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: 'argocd', name: 'shop', ...metadata },
    spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' }, ...spec },
  };
}

const decoded = (object: object) => applicationSchema.parse(object).application;
const kustomized = (kustomize: object) => application({ source: { repoURL: URL_HERE, path: 'shop', kustomize } });

describe('options of kustomize', () => {
  const patch = '- {op: remove, path: /spec/egress/0}';
  const target = { kind: 'CiliumNetworkPolicy' };

  it.each<[string, object, object | undefined]>([
    ['none', {}, undefined],
    [
      'what touches no policy',
      { images: ['a=b'], replicas: [{ name: 'a', count: 1 }], commonAnnotations: { a: 'b' } },
      undefined,
    ],
    [
      'a prefix',
      { namePrefix: 'a-' },
      { fields: ['namePrefix'], unknown: [], overlay: { patches: [], namePrefix: 'a-' } },
    ],
    [
      'a namespace',
      { namespace: 'x' },
      { fields: ['namespace'], unknown: [], namespace: 'x', overlay: { patches: [] } },
    ],
    [
      'patches and components',
      { patches: [{ patch, target }], components: ['../x'], ignoreMissingComponents: true },
      {
        fields: ['components', 'patches'],
        unknown: [],
        overlay: { patches: [{ patch, target }], components: ['../x'], ignoreMissingComponents: true },
      },
    ],
    ['a patch in a file', { patches: [{ path: 'x.yaml', target }] }, { unknown: ['patches'] }],
    [
      'a patch with options',
      { patches: [{ patch, target, options: { allowNameChange: true } }] },
      { unknown: ['patches'] },
    ],
    ['labels that go into selectors', { commonLabels: { a: 'b' } }, { unknown: ['commonLabels'] }],
    ['labels that do not', { commonLabels: { a: 'b' }, labelWithoutSelector: true }, undefined],
  ])('%s', (_name, kustomize, expected) => {
    const found = decoded(kustomized(kustomize)).kustomize;
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it('are known in a capture to be there, without their text', () => {
    const kustomize = { namePrefix: 'a-', patches: [{ patch: 'hunter2', target }], commonLabels: { a: 'hunter2' } };
    const kept = prune(kustomized(kustomize));
    expect(JSON.stringify(kept)).not.toContain('hunter2');
    expect(decoded(kept).kustomize).toMatchObject({
      fields: ['namePrefix', 'patches', 'commonLabels'],
      unknown: ['patches', 'commonLabels'],
    });
  });
});

describe('several sources', () => {
  const sources = [
    { repoURL: 'https://charts.vendor.example', chart: 'shop', targetRevision: '1.0.0' },
    { repoURL: URL_HERE, ref: 'values', targetRevision: 'main' },
    { repoURL: 'https://user:hunter2hunter2@git.vendor.example/org/apps.git', path: './shop/', targetRevision: 'main' },
    { repoURL: URL_HERE, path: 'more' },
  ];

  it('are told, and which of them to give', () => {
    const found = decoded(application({ sources })) as ArgoApplication;
    expect(found).toMatchObject({ noSource: expect.stringMatching(/4 sources .*which of them/) });
    expect(found).not.toHaveProperty('source');
    expect(found.sources).toEqual([
      { url: URL_HERE, ref: 'main', path: 'shop' },
      { url: URL_HERE, path: 'more' },
    ]);
    expect(whatToGive(found)).toMatch(
      /^Give as repository the one of these .*\{"repository":"https:.*","ref":"main","path":"shop"\} or \{.*"more"\}; Application argocd\/shop/,
    );
    expect(decoded(prune(application({ sources })))).toEqual(found);
  });

  it('of charts alone name no repository', () => {
    expect(whatToGive(decoded(application({ sources: sources.slice(0, 1) })) as ArgoApplication)).toBeUndefined();
  });

  it('that a hydrator writes say so', () => {
    const source = { repoURL: URL_HERE, path: 'shop' };
    expect(decoded(application({ source, sourceHydrator: {} }))).toMatchObject({
      noSource: expect.stringMatching(/hydrator/),
    });
  });
});

it.each([
  ['true', true],
  ['1', true],
  ['True', true],
  ['yes', false],
  ['false', false],
])('skip-reconcile: %s', (value, suspended) => {
  const annotations = { 'argocd.argoproj.io/skip-reconcile': value };
  expect(decoded(application({}, { annotations })).suspended).toBe(suspended);
});
