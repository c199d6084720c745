/**
 * `npm run mutation`: changes `src/core/policy` in thousands of places, one at a time, and tells which changes no test notices.
 * The whole room takes hours; `--sample 0.1 --seed 1` tries a random tenth and says how far the score may be off.
 *
 * Left out of every score: text (the mutator StringLiteral) and what runs only once, when a module loads (`ignoreStatic`).
 * Survivors are in the output and in .reports/mutation-<part>.json.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const ROOM = 'src/core/policy/';
const WANTED = 0.85;

interface Count {
  killed: number;
  /** Of those killed: by running for too long, which on a busy machine proves little. */
  slow: number;
  survived: number;
  uncovered: number;
}

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    /** Which sample; another one for each measurement whose survivors tests were not written for. */
    seed: { type: 'string', default: '1' },
    mutate: { type: 'string', multiple: true },
    concurrency: { type: 'string' },
  },
});

const ROOMS_AT_ONCE = 3;

/** Some rooms at a time: code with all changes in it is slow, and what each test covers of them fills the memory. */
function parts(): readonly (readonly string[])[] {
  if (values.mutate) return [values.mutate];
  const rooms = readdirSync(ROOM, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const patterns = [`${ROOM}*.ts`, ...rooms.map(({ name }) => `${ROOM}${name}/**/*.ts`)];
  return Array.from({ length: Math.ceil(patterns.length / ROOMS_AT_ONCE) }, (_, index) =>
    patterns.slice(index * ROOMS_AT_ONCE, (index + 1) * ROOMS_AT_ONCE),
  );
}

function sampleOptions() {
  if (values.sample === undefined) return {};
  const share = Number(values.sample);
  if (!(share > 0 && share <= 1)) throw new Error(`--sample ${values.sample}: a share between 0 and 1 is meant`);
  return {
    checkers: ['sample'],
    plugins: ['@stryker-mutator/vitest-runner', './test/tooling/mutation-sample.ts'],
    mutationSample: { share, seed: values.seed },
  };
}

function roomOf(fileName: string): string {
  const path = fileName.slice(fileName.lastIndexOf(ROOM) + ROOM.length);
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

type Tried = { readonly fileName: string; readonly status: string };

const none = (): Count => ({ killed: 0, slow: 0, survived: 0, uncovered: 0 });

function add(count: Count, status: string): void {
  if (status === 'Killed' || status === 'Timeout') count.killed += 1;
  if (status === 'Timeout') count.slow += 1;
  if (status === 'Survived') count.survived += 1;
  if (status === 'NoCoverage') count.uncovered += 1;
}

function countByRoom(mutants: readonly Tried[]): Map<string, Count> {
  const rooms = new Map<string, Count>();
  const all = none();
  for (const { fileName, status } of mutants) {
    const room = rooms.get(roomOf(fileName)) ?? none();
    rooms.set(roomOf(fileName), room);
    add(room, status);
    add(all, status);
  }
  return new Map([...[...rooms].sort(([a], [b]) => a.localeCompare(b)), ['all', all]]);
}

/** Wilson's interval: unlike the normal one it holds for small rooms and for scores near 100 %. */
function interval(hits: number, total: number): readonly [number, number] {
  const z = 1.96;
  const middle = (hits + z ** 2 / 2) / (total + z ** 2);
  const half = (z * Math.sqrt((hits * (total - hits)) / total + z ** 2 / 4)) / (total + z ** 2);
  return [middle - half, middle + half];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function line(room: string, { killed, slow, survived, uncovered }: Count): string {
  const total = killed + survived + uncovered;
  if (total === 0) return `${room.padEnd(20)} nothing tried`;
  const off = values.sample === undefined ? '' : `  95 %: ${interval(killed, total).map(percent).join(' to ')}`;
  const counts = `${killed} of ${total}`.padEnd(14);
  return `${room.padEnd(20)} ${percent(killed / total).padStart(7)}  ${counts} no test at all: ${uncovered}  by time: ${slow}${off}`;
}

async function tried(mutate: readonly string[], part: number): Promise<readonly Tried[]> {
  return new Stryker({
    configFile: 'test/tooling/stryker.json',
    mutate: [...mutate],
    jsonReporter: { fileName: `.reports/mutation-${part}.json` },
    ...(values.concurrency && { concurrency: Number(values.concurrency) }),
    ...sampleOptions(),
  }).runMutationTest();
}

async function main(): Promise<void> {
  const mutants: Tried[] = [];
  for (const [index, mutate] of parts().entries()) {
    mutants.push(...(await tried(mutate, index + 1)));
    const lines = [...countByRoom(mutants)].map(([room, count]) => line(room, count));
    process.stdout.write(`\nMutants noticed so far, by room of ${ROOM}\n${lines.join('\n')}\n\n`);
  }
  const { killed, survived, uncovered } = countByRoom(mutants).get('all') ?? none();
  const score = killed / (killed + survived + uncovered);
  process.stdout.write(`${percent(score)} of all changes are noticed; wanted are ${percent(WANTED)}.\n`);
  if (!(score >= WANTED)) process.exitCode = 1;
}

await main();
