/**
 * The tests that `npm run mutation` holds against changes of `core/policy`: the tables, and a sample of the vectors. All vectors and
 * most properties take too long to run for every change; what they catch besides is not counted.
 */
import { defineConfig } from 'vitest/config';

const TOO_LONG = ['near-miss-property', 'fleet', 'properties'];

export default defineConfig({
  test: {
    include: ['test/unit/policy/**/*.test.ts', 'test/unit/oracle/{disagreements,sample,versions}.test.ts'],
    exclude: TOO_LONG.map((name) => `test/unit/policy/${name}.test.ts`),
    testTimeout: 20_000,
  },
});
