// Compiles the C programs in c/ with musl, static, so that they run in any image.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../tools/run.ts';
import { sourceText } from './recipe.ts';

export type CProgram = 'wait' | 'hostile' | 'getent';

const compiler = ['-static', '-Os', '-Wall', '-Wextra', '-Werror', '-s'];

export async function compileInto(root: string, place: string, program: CProgram): Promise<void> {
  const target = join(root, place);
  await mkdir(dirname(target), { recursive: true });
  await run('musl-gcc', [...compiler, '-o', target, join(import.meta.dirname, 'c', `${program}.c`)]);
}

export async function sourcesOf(...programs: readonly CProgram[]): Promise<readonly string[]> {
  return [compiler.join(' '), ...(await Promise.all(programs.map((name) => sourceText(join('c', `${name}.c`)))))];
}
