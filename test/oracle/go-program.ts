/** Builds an oracle's Go program, as the lab builds its programs and into the same cache; asked by every oracle that is written in Go. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../lab/paths.ts';
import { hashOf, makeOnce } from '../lab/tools/atomic.ts';
import { step } from '../lab/tools/progress.ts';
import { run } from '../lab/tools/run.ts';

// The same as the lab's, so that both share what Go has compiled already.
const FLAGS = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', '-s -w'];

export interface GoProgram {
  /** Holds go.mod and the sources. */
  readonly folder: string;
  /** Of the file in the cache. */
  readonly name: string;
  /** What is being built, for whoever waits. */
  readonly title: string;
  readonly flags?: readonly string[];
}

/** Path of the program, built if its sources have changed. */
export async function buildGo({ folder, name, title, flags = [] }: GoProgram): Promise<string> {
  const goVersion = await run('go', ['version']).catch(() => {
    throw new Error('the oracle is built with Go 1.26 or newer, but there is no `go` on the PATH');
  });
  const names = (await readdir(folder)).filter((one) => /\.(go|mod|sum|s)$/.test(one)).toSorted();
  const sources = await Promise.all(names.map((one) => readFile(join(folder, one), 'utf8')));
  const all = [...FLAGS, ...flags];
  const place = join(paths.programs, `${name}-${hashOf(goVersion, ...all, ...names, ...sources)}`);
  const env = { ...process.env, CGO_ENABLED: '0' };
  return makeOnce(place, async (temporary) => {
    await step(`building ${title}`, () => run('go', ['build', ...all, '-o', temporary, '.'], { cwd: folder, env }));
  });
}
