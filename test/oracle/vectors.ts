/** Files of questions with Cilium's answers: gzipped JSON lines, described in vectors/README.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CaseAnswer, PolicyCase, World } from './case.ts';
import type { NamesQuestion } from './generate/names.ts';
import type { NamesAnswer } from './names.ts';

export type Line =
  | { readonly cilium: string }
  | { readonly world: World }
  | { readonly case: PolicyCase; readonly answer: CaseAnswer }
  | { readonly names: NamesQuestion; readonly answer: NamesAnswer };

export async function writeVectors(path: string, lines: readonly Line[]): Promise<number> {
  const bytes = gzipSync(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`, { level: 9 });
  // The byte that names the operating system differs between machines.
  bytes[9] = 255;
  await writeFile(path, bytes);
  return bytes.length;
}

/** Reads both forms: gzipped and plain. */
export async function readVectors(path: string): Promise<Line[]> {
  const bytes = await readFile(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as Line]));
}
