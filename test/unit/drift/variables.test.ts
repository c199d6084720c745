/** Which variables of a Flux Kustomization are known, and who else may set them. */
import { describe, expect, it } from 'vitest';
import { variablesOf } from '../../../src/core/drift/variables.ts';
import type { FluxKustomization, VariableSource } from '../../../src/core/model/sync.ts';
import { kustomization } from './sync-world.ts';

const map = (values: VariableSource['values'], more: Partial<VariableSource> = {}): VariableSource => ({
  kind: 'ConfigMap',
  name: 'settings',
  optional: false,
  ...(values && { values }),
  ...more,
});
const secret: VariableSource = { kind: 'Secret', name: 'tokens', optional: false };
const TOKENS = 'Secret tokens (postBuild.substituteFrom), which is not read';

describe('variables', () => {
  it.each<[string, Partial<FluxKustomization>, object]>([
    ['none', {}, { values: {} }],
    ['inline', { substitute: { a: '1' } }, { values: { a: '1' } }],
    ['of a ConfigMap', { substituteFrom: [map({ a: '1' })] }, { values: { a: '1' } }],
    [
      'inline over a ConfigMap',
      { substitute: { a: 'inline' }, substituteFrom: [map({ a: '1', b: '2' })] },
      { values: { a: 'inline', b: '2' } },
    ],
    [
      'later over earlier',
      { substituteFrom: [map({ a: '1', b: '1' }), map({ a: '2' })] },
      { values: { a: '2', b: '1' } },
    ],
    [
      'without line ends',
      { substitute: { a: 'x\ny\n' }, substituteFrom: [map({ b: '1\n' })] },
      { values: { a: 'xy', b: '1' } },
    ],
    [
      'a Secret may set again what came before it',
      { substitute: { c: '3' }, substituteFrom: [map({ a: '1' }), secret] },
      { values: { c: '3' }, unread: TOKENS },
    ],
    [
      'and not what comes after it',
      { substituteFrom: [secret, map({ a: '1' })] },
      { values: { a: '1' }, unread: TOKENS },
    ],
    [
      'a ConfigMap that is not there is not an empty one',
      { substituteFrom: [map({ a: '1' }), map(undefined, { notRead: 'which does not exist' })] },
      { values: {}, unread: 'ConfigMap settings (postBuild.substituteFrom), which does not exist' },
    ],
    [
      'a key that Flux refuses',
      { substituteFrom: [map({ 'a.b': '1' })] },
      { unread: expect.stringMatching(/whose key "a.b" names no variable/) },
    ],
    [
      'what a capture left out',
      { substitute: { a: '1', password: '[redacted]' } },
      { values: { a: '1' }, unread: 'values that a capture leaves out' },
    ],
    [
      'inline, over what a capture left out',
      { substitute: { a: '1' }, substituteFrom: [map({ a: '[redacted]' })] },
      { values: { a: '1' } },
    ],
  ])('%s', (_name, more, expected) => expect(variablesOf(kustomization(more))).toMatchObject(expected));

  it('are all, unless it says otherwise', () => {
    expect(variablesOf(kustomization({ substituteFrom: [map({ a: '1' })] }))).not.toHaveProperty('unread');
  });
});
