// `down`: ends every process of the lab and removes what it left, whether it was up, half up, or had crashed.
import { rm, rmdir } from 'node:fs/promises';
import { otherClusterRuns, removeGroups } from './cluster/control-groups.ts';
import { mountPoints, removeHostLink } from './cluster/network.ts';
import { restoreSysctls } from './cluster/sysctls.ts';
import { paths } from './paths.ts';
import { withLock } from './tools/lock.ts';
import { say } from './tools/progress.ts';

/** Namespaces, mounts, BPF programs and rules go away with the last process that is in them. */
export async function takeDown(): Promise<void> {
  await rm(paths.upFile, { force: true });
  await removeGroups();
  await removeHostLink();
  await restoreSysctls();
  await rm(paths.cluster, { recursive: true, force: true });
  // Somebody else's kubelet may use these too. The kernel would let go of what the other cluster has mounted there.
  if (otherClusterRuns()) return;
  await Promise.all(mountPoints.map((folder) => rmdir(folder).catch(() => undefined)));
}

export async function down(): Promise<void> {
  await withLock(takeDown);
  say('the lab is down');
}
