/** The tests that `npm run mutation` holds against changes of `core/policy`: what is about verdicts, and nothing that starts programs. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/policy/**/*.test.ts', 'test/unit/oracle/**/*.test.ts', 'test/unit/oracle-kinds/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
