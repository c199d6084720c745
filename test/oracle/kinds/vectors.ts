/** Vectors: gzipped JSON lines, worlds with their questions first, then cases of policies with the oracle's verdicts. */
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Grid, Raw, World } from './world.ts';

export interface AskedWorld {
  readonly world: World;
  readonly grid: Grid;
}

export interface Case {
  /** Index of the world. */
  readonly world: number;
  /** Objects as the API would give them. */
  readonly objects: readonly Raw[];
  /** A letter for every question of the grid, in order: a allowed, d denied. */
  readonly verdicts: string;
}

export interface Vectors {
  readonly worlds: readonly AskedWorld[];
  readonly cases: readonly Case[];
}

export async function writeVectors(path: string, { worlds, cases }: Vectors): Promise<number> {
  const lines = [...worlds, ...cases.map((one) => ({ ...one, verdicts: packed(one.verdicts) }))];
  const bytes = gzipSync(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`, { level: 9 });
  // The byte that names the operating system differs between machines.
  bytes[9] = 255;
  await writeFile(path, bytes);
  return bytes.length;
}

export async function readVectors(path: string): Promise<Vectors> {
  const lines = gunzipSync(await readFile(path))
    .toString('utf8')
    .trim()
    .split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as AskedWorld | Case);
  const worlds = parsed.filter((one): one is AskedWorld => 'grid' in one);
  const sizes = worlds.map(({ grid }) => grid.from.length * grid.to.length * grid.ports.length);
  const cases = parsed.filter((one): one is Case => 'verdicts' in one);
  return { worlds, cases: cases.map((one) => ({ ...one, verdicts: unpacked(one.verdicts, sizes[one.world] ?? 0) })) };
}

/** A bit a verdict, since text of letters would be most of the file. */
function packed(verdicts: string): string {
  const bytes = Buffer.alloc(Math.ceil(verdicts.length / 8));
  for (const [at, letter] of [...verdicts].entries())
    if (letter === 'a') bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
  return bytes.toString('base64');
}

function unpacked(text: string, count: number): string {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: count }, (_, at) => ((bytes[at >> 3] ?? 0) & (1 << (at & 7)) ? 'a' : 'd')).join('');
}
