/**
 * Records the demo's capture from the running lab: stages the first scenario, captures its diagnosis, and writes down the
 * question that `npm run demo` asks again. Run after `npm run build` and `npm run lab up`; then `npm run docs`.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCluster } from '../e2e/support/cluster.ts';
import { serveRepo } from '../e2e/support/git.ts';
import { stageShop } from '../e2e/support/shop.ts';

const DIRECTORY = 'test/demo/capture';
const PATH = 'clusters/lab';

const cluster = await openCluster();
const { repo } = await stageShop(cluster);
const { url, close } = await serveRepo(repo, 8418);
// A capture replaces only a directory that holds nothing else.
rmSync(DIRECTORY, { recursive: true, force: true });
const asked = ['-n', 'shop', 'deploy/checkout', 'files.vendor.example', DIRECTORY, '--repo', url, '--repo-path', PATH];
// The server answers from this process, so the capture has to run beside it.
const code = await new Promise<number | null>((resolve) => {
  spawn(process.execPath, ['dist/main.js', 'capture', ...asked, '--kubeconfig', cluster.kubeconfig], {
    stdio: 'inherit',
  }).on('close', resolve);
});
close();
repo.remove();
if (code !== 0) process.exit(code ?? 1);
const question = {
  namespace: 'shop',
  workload: 'deploy/checkout',
  target: 'files.vendor.example',
  repository: { repository: url, path: PATH },
};
writeFileSync(join(DIRECTORY, 'question.json'), `${JSON.stringify(question, null, 2)}\n`);
