/** What the tests of all kinds ask of vectors, and one question about a small configuration. */
import { join } from 'node:path';
import { ourVerdicts } from '../../oracle/kinds/ours.ts';
import { readVectors, type Vectors } from '../../oracle/kinds/vectors.ts';
import { type Query, queriesOf, type Raw, type World, worldObjects } from '../../oracle/kinds/world.ts';

export function vectorsOf(kind: string): Promise<Vectors> {
  return readVectors(join(import.meta.dirname, `fixtures/${kind}.jsonl.gz`));
}

/** Seconds of work where nothing else runs. */
export const PATIENCE = 120_000;

/** How far the vectors can tell a wrong engine: how many, what part is allowed, and how many cases have both verdicts. */
export function strengthOf({ cases }: Vectors) {
  const letters = cases.map((one) => one.verdicts).join('');
  return {
    cases: cases.length,
    allowed: letters.replaceAll('d', '').length / letters.length,
    mixed: cases.filter(({ verdicts }) => verdicts.includes('a') && verdicts.includes('d')).length,
  };
}

/** The cases in which any verdict differs; `others` stand beside the objects of each. */
export async function disagreeing({ worlds, cases }: Vectors, others: readonly Raw[]): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (const [at, one] of cases.entries()) {
    const asked = worlds[one.world];
    if (!asked) throw new Error(`there is no world ${one.world}`);
    const objects = [...worldObjects(asked.world), ...others, ...one.objects];
    const ours = await ourVerdicts(asked.world, objects, queriesOf(asked.grid));
    if (ours !== one.verdicts) wrong.push({ at, ours, ...one });
  }
  return wrong;
}

/** `allowed`, `denied` or `unknown` for the first pod of the world; TCP/443 unless the question says otherwise. */
export async function answer(world: World, objects: readonly Raw[], query: Partial<Query>): Promise<string> {
  const whole = { from: 0, address: '', port: 443, protocol: 'TCP', ...query };
  const letter = await ourVerdicts(world, [...worldObjects(world), ...objects], [whole]);
  return { a: 'allowed', d: 'denied', u: 'unknown' }[letter] ?? letter;
}
