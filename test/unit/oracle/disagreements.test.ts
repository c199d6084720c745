/** Each way in which this project was once found to differ from Cilium's engine. */
import { describe, expect, it } from 'vitest';
import type { PolicyCase } from '../../oracle/case.ts';
import { compareCase } from '../../oracle/compare.ts';
import { askOurs } from '../../oracle/ours.ts';
import { DISAGREEMENTS, worldOf } from './disagreements.ts';

describe("what Cilium's engine was found to say otherwise", () => {
  it.each(DISAGREEMENTS)('$name', async ({ config = {}, objects, query, answer }) => {
    const whole = { pod: 'shop/cart', addresses: [], port: 443, protocol: 'TCP' as const, ...query };
    const asked: PolicyCase = { id: 'named', world: 'named', objects, queries: [whole] };
    const ours = await askOurs(worldOf('named', config), asked);
    const comparison = compareCase(asked, { policies: [], answers: [answer] }, { ...ours, policies: [] });
    expect(comparison.disagreements).toEqual([]);
    expect(comparison.unknown).toEqual([]);
  });
});
