// The control group that holds every process of the lab, so that all of them can be ended, whoever started them and whatever crashed.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allGroups, plan } from '../plan.ts';
import { waitFor } from '../tools/wait-for.ts';

const mount = '/sys/fs/cgroup';
const hybrid = join(mount, 'unified');
const versionTwo: string = existsSync(hybrid) ? hybrid : mount;
const unified: string = join(versionTwo, plan.cgroup);

/** The lab's group in cgroup version 2; Cilium attaches its socket programs here and so to nothing else on the machine. */
export const labGroup: string = unified;
/** The lab's own processes are in a leaf beside the pods' groups: version 2 wants processes in leaves only. */
export const partsGroup: string = join(unified, 'parts');

/** Whether the other cluster is up or half up: then what both share of the machine must stay. */
export function otherClusterRuns(): boolean {
  return allGroups.some((name) => name !== plan.cgroup && existsSync(join(versionTwo, name)));
}

/** The lab's group in each hierarchy of cgroup version 1, where the kubelet puts the pods' groups. */
async function versionOneGroups(): Promise<string[]> {
  if (!existsSync(hybrid)) return [];
  const entries = await readdir(mount, { withFileTypes: true });
  const hierarchies = entries.filter((entry) => entry.isDirectory() && entry.name !== 'unified');
  return hierarchies.map((entry) => join(mount, entry.name, plan.cgroup));
}

export async function createGroups(): Promise<void> {
  await mkdir(partsGroup, { recursive: true });
  for (const group of await versionOneGroups()) await mkdir(group, { recursive: true });
}

/** Whether a process is one of the lab's and runs: one that was killed stays in its group until its parent heeds it. */
export async function inLab(pid: number): Promise<boolean> {
  const [groups, stat] = await Promise.all(
    ['cgroup', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
  );
  const isOurs = groups?.split('\n').some((line) => line.startsWith(`0::/${plan.cgroup}/`)) ?? false;
  return isOurs && !/\) [ZX] /.test(stat ?? '');
}

/** A group's subgroups, deepest first, then itself. */
async function withSubgroups(group: string): Promise<string[]> {
  if (!existsSync(group)) return [];
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => withSubgroups(join(group, entry.name)));
  return [...(await Promise.all(below)).flat(), group];
}

async function processesIn(groups: readonly string[]): Promise<number[]> {
  const lists = await Promise.all(groups.map((group) => readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')));
  return lists.flatMap((list) =>
    list
      .split('\n')
      .filter((pid) => pid !== '')
      .map(Number),
  );
}

/** Ends every process of the lab, without asking. */
async function killAll(): Promise<void> {
  if (existsSync(unified)) await writeFile(join(unified, 'cgroup.kill'), '1');
  const groups = [unified, ...(await versionOneGroups())];
  await waitFor(
    "the lab's processes to end",
    async () => {
      const left = await processesIn((await Promise.all(groups.map(withSubgroups))).flat());
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return left.length === 0;
    },
    { seconds: 30 },
  );
}

export async function removeGroups(): Promise<void> {
  await killAll();
  const groups = [unified, ...(await versionOneGroups())];
  const removed = async (): Promise<boolean> => {
    for (const each of (await Promise.all(groups.map(withSubgroups))).flat()) await rmdir(each);
    return true;
  };
  // Busy until the last processes, which show in no list any more, have ended for good.
  await waitFor("the lab's control groups to empty", removed, { seconds: 30 });
}
