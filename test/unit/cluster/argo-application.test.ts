/** What of an Application's status counts as a failure that keeps it from syncing by itself. */
import { describe, expect, it } from 'vitest';
import { applicationSchema } from '../../../src/cluster/decode/argo.ts';

const [BEFORE, NOW] = ['a'.repeat(40), 'b'.repeat(40)];
const failed = (revision?: string) => ({
  phase: 'Failed',
  message: 'one object failed to apply',
  syncResult: { ...(revision && { revision }) },
});
const broken = [{ type: 'ComparisonError', message: 'Failed to load target state' }];

function failingOf(status: object): string | undefined {
  const metadata = { name: 'shop', namespace: 'argocd' };
  return applicationSchema.parse({ metadata, spec: {}, status }).application.failing;
}

it('a failed sync between two attempts is no end yet', () => {
  const message = 'one object failed to apply. Retrying attempt #1 at 3:04AM.';
  const { application } = applicationSchema.parse({
    metadata: { name: 'shop', annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' } },
    spec: {},
    status: { operationState: { phase: 'Running', message } },
  });
  expect(application).toMatchObject({ retrying: true, namesPaths: true });
  expect(application.failing).toBeUndefined();
});

describe('a failure', () => {
  it.each<[string, object, RegExp | undefined]>([
    [
      'a sync of the commit that it compares with',
      { sync: { revision: NOW }, operationState: failed(NOW) },
      /^SyncFailed/,
    ],
    ['a sync of a commit before that one', { sync: { revision: NOW }, operationState: failed(BEFORE) }, undefined],
    ['a sync of no known commit', { sync: { revision: NOW }, operationState: failed() }, /^SyncFailed/],
    ['a comparison, whatever was synced', { sync: { revision: NOW }, conditions: broken }, /^ComparisonError: Failed/],
    ['a sync that did not fail', { operationState: { ...failed(NOW), phase: 'Succeeded' } }, undefined],
  ])('%s', (_name, status, expected) => {
    const failing = failingOf(status);
    if (expected === undefined) expect(failing).toBeUndefined();
    else expect(failing).toMatch(expected);
  });
});
