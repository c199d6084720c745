/** `npm run oracle:kubernetes`: NetworkPolicy verdicts of this project against Cyclonus, on its own cases and on random ones. */
import { join } from 'node:path';
import { readArguments } from '../kinds/arguments.ts';
import { ourVerdicts } from '../kinds/ours.ts';
import { seeded } from '../kinds/random.ts';
import { Tally } from '../kinds/tally.ts';
import { type AskedWorld, type Case, readVectors, writeVectors } from '../kinds/vectors.ts';
import { calicoAgent, queriesOf, type Raw, type World, worldObjects } from '../kinds/world.ts';
import { ownCases, verdictsOf } from './cyclonus.ts';
import { randomPolicies, randomWorld } from './generate.ts';
import { serviceObjects, throughService } from './services.ts';

const VECTORS = join(import.meta.dirname, '../../unit/oracle-kinds/fixtures/kubernetes.jsonl.gz');
const WORLDS = 40;

type Unanswered = Omit<Case, 'verdicts'>;

async function compareOwnCases(): Promise<void> {
  const direct = new Tally();
  const served = new Tally();
  for (const { name, world, policies, queries, verdicts } of await ownCases()) {
    const objects = [...objectsOf(world, policies), ...serviceObjects(world)];
    const compared = { name, world, objects: policies, oracle: verdicts };
    direct.add({ ...compared, queries, ours: await ourVerdicts(world, objects, queries) });
    const through = queries.map((query) => throughService(world, query));
    served.add({ ...compared, queries: through, ours: await ourVerdicts(world, objects, through) });
  }
  direct.report("Cyclonus's own cases");
  served.report("Cyclonus's own cases, through Services");
}

async function compare(worlds: readonly AskedWorld[], cases: readonly Unanswered[]): Promise<Case[]> {
  const tally = new Tally();
  const answered: Case[] = [];
  const asked = cases.map((one) => ({ ...askedOf(worlds, one), policies: one.objects }));
  for await (const oracle of verdictsOf(asked)) {
    const one = cases[answered.length];
    if (!one) throw new Error('more answers than questions');
    const { world, queries } = askedOf(worlds, one);
    const ours = await ourVerdicts(world, objectsOf(world, one.objects), queries);
    tally.add({ name: `case ${answered.length}`, world, objects: one.objects, queries, oracle, ours });
    answered.push({ ...one, verdicts: oracle });
  }
  tally.report('random cases');
  return answered;
}

function askedOf(worlds: readonly AskedWorld[], one: Unanswered) {
  const asked = worlds[one.world];
  if (!asked) throw new Error(`there is no world ${one.world}`);
  return { world: asked.world, queries: queriesOf(asked.grid) };
}

/** With Calico's agent, so that the engine is one that enforces NetworkPolicy as Kubernetes defines it. */
function objectsOf(world: World, policies: readonly Raw[]): Raw[] {
  return [...worldObjects(world), calicoAgent(), ...policies];
}

const { count, seed, check, writeVectors: write } = readArguments({ count: 2000, seed: 1 });
if (check !== undefined) {
  const { worlds, cases } = await readVectors(check);
  await compare(worlds, cases);
} else {
  if (!write) await compareOwnCases();
  const random = seeded(seed);
  const worlds = Array.from({ length: WORLDS }, () => randomWorld(random));
  const cases = Array.from({ length: count }, (_, index) => ({
    world: index % WORLDS,
    objects: randomPolicies(random),
  }));
  const answered = await compare(worlds, cases);
  if (write) process.stdout.write(`${await writeVectors(VECTORS, { worlds, cases: answered })} bytes written\n`);
}
