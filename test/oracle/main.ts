/** `npm run oracle -- [--count N] [--names N] [--seed S] [--case I] [--check FILE] [--write-vectors] [--cilium VERSION]`: see README.md. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseAnswer, PolicyCase, World } from './case.ts';
import type { Tally } from './check.ts';
import { addCase, addNames, checkLines, emptyTally } from './check.ts';
import { caseOf, QUERIES_PER_CASE } from './generate/cases.ts';
import { NAMES_PER_SELECTOR, namesOf } from './generate/names.ts';
import { worldsOf } from './generate/worlds.ts';
import type { NamesAnswer } from './names.ts';
import type { Program } from './program.ts';
import { buildProgram, startProgram } from './program.ts';
import { tally as counted } from './report.ts';
import type { Line } from './vectors.ts';
import { readVectors, writeVectors } from './vectors.ts';
import { CILIUM_VERSION, OTHER_VERSIONS } from './versions.ts';

/** Questions on their way to the program at a time: enough to keep both sides busy. */
const BATCH = 64;
const VECTOR_CASES = { own: 5000, other: 1000 };
/** Enough to tell engines apart, and few enough for every `npm test`. */
const VECTOR_QUERIES = 12;
const VECTOR_PAIRS = { own: 20_000, other: 5000 };
const VECTOR_SEED = 'vectors';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    names: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    show: { type: 'string', default: '20' },
    check: { type: 'string' },
    cilium: { type: 'string', default: CILIUM_VERSION },
    'write-vectors': { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.check !== undefined) return report(await checkLines(await readVectors(values.check)));
  const program = startProgram(await buildProgram(known(values.cilium)));
  const code = values['write-vectors'] ? await write(program) : report(await compare(program));
  await program.end();
  return code;
}

/** Live: `--count` policy queries and `--names` pairs of the seed, or one case alone. */
async function compare(program: Program): Promise<Tally> {
  const { seed, cilium: version } = values;
  const tally = emptyTally(version);
  const worlds = worldsOf(seed, version);
  await announce(program, worlds);
  const first = values.case === undefined ? 0 : Number(values.case);
  const cases = values.case === undefined ? Math.ceil(Number(values.count) / QUERIES_PER_CASE) : 1;
  await inBatches(
    first,
    first + cases,
    (index) => ask(program, caseOf(seed, index, worlds)),
    async (line) => {
      await addCase(tally, find(worlds, line.case.world), line.case, line.answer);
    },
  );
  const selectors = values.case === undefined ? Math.ceil(Number(values.names) / NAMES_PER_SELECTOR) : 0;
  await inBatches(
    0,
    selectors,
    (index) => askNames(program, seed, index),
    (line) => addNames(tally, line.names, line.answer),
  );
  return tally;
}

async function announce(program: Program, worlds: readonly World[]): Promise<void> {
  await Promise.all(worlds.map((world) => program.ask({ world })));
}

async function inBatches<T>(
  from: number,
  to: number,
  ask: (index: number) => Promise<T>,
  add: (line: T) => unknown,
): Promise<void> {
  let coming: Promise<T[]> = Promise.resolve([]);
  for (let start = from; start < to + BATCH; start += BATCH) {
    const size = Math.max(0, Math.min(BATCH, to - start));
    // The next batch is under way while this one is compared.
    const next = Promise.all(Array.from({ length: size }, (_, index) => ask(start + index)));
    for (const line of await coming) await add(line);
    coming = next;
  }
}

async function ask(program: Program, asked: PolicyCase) {
  return { case: asked, answer: (await program.ask({ case: asked })) as CaseAnswer };
}

async function askNames(program: Program, seed: string, index: number) {
  const asked = namesOf(seed, index);
  return { names: asked, answer: (await program.ask({ names: asked })) as NamesAnswer };
}

function known(version: string): string {
  if (version === CILIUM_VERSION || OTHER_VERSIONS.some((one) => one === version)) return version;
  throw new Error(`the oracle can be built from Cilium ${[CILIUM_VERSION, ...OTHER_VERSIONS].join(', ')}`);
}

function find(worlds: readonly World[], id: string): World {
  const world = worlds.find((one) => one.id === id);
  if (!world) throw new Error(`no world ${id}`);
  return world;
}

async function write(program: Program): Promise<number> {
  const { cilium: version } = values;
  const size = version === CILIUM_VERSION ? 'own' : 'other';
  const worlds = worldsOf(VECTOR_SEED, version);
  await announce(program, worlds);
  const cases: Line[] = [];
  const names: Line[] = [];
  await inBatches(
    0,
    VECTOR_CASES[size],
    (index) => ask(program, caseOf(VECTOR_SEED, index, worlds, VECTOR_QUERIES)),
    (line) => cases.push(shortened(line)),
  );
  await inBatches(
    0,
    VECTOR_PAIRS[size] / NAMES_PER_SELECTOR,
    (index) => askNames(program, VECTOR_SEED, index),
    (line) => names.push(line),
  );
  const folder = join(import.meta.dirname, 'vectors');
  const suffix = size === 'own' ? '' : `-${version}`;
  const head: Line = { cilium: version };
  const sizes = await Promise.all([
    writeVectors(join(folder, `policies${suffix}.jsonl.gz`), [head, ...worlds.map((world) => ({ world })), ...cases]),
    writeVectors(join(folder, `names${suffix}.jsonl.gz`), [head, ...names]),
  ]);
  process.stdout.write(`${cases.length} cases and ${names.length} selectors written: ${sizes.join(' + ')} bytes\n`);
  return 0;
}

/** The reasons are for people; their beginnings will do. */
function shortened({ case: asked, answer }: { readonly case: PolicyCase; readonly answer: CaseAnswer }): Line {
  const short = (text: string | undefined) => text?.slice(0, 90);
  const policies = answer.policies.map(({ error, rejected }) => ({ error: short(error), rejected: short(rejected) }));
  return { case: asked, answer: { ...answer, policies } as CaseAnswer };
}

function report(tally: Tally): number {
  const { disagreements } = tally;
  const shown = Number(values.show);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  for (const text of disagreements.slice(0, shown)) say(text);
  if (disagreements.length > shown) say(`… and ${disagreements.length - shown} more`);
  say(
    `Cilium's answers: ${[...tally.answers]
      .toSorted()
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')}`,
  );
  say(`${tally.unknown.length} of ${tally.stages} stages left open by this project:`);
  for (const line of counted(tally.unknown).slice(0, shown)) say(line);
  say(
    `${tally.queries} policy queries in ${tally.cases} cases and ${tally.pairs} name/pattern pairs, ${disagreements.length} disagreements`,
  );
  return disagreements.length === 0 ? 0 : 1;
}

process.exitCode = await main();
