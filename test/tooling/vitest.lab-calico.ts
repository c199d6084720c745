/** `npm run test:lab:calico`: the end-to-end suite against the lab's cluster with Calico, one file at a time because they share it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    setupFiles: ['test/tooling/vitest.expect.ts'],
    include: ['test/e2e-calico/**/*.test.ts'],
    env: { K8S_EGRESS_LAB_ENGINE: 'calico' },
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
