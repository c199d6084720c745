/**
 * The tests that `npm run mutation` holds against changes of `core/policy`: the tables. The properties and the vectors run against every
 * change too long; what they catch besides is not counted.
 */
import { defineConfig } from 'vitest/config';

const TOO_LONG = ['near-miss-property', 'fqdn-dialects', 'fleet', 'properties', 'layers'];

export default defineConfig({
  test: {
    include: ['test/unit/policy/**/*.test.ts', 'test/unit/oracle/disagreements.test.ts'],
    exclude: TOO_LONG.map((name) => `test/unit/policy/${name}.test.ts`),
    testTimeout: 20_000,
  },
});
