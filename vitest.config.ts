/** `npm test`: everything that needs no lab. The end-to-end suite has its own configuration in test/tooling/. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/tooling/vitest.expect.ts'],
    include: ['test/unit/**/*.test.ts'],
    testTimeout: 20_000,
    // Tests start servers and git; a worker a core is all that two cores take.
    maxWorkers: 2,
  },
});
