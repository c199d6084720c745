/** Selectors of Calico's grammar, sound and broken, read by this project and by Calico's own parser; used by `main.ts`. */
import { join } from 'node:path';
import { matchSelector, parseSelector } from '../../../src/core/policy/translate/calico/selector.ts';
import { buildGo } from '../go-program.ts';
import { askInLines } from '../kinds/lines.ts';
import type { Random } from '../kinds/random.ts';
import { randomSelector, wordsOf } from './selector.ts';

type Labels = Readonly<Record<string, string>>;

const FOLDER = join(import.meta.dirname, 'selectors');
const BATCH = 500;
const PIECES = [
  '(',
  ')',
  '!',
  '&&',
  '||',
  '&',
  '|',
  '==',
  '!=',
  '=',
  "'",
  '"',
  '{',
  '}',
  ',',
  ' ',
  '  ',
  'app',
  "'web'",
];
const WORDS = [
  'in',
  'not in',
  'not  in',
  'has(app)',
  'has( app )',
  'all()',
  'all( )',
  'global()',
  'contains',
  'starts  with',
  'ends with',
  'é',
];

const program = () => buildGo({ folder: FOLDER, name: 'oracle-calico-selectors', title: "Calico's selectors" });

/** Prints how many agree, and the first that do not. */
export async function compareSelectors(count: number, random: Random): Promise<void> {
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, () => ({
    selectors: Array.from({ length: BATCH }, () => anySelector(random)),
    labels: random.times(8, 8, () => randomLabels(random)),
  }));
  const wrong: unknown[] = [];
  let at = 0;
  for await (const answer of askInLines({ command: await program(), args: [] }, batches)) {
    const { verdicts } = answer as { readonly verdicts: readonly string[] };
    const { selectors = [], labels = [] } = batches[at] ?? {};
    at += 1;
    for (const [index, text] of selectors.entries()) {
      const ours = selectorVerdicts(text, labels);
      if (ours !== verdicts[index]) wrong.push({ text, labels, oracle: verdicts[index], ours });
    }
  }
  process.stdout.write(
    `Calico's selectors: ${at * BATCH} against 8 sets of labels each: ${wrong.length} disagreements\n`,
  );
  for (const one of wrong.slice(0, 10)) process.stdout.write(`${JSON.stringify(one)}\n`);
  if (wrong.length > 0) process.exitCode = 1;
}

/** A letter a set of labels: a matches, d does not; x for a selector that is refused. */
function selectorVerdicts(text: string, sets: readonly Labels[]): string {
  const parsed = parseSelector(text);
  if ('problem' in parsed) return 'x';
  return sets.map((labels) => (matchSelector(parsed.selector, (key) => labels[key]) === 'yes' ? 'a' : 'd')).join('');
}

function randomLabels(random: Random): Labels {
  const { values } = wordsOf.pods;
  const all = Object.entries(values).map(([key, list]) => [key, random.pick(['', ...list])] as const);
  return Object.fromEntries(random.some(all, 0, 4));
}

function anySelector(random: Random): string {
  const sound = randomSelector(random, { ...wordsOf.pods, global: random.chance(0.2) }, 3);
  return random.chance(0.6) ? sound : broken(sound, random);
}

/** One to three small changes; what remains may still be sound. */
function broken(text: string, random: Random): string {
  let result = text;
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.below(result.length + 1);
    const cut = random.chance(0.5) ? random.below(3) : 0;
    const piece = random.chance(0.6) ? random.pick([...PIECES, ...WORDS]) : '';
    result = result.slice(0, at) + piece + result.slice(at + cut);
  }
  return result;
}
