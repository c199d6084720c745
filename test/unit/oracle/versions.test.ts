/** Where the version decides: each question asked as a cluster of each version would answer it. */
import { describe, expect, it } from 'vitest';
import type { PolicyCase } from '../../oracle/case.ts';
import { compareCase } from '../../oracle/compare.ts';
import { askOurs } from '../../oracle/ours.ts';
import { worldOf } from './disagreements.ts';
import { VERSIONED } from './versions.ts';

const CASES = VERSIONED.flatMap(({ answers, ...one }) =>
  Object.entries(answers).map(([version, answer]) => ({ ...one, version, answer })),
);

describe('what versions of Cilium answer differently', () => {
  it.each(CASES)('$name: $version', async ({ config = {}, objects, query, answer, version }) => {
    const whole = { pod: 'shop/cart', addresses: [], port: 443, protocol: 'TCP' as const, ...query };
    const asked: PolicyCase = { id: 'named', world: 'named', objects, queries: [whole] };
    const ours = await askOurs(worldOf('named', config, version), asked);
    const comparison = compareCase(asked, { policies: [], answers: [answer] }, { ...ours, policies: [] });
    expect(comparison.disagreements).toEqual([]);
    expect(comparison.unknown).toEqual([]);
  });
});
