/** Cyclonus as a program: built once below the lab's cache, asked for its own cases or for verdicts; used by `main.ts`. */
import { run } from '../../lab/tools/run.ts';
import { buildGo } from '../go-program.ts';
import { askInLines } from '../kinds/lines.ts';
import type { Query, Raw, World } from '../kinds/world.ts';
import { forCyclonus } from './for-cyclonus.ts';

export interface Asked {
  readonly world: World;
  readonly policies: readonly Raw[];
  readonly queries: readonly Query[];
}

interface Question {
  readonly policies: readonly Raw[];
  readonly pods: readonly (World['pods'][number] & { readonly namespaceLabels: Readonly<Record<string, string>> })[];
  readonly queries: readonly Query[];
}

interface Answer {
  readonly verdicts: string;
  readonly error?: string;
}

/** A step of one of Cyclonus's own cases, with its verdicts. */
export interface OwnCase extends Asked {
  readonly name: string;
  readonly verdicts: string;
}

const KIND = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
const program = () => buildGo({ folder: import.meta.dirname, name: 'oracle-cyclonus', title: 'Cyclonus' });

/** Never kept: they are Cyclonus's, not this project's. */
export async function ownCases(): Promise<OwnCase[]> {
  const lines = (await run(await program(), ['cases'])).trim().split('\n');
  return lines.map((line) => {
    const one = JSON.parse(line) as Question & Answer & { readonly case: string; readonly step: number };
    const { queries, verdicts, pods } = one;
    // Some of its policies leave out what they are.
    const policies = one.policies.map((policy) => ({ ...policy, ...KIND }));
    const world = { namespaces: Object.fromEntries(pods.map((pod) => [pod.namespace, pod.namespaceLabels])), pods };
    return { name: `${one.case}, step ${one.step}`, world, policies, queries, verdicts };
  });
}

/** A letter a query for every case: a allowed, d denied. */
export async function* verdictsOf(cases: Iterable<Asked>): AsyncGenerator<string> {
  for await (const answer of askInLines({ command: await program(), args: [] }, questionsOf(cases))) {
    const { verdicts, error } = answer as Answer;
    if (error !== undefined) throw new Error(`Cyclonus does not take the policies: ${error}`);
    yield verdicts;
  }
}

function* questionsOf(cases: Iterable<Asked>): Generator<Question> {
  for (const one of cases) yield questionOf(one);
}

function questionOf({ world, policies, queries }: Asked): Question {
  const pods = world.pods.map((pod) => ({ ...pod, namespaceLabels: world.namespaces[pod.namespace] ?? {} }));
  return { policies: policies.flatMap(forCyclonus), pods, queries };
}
