// Starts the lab's long-running programs, each with a log file and a pid file, in the network that it belongs to.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../paths.ts';
import { run } from '../tools/run.ts';
import { inLab, partsGroup } from './control-groups.ts';

/** `node` and `internet` are the two network namespaces; `machine` is where `up` itself runs. */
export type Place = 'machine' | 'node' | 'internet';

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly place: Place;
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' };

export async function pidOf(name: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(join(paths.pids, name), 'utf8').catch(() => ''), 10);
  return (await inLab(pid)) ? pid : undefined;
}

/** What to put before a command so that it runs in a place; each place is kept by a program of that name. */
async function entering(place: Place): Promise<readonly string[]> {
  if (place === 'machine') return [];
  const pid = await pidOf(place);
  if (pid === undefined) throw new Error(`the process that keeps the ${place}'s namespaces is gone`);
  const mounts = place === 'node' ? [`--mount=/proc/${pid}/ns/mnt`] : [];
  return ['nsenter', `--net=/proc/${pid}/ns/net`, ...mounts, '--'];
}

/** Runs one command in a place, to its end. */
export async function runIn(place: Place, command: readonly string[]): Promise<string> {
  return run('env', [...(await entering(place)), ...command]);
}

/** The shell enters the control group before anything else, so that no child can be outside it. */
export async function start(program: Program): Promise<void> {
  await Promise.all([mkdir(paths.logs, { recursive: true }), mkdir(paths.pids, { recursive: true })]);
  const command = [...(await entering(program.place)), ...program.command];
  const log = openSync(logOf(program.name), 'w');
  const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const child = spawn('/bin/sh', ['-c', script, partsGroup, ...command], {
    cwd: '/',
    detached: true,
    env: environment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  await writeFile(join(paths.pids, program.name), String(child.pid));
}

export function logOf(name: string): string {
  return join(paths.logs, `${name}.log`);
}

export async function lastLines(name: string): Promise<string> {
  const text = await readFile(logOf(name), 'utf8').catch(() => '');
  return `last lines of ${logOf(name)}:\n${text.trim().split('\n').slice(-12).join('\n')}`;
}

/** Names of the programs that were started and are not running any more. */
export async function deadPrograms(): Promise<string[]> {
  const names = await readdir(paths.pids).catch(() => []);
  const alive = await Promise.all(names.map(pidOf));
  return names.filter((_, index) => alive[index] === undefined);
}
