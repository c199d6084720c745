// One `up` or `down` at a time on this machine: a lock file that names the process holding it.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '../paths.ts';
import { say } from './progress.ts';

async function take(): Promise<boolean> {
  try {
    await writeFile(paths.lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function holder(): Promise<number | undefined> {
  const text = await readFile(paths.lock, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return existsSync(`/proc/${pid}`) ? pid : undefined;
}

async function acquire(): Promise<void> {
  await mkdir(dirname(paths.lock), { recursive: true });
  let told = false;
  while (!(await take())) {
    const pid = await holder();
    // A process that was killed leaves its lock behind; nobody else will remove it.
    if (pid === undefined) await rm(paths.lock, { force: true });
    else if (!told) say(`waiting for process ${pid}, which is working on the lab`);
    told = pid !== undefined;
    await sleep(250);
  }
}

export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  await acquire();
  try {
    return await work();
  } finally {
    await rm(paths.lock, { force: true });
  }
}
