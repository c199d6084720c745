/**
 * The tests that `npm run mutation` holds against changes of `core/policy`: the tables, and a sample of the vectors. All vectors and
 * most properties take too long to run for every change; what they catch besides is not counted.
 */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSequencer, type TestSpecification } from 'vitest/node';

const TOO_LONG = ['near-miss-property', 'properties'];

/** The first failure ends a run: what failed for the last change, which was near this one, comes first, and then what is short. */
class LikelyFirst extends BaseSequencer implements TestSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const last = new Map(files.map((file) => [file, this.ctx.cache.getTestSpecificationResult(file)]));
    const rank = (file: TestSpecification) => (last.get(file)?.failed ? 0 : (last.get(file)?.duration ?? 0) + 1);
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/unit/policy/**/*.test.ts', 'test/unit/oracle/{disagreements,sample,versions}.test.ts'],
    exclude: TOO_LONG.map((name) => `test/unit/policy/${name}.test.ts`),
    testTimeout: 20_000,
    // Modules are loaded once a change instead of once a file; nothing outlives a change, as each has a new thread.
    isolate: false,
    sequence: { sequencer: LikelyFirst },
  },
});
