/** The committed answers of Cilium's own engine, checked without Go (`npm run oracle` compares live). */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLines } from '../../oracle/check.ts';
import { readVectors } from '../../oracle/vectors.ts';
import { OTHER_VERSIONS } from '../../oracle/versions.ts';

const folder = join(import.meta.dirname, '../../oracle/vectors');
const PATIENCE = 120_000;

describe("Cilium's verdicts", () => {
  it(
    'are ours, in 5,000 policy cases',
    async () => {
      const tally = await checkLines(await readVectors(join(folder, 'policies.jsonl.gz')));
      expect(tally.disagreements).toEqual([]);
      expect(tally.cases).toBe(5000);
      // An open answer is no disagreement, so that there must be few.
      expect(tally.unknown.length).toBeLessThan(tally.stages / 1000);
      expect([...tally.answers.keys()]).toEqual(expect.arrayContaining(KINDS));
      expect(tally.answers.get('connect default')).toBeGreaterThan(tally.queries / 4);
      expect(tally.answers.get('connect allowed')).toBeGreaterThan(tally.queries / 4);
    },
    PATIENCE,
  );

  it('are ours about 20,000 pairs of a name and a pattern', async () => {
    const tally = await checkLines(await readVectors(join(folder, 'names.jsonl.gz')));
    expect(tally.disagreements).toEqual([]);
    expect(tally.pairs).toBe(20_000);
  });
});

describe.each(OTHER_VERSIONS)('the verdicts of Cilium %s', (version) => {
  it(
    'are ours, in 1,000 policy cases',
    async () => {
      const tally = await checkLines(await readVectors(join(folder, `policies-${version}.jsonl.gz`)));
      expect(tally.version).toBe(version);
      expect(tally.disagreements).toEqual([]);
      expect(tally.cases).toBe(1000);
      // Before 1.19 there is toRequires, which is not evaluated.
      expect(tally.unknown.length).toBeLessThan(tally.stages / (version.startsWith('1.18') ? 150 : 1000));
      expect(tally.answers.get('connect default')).toBeGreaterThan(tally.queries / 4);
      expect(tally.answers.get('connect allowed')).toBeGreaterThan(tally.queries / 4);
    },
    PATIENCE,
  );

  it('are ours about 5,000 pairs of a name and a pattern', async () => {
    const tally = await checkLines(await readVectors(join(folder, `names-${version}.jsonl.gz`)));
    expect(tally.disagreements).toEqual([]);
    expect(tally.pairs).toBe(5000);
  });
});

/** What the cases must have among their answers to tell engines apart. */
const KINDS = [
  'connect explicit',
  'connect denied',
  'connect depends',
  'error',
  'lookup allowed',
  'lookup denied',
  'lookup refused',
  'policy invalid',
  'policy valid',
  'redirect dns',
  'redirect http',
  'redirect kafka',
  'redirect tls',
];
