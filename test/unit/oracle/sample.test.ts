/** A few of the committed answers in small tests: what a change breaks shows within a fraction of a second, which mutation testing lives on. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkLines } from '../../oracle/check.ts';
import { readVectors } from '../../oracle/vectors.ts';

const lines = await readVectors(join(import.meta.dirname, '../../oracle/vectors/policies.jsonl.gz'));
const head = lines.filter((line) => !('case' in line));
const cases = lines.filter((line) => 'case' in line);
const PARTS = Array.from({ length: 10 }, (_, index) => index);
const EVERY = 200;

describe("Cilium's verdicts, a sample", () => {
  test.each(PARTS)('part %i', async (part) => {
    const own = cases.filter((_, index) => index % EVERY === part);
    const { disagreements, cases: asked } = await checkLines([...head, ...own]);
    expect(disagreements).toEqual([]);
    expect(asked).toBe(cases.length / EVERY);
  });
});
