/** `npm run bench`: each bench in a process of its own, one after the other, so that none disturbs the next. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHES = ['cold-start.ts', 'names.ts', 'policies.ts', 'gitops.ts', 'logs.ts'];

for (const bench of BENCHES) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, bench)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
