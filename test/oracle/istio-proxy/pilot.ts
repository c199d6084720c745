/** Istio's own control plane as a program: built once below the lab's cache, asked where its proxies send connections; used by `main.ts`. */
import { buildGo } from '../go-program.ts';
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

const program = () => buildGo({ folder: import.meta.dirname, name: 'oracle-istio', title: "Istio's control plane" });

/** A letter a call for every question: a sent on, o sent to the endpoints of another host, d not; undefined for objects that Istio refuses. */
export async function* pilotVerdicts(questions: Iterable<PilotQuestion>): AsyncGenerator<string | undefined> {
  for await (const answer of askInLines({ command: await program(), args: [] }, questions)) {
    const { verdicts, error } = answer as { readonly verdicts: string; readonly error?: string };
    const refused = error?.includes('configuration is invalid') === true;
    if (error !== undefined && !refused) throw new Error(`Istio gave up: ${error}`);
    yield refused ? undefined : verdicts;
  }
}
