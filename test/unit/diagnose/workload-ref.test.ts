/** How a workload may be written: as kubectl prints and takes it. */
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../../src/diagnose/workload-ref.ts';

describe('parseWorkload', () => {
  it.each([
    ['checkout-1', 'pod', 'checkout-1'],
    ['pod/checkout-1', 'pod', 'checkout-1'],
    ['deploy/checkout', 'deployment', 'checkout'],
    ['Deployment/checkout', 'deployment', 'checkout'],
    ['deployments.apps/checkout', 'deployment', 'checkout'],
    ['jobs.batch/import', 'job', 'import'],
  ])('%s', (text, kind, name) => {
    expect(parseWorkload('shop', text)).toEqual({ namespace: 'shop', kind, name });
  });

  it.each([
    ['svc/checkout', 'WORKLOAD_INVALID', /svc\/checkout/],
    ['a/b/c', 'WORKLOAD_INVALID', /a\/b\/c/],
    ['pod/-x', 'NAME_INVALID', /valid pod name:/],
    ['$(id)', 'NAME_INVALID', /valid pod name:/],
  ])('%s is refused', (text, code, message) => {
    expect(() => parseWorkload('shop', text)).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
