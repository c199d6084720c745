// Makes cache entries appear whole or not at all: they are made beside their place and renamed into it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const unfinished = '.unfinished-';

/** A short hash of texts; each is framed, so that moving a character between two of them changes it. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest('hex').slice(0, 16);
}

/** Makes `place` (a file or a folder) with `make`, unless it is there already. */
export async function makeOnce(place: string, make: (temporary: string) => Promise<void>): Promise<string> {
  if (existsSync(place)) return place;
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
