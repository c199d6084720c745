/** Compares answers of this project with Cilium's, live or from a file, and adds up what was found. */
import type { CaseAnswer, PolicyCase, World } from './case.ts';
import { compareCase } from './compare.ts';
import type { NamesQuestion } from './generate/names.ts';
import type { NamesAnswer } from './names.ts';
import { compareNames } from './names.ts';
import { askOurs } from './ours.ts';
import { disagreementText } from './report.ts';
import type { Line } from './vectors.ts';
import { CILIUM_VERSION, minorIn } from './versions.ts';

export interface Tally {
  /** The version of Cilium that answered. */
  version: string;
  cases: number;
  queries: number;
  stages: number;
  pairs: number;
  unknown: string[];
  /** How often Cilium gave each answer, so that a comparison of nothing but "allowed" shows. */
  answers: Map<string, number>;
  disagreements: string[];
}

export function emptyTally(version: string): Tally {
  return { version, cases: 0, queries: 0, stages: 0, pairs: 0, unknown: [], answers: new Map(), disagreements: [] };
}

export async function addCase(tally: Tally, world: World, asked: PolicyCase, cilium: CaseAnswer): Promise<void> {
  const result = compareCase(asked, cilium, await askOurs(world, asked));
  tally.cases += 1;
  tally.queries += asked.queries.length;
  tally.stages += result.stages;
  tally.unknown.push(...result.unknown);
  for (const answer of cilium.answers) {
    count(tally, answer.error === undefined ? `connect ${answer.connect}` : 'error');
    if (answer.lookup !== undefined) count(tally, `lookup ${answer.lookup}`);
    if (answer.redirect !== undefined) count(tally, `redirect ${answer.redirect}`);
  }
  for (const policy of cilium.policies) count(tally, policy.error === undefined ? 'policy valid' : 'policy invalid');
  tally.disagreements.push(...result.disagreements.map((found) => disagreementText(world, asked, found)));
}

function count(tally: Tally, what: string): void {
  tally.answers.set(what, (tally.answers.get(what) ?? 0) + 1);
}

export function addNames(tally: Tally, asked: NamesQuestion, cilium: NamesAnswer): void {
  tally.pairs += asked.names.length;
  count(tally, cilium.valid ? 'selector valid' : 'selector invalid');
  tally.disagreements.push(...compareNames(asked, cilium, minorIn(tally.version)));
}

/** Holds this project against the answers of a vector file. */
export async function checkLines(lines: readonly Line[]): Promise<Tally> {
  const tally = emptyTally(CILIUM_VERSION);
  const worlds = new Map<string, World>();
  for (const line of lines) {
    if ('cilium' in line) tally.version = line.cilium;
    else if ('world' in line) worlds.set(line.world.id, line.world);
    else if ('case' in line) await addCase(tally, worldOf(worlds, line.case), line.case, line.answer);
    else if ('names' in line) addNames(tally, line.names, line.answer);
  }
  return tally;
}

function worldOf(worlds: ReadonlyMap<string, World>, asked: PolicyCase): World {
  const world = worlds.get(asked.world);
  if (!world) throw new Error(`case ${asked.id} is in the world ${asked.world}, which does not stand before it`);
  return world;
}
