// Makes cache entries appear whole or not at all: they are made beside their place and renamed into it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const unfinished = '.unfinished-';

/** A short hash of texts; each is framed, so that moving a character between two of them changes it. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest('hex').slice(0, 16);
}

/** Makes `place` (a file or a folder) with `make`, unless it is there already; then it is marked as used. */
export async function makeOnce(place: string, make: (temporary: string) => Promise<void>): Promise<string> {
  if (existsSync(place)) {
    await utimes(place, new Date(), new Date());
    return place;
  }
  const temporary = join(dirname(place), `${unfinished}${process.pid}-${basename(place)}`);
  await mkdir(dirname(place), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  await make(temporary);
  await rename(temporary, place);
  return place;
}

/** Removes what an interrupted makeOnce left in a folder. Only call this while holding the lab's lock. */
export async function removeUnfinished(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** Removes cache entries that no makeOnce has asked for in a month. */
export async function removeUnused(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const monthAgo = Date.now() - 30 * 24 * 3600 * 1000;
  for (const name of await readdir(folder)) {
    const place = join(folder, name);
    if ((await stat(place)).mtimeMs < monthAgo) await rm(place, { recursive: true, force: true });
  }
}
