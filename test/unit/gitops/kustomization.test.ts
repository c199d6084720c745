/** Kustomizations that make of the files something else than they say are named, those that only list them are not. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/core/drift/json.ts';
import { kustomizationNote } from '../../../src/gitops/kustomization.ts';

describe('a kustomization', () => {
  it.each<[Json, string | undefined]>([
    [{ resources: ['a.yaml', '../base', 'sub'] }, undefined],
    [{ resources: ['a.yaml'], namePrefix: 'x-' }, 'kustomize namePrefix: not rendered'],
    [
      { resources: ['https://github.com/org/repo//base?ref=v1'] },
      'kustomize resources of another repository: not rendered',
    ],
    [{ bases: ['github.com/org/repo/base'] }, 'kustomize resources of another repository: not rendered'],
    [
      { resources: ['git@git.vendor.example:org/repo'], patches: [] },
      'kustomize patches, resources of another repository',
    ],
    [{ resources: 'a.yaml' }, undefined],
  ])('%j', (document, said) => {
    const [note] = kustomizationNote('clusters/prod/kustomization.yaml', [document]);
    expect(note?.reason.startsWith(said ?? 'x')).toBe(said === undefined ? undefined : true);
  });
});
