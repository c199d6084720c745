/** Istio's own control plane as a program: built once below the lab's cache, asked where its proxies send connections; used by `main.ts`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../../lab/paths.ts';
import { hashOf, makeOnce } from '../../lab/tools/atomic.ts';
import { step } from '../../lab/tools/progress.ts';
import { run } from '../../lab/tools/run.ts';
import { askInLines } from '../kinds/lines.ts';
import type { Raw } from '../kinds/world.ts';

interface Call {
  /** The name asked for; empty for a bare address. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly speech: 'tls' | 'http';
}

export interface PilotQuestion {
  readonly objects: readonly Raw[];
  /** MeshConfig as YAML. */
  readonly mesh: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly calls: readonly Call[];
}

async function program(): Promise<string> {
  const texts = ['go.mod', 'go.sum', 'main.go'].map((name) => readFile(join(import.meta.dirname, name), 'utf8'));
  const hash = hashOf(await run('go', ['version']), ...(await Promise.all(texts)));
  return makeOnce(join(paths.programs, `oracle-istio-${hash}`), async (temporary) => {
    const env = { ...process.env, CGO_ENABLED: '0' };
    const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', '-s -w'];
    await step("building Istio's control plane", () =>
      run('go', ['build', ...flags, '-o', temporary, '.'], { cwd: import.meta.dirname, env }),
    );
  });
}

/** A letter a call for every question: a sent on, o sent to the endpoints of another host, d not; undefined for objects that Istio refuses. */
export async function* pilotVerdicts(questions: Iterable<PilotQuestion>): AsyncGenerator<string | undefined> {
  for await (const answer of askInLines({ command: await program(), args: [] }, questions)) {
    const { verdicts, error } = answer as { readonly verdicts: string; readonly error?: string };
    const refused = error?.includes('configuration is invalid') === true;
    if (error !== undefined && !refused) throw new Error(`Istio gave up: ${error}`);
    yield refused ? undefined : verdicts;
  }
}
