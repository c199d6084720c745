import { describe, expect, it } from 'vitest';
import { renderingFor } from '../../../src/core/drift/rendering.ts';
import type { SyncState } from '../../../src/core/model/sync.ts';
import { application, kustomization, URL_HERE } from './sync-world.ts';

const flux = kustomization({ substitute: { region: 'eu' } });
const of = (controllers: SyncState['controllers'], path = './clusters/prod/', repository = URL_HERE, ref?: string) =>
  renderingFor({ controllers, notRead: [] }, { repository, path, ...(ref && { ref }) });
const onBranch = (ref: string) => {
  const one = application({ directory: { recurse: true } });
  return { ...one, ...(one.source && { source: { ...one.source, ref } }) };
};

describe('how a folder is applied', () => {
  it.each<[string, ReturnType<typeof of>, object | undefined]>([
    ['values of the one Kustomization', of([flux]), { substitute: { region: 'eu' }, substituteAll: true }],
    [
      'the same, from a clone',
      of([flux], 'clusters/prod', '/home/me/fleet'),
      { substitute: { region: 'eu' }, substituteAll: true },
    ],
    [
      'values that are not all',
      of([{ ...flux, substituteFrom: [{ kind: 'Secret', name: 's', optional: false }] }]),
      {
        substitute: { region: 'eu' },
        substituteUnread: 'Secret s (postBuild.substituteFrom), which is not read',
      },
    ],
    [
      'defaults, where they always stand',
      of([kustomization({ substituteAlways: true })]),
      { substitute: {}, substituteAll: true },
    ],
    [
      'nothing of a ConfigMap that may be missing',
      of([kustomization({ substituteFrom: [{ kind: 'ConfigMap', name: 'c', optional: true, values: {} }] })]),
      {},
    ],
    [
      'what it adds',
      of([kustomization({ overlay: { patches: [], namePrefix: 'a-' } })]),
      { overlay: { patches: [], namePrefix: 'a-' } },
    ],
    ['its target namespace', of([kustomization({ targetNamespace: 'shop' })]), { targetNamespace: 'shop' }],
    ['nothing to substitute', of([kustomization()]), {}],
    ['another folder', of([flux], 'clusters'), undefined],
    ['another repository', of([flux], 'clusters/prod', 'https://git.vendor.example/org/other'), undefined],
    ['another cluster', of([{ ...flux, remoteCluster: true }]), undefined],
    ['two that apply it', of([flux, { ...flux, object: { kind: 'Kustomization', name: 'x' } }]), undefined],
    [
      'options of an Application',
      of([application({ directory: { recurse: true, exclude: '*.json' } })]),
      { directory: { recurse: true, exclude: '*.json' } },
    ],
    [
      'one branch each: that of the question',
      of([onBranch('main'), { ...onBranch('next'), directory: { recurse: false } }], undefined, undefined, 'next'),
      { directory: { recurse: false } },
    ],
    ['a branch that nobody follows', of([onBranch('main')], undefined, undefined, 'other'), undefined],
    ['a commit', of([onBranch('main')], undefined, undefined, 'a'.repeat(40)), { directory: { recurse: true } }],
    ['no branch asked for', of([onBranch('main')]), { directory: { recurse: true } }],
    ['an Application that renders by kustomize', of([application({ rendering: 'kustomize' })]), {}],
    [
      'what an Application adds to its kustomization',
      of([
        application({
          rendering: 'kustomize',
          kustomize: { fields: [], unknown: [], overlay: { patches: [], namePrefix: 'a-' }, namespace: 'shop' },
        }),
      ]),
      { overlay: { patches: [], namePrefix: 'a-' }, targetNamespace: 'shop' },
    ],
    ['an Application with a plugin', of([application({ rendering: 'plugin' })]), undefined],
  ])('%s', (_name, found, expected) => expect(found).toEqual(expected));
});
