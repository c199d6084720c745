// The two ways in which the lab itself talks to its API server: a readiness question, and kubectl.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { kubeconfigPath, paths } from '../paths.ts';
import { apiServer } from '../plan.ts';
import type { Programs } from '../toolchain/programs.ts';
import { run } from '../tools/run.ts';
import { clusterAuthority } from './access.ts';

/** /readyz needs no token: Kubernetes grants it to everybody. */
export async function apiReady(): Promise<boolean> {
  const ca = await readFile(`${clusterAuthority}.pem`);
  return new Promise((resolve) => {
    const asked = request(`${apiServer}/readyz`, { ca, timeout: 700, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

export async function kubectl(programs: Programs, args: readonly string[]): Promise<string> {
  return run(join(programs.kubernetes, 'kubectl'), ['--kubeconfig', kubeconfigPath('admin'), ...args]);
}

/** Applies objects; they are kept as a file, for looking at. */
export async function apply(programs: Programs, name: string, objects: readonly object[]): Promise<void> {
  const folder = join(paths.config, 'manifests');
  const file = join(folder, `${name}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2));
  await kubectl(programs, ['apply', '--server-side', '--filename', file]);
}
