/** network-config-analyzer as a program: installed once below the lab's cache, asked for verdicts in one process; used by Calico's and Istio's `main.ts`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../../lab/paths.ts';
import { hashOf, makeOnce } from '../../lab/tools/atomic.ts';
import { step } from '../../lab/tools/progress.ts';
import { run } from '../../lab/tools/run.ts';
import { askInLines } from './lines.ts';
import type { Raw } from './world.ts';

export interface NcaQuestion {
  readonly layer: 'K8s_Calico' | 'Istio';
  readonly objects: readonly Raw[];
  /** Source `namespace/pod`; destination `pod:namespace/name`, `ip:ADDRESS` or `host:NAME`; port; protocol. */
  readonly queries: readonly (readonly [source: string, destination: string, port: number, protocol: string])[];
}

const REQUIREMENTS = join(import.meta.dirname, 'nca-requirements.txt');

async function python(): Promise<string> {
  const version = await run('python3', ['--version']);
  const place = join(paths.programs, `oracle-nca-${hashOf(version, await readFile(REQUIREMENTS, 'utf8'))}`);
  await makeOnce(place, (temporary) =>
    step('installing network-config-analyzer', async () => {
      await run('python3', ['-m', 'venv', temporary]);
      await run(join(temporary, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
    }),
  );
  return join(place, 'bin/python');
}

/** A letter a query for every question, or why the analyzer does not take the objects. */
export async function* ncaVerdicts(
  questions: Iterable<NcaQuestion>,
): AsyncGenerator<{ readonly verdicts: string } | { readonly error: string }> {
  const program = { command: await python(), args: [join(import.meta.dirname, 'analyzer.py')] };
  for await (const answer of askInLines(program, questions))
    yield answer as { readonly verdicts: string } | { readonly error: string };
}
