// The kubelet and Cilium set some kernel parameters that are the whole machine's; the last `down` sets them back.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { otherClusterRuns } from './control-groups.ts';

const names = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/timer_migration',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

export async function saveSysctls(): Promise<void> {
  if (otherClusterRuns()) return;
  const saved: Record<string, string> = {};
  for (const name of names) {
    const value = await readFile(join('/proc/sys', name), 'utf8').catch(() => undefined);
    if (value !== undefined) saved[name] = value;
  }
  await writeFile(paths.sysctls, JSON.stringify(saved));
}

/** Does what it can: a parameter that cannot be set back is no reason to leave the rest of the lab. */
export async function restoreSysctls(): Promise<void> {
  if (otherClusterRuns()) return;
  const saved: Record<string, string> = JSON.parse(await readFile(paths.sysctls, 'utf8').catch(() => '{}'));
  for (const [name, value] of Object.entries(saved)) {
    await writeFile(join('/proc/sys', name), value).catch(() => undefined);
  }
  await rm(paths.sysctls, { force: true });
}
