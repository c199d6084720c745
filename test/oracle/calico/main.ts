/** `npm run oracle:calico`: Calico policy verdicts of this project against network-config-analyzer, on random configurations. */
import { join } from 'node:path';
import { readArguments } from '../kinds/arguments.ts';
import { type NcaQuestion, ncaVerdicts } from '../kinds/nca.ts';
import { ourVerdicts } from '../kinds/ours.ts';
import { seeded } from '../kinds/random.ts';
import { Tally } from '../kinds/tally.ts';
import { type AskedWorld, type Case, readVectors, writeVectors } from '../kinds/vectors.ts';
import { calicoAgent, queriesOf, type Raw, type World, worldObjects } from '../kinds/world.ts';
import { forNca } from './for-nca.ts';
import { randomPolicies, randomWorld } from './generate.ts';
import { compareSelectors } from './selectors.ts';

const VECTORS = join(import.meta.dirname, '../../unit/oracle-kinds/fixtures/calico.jsonl.gz');
const WORLDS = 40;

type Unanswered = Omit<Case, 'verdicts'>;

async function compare(worlds: readonly AskedWorld[], cases: readonly Unanswered[]): Promise<Case[]> {
  const tally = new Tally();
  const answered: Case[] = [];
  let at = -1;
  for await (const answer of ncaVerdicts(cases.map((one) => questionOf(worlds, one)))) {
    at += 1;
    const one = cases[at];
    if (!one) throw new Error('more answers than questions');
    if ('error' in answer)
      throw new Error(`the analyzer does not take case ${at}: ${answer.error} ${JSON.stringify(one.objects)}`);
    const { world, queries } = askedOf(worlds, one);
    const ours = await ourVerdicts(world, [...worldObjects(world), calicoAgent(), ...one.objects], queries);
    tally.add({ name: `case ${at}`, world, objects: one.objects, queries, oracle: answer.verdicts, ours });
    answered.push({ ...one, verdicts: answer.verdicts });
  }
  tally.report('Calico');
  return answered;
}

function askedOf(worlds: readonly AskedWorld[], one: Unanswered) {
  const asked = worlds[one.world];
  if (!asked) throw new Error(`there is no world ${one.world}`);
  return { world: asked.world, queries: queriesOf(asked.grid) };
}

function questionOf(worlds: readonly AskedWorld[], one: Unanswered): NcaQuestion {
  const { world, queries } = askedOf(worlds, one);
  return {
    layer: 'K8s_Calico',
    objects: [...worldObjects(world), ...one.objects].map(forNca),
    queries: queries.map(({ from, address, port, protocol }) => [
      nameOf(world, from),
      destinationOf(world, address),
      port,
      protocol,
    ]),
  };
}

function nameOf(world: World, index: number): string {
  const pod = world.pods[index];
  if (!pod) throw new Error(`there is no pod ${index}`);
  return `${pod.namespace}/${pod.name}`;
}

function destinationOf(world: World, address: string): string {
  const index = world.pods.findIndex(({ ips }) => ips.includes(address));
  return index < 0 ? `ip:${address}` : `pod:${nameOf(world, index)}`;
}

const { count, seed, check, writeVectors: write } = readArguments({ count: 500, seed: 1 });
if (check !== undefined) {
  const { worlds, cases } = await readVectors(check);
  await compare(worlds, cases);
} else {
  const random = seeded(seed);
  if (!write) await compareSelectors(count * 40, seeded(seed));
  const worlds = Array.from({ length: WORLDS }, () => randomWorld(random));
  const cases = Array.from({ length: count }, (_, index): Unanswered => {
    const world = worlds[index % WORLDS] ?? randomWorld(random);
    const objects: Raw[] = [...world.objects, ...randomPolicies(world, random)];
    return { world: index % WORLDS, objects };
  });
  const answered = await compare(worlds, cases);
  const kept = worlds.map(({ world, grid }) => ({ world, grid }));
  if (write) process.stdout.write(`${await writeVectors(VECTORS, { worlds: kept, cases: answered })} bytes written\n`);
}
