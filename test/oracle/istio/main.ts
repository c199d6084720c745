/** `npm run oracle:istio`: what Istio's Sidecars and ServiceEntries let out, this project against network-config-analyzer, on random meshes. */
import { join } from 'node:path';
import { parseIp } from '../../../src/core/net/ip.ts';
import { readArguments } from '../kinds/arguments.ts';
import { type NcaQuestion, ncaVerdicts } from '../kinds/nca.ts';
import { ourVerdicts } from '../kinds/ours.ts';
import { seeded } from '../kinds/random.ts';
import { Tally } from '../kinds/tally.ts';
import { type AskedWorld, type Case, readVectors, writeVectors } from '../kinds/vectors.ts';
import { calicoAgent, type Query, queriesOf, worldObjects } from '../kinds/world.ts';
import { meshForNca } from './for-nca.ts';
import { randomMesh, randomWorld } from './generate.ts';

const VECTORS = join(import.meta.dirname, '../../unit/oracle-kinds/fixtures/istio.jsonl.gz');
const WORLDS = 8;
/** Any address outside: the analyzer treats them alike. */
const OUTSIDE = 'ip:203.0.113.77';

type Unanswered = Omit<Case, 'verdicts'>;

async function compare(worlds: readonly AskedWorld[], cases: readonly Unanswered[]): Promise<Case[]> {
  const tally = new Tally();
  const answered: Case[] = [];
  const asked = cases.map((one) => askedOf(worlds, one));
  let at = 0;
  for await (const answer of ncaVerdicts(asked.map(({ question }) => question))) {
    const one = cases[at];
    const plan = asked[at];
    if (!one || !plan) throw new Error('more answers than questions');
    if ('error' in answer) throw new Error(`the analyzer does not take case ${at}: ${answer.error}`);
    const oracle = plan.places
      .map((places) => (places.some((place) => answer.verdicts[place] === 'a') ? 'a' : 'd'))
      .join('');
    const ours = await ourVerdicts(
      plan.world,
      [...worldObjects(plan.world), calicoAgent(), ...one.objects],
      plan.queries,
    );
    tally.add({ name: `case ${at}`, world: plan.world, objects: one.objects, queries: plan.queries, oracle, ours });
    answered.push({ ...one, verdicts: oracle });
    at += 1;
  }
  tally.report('Istio');
  return answered;
}

/** The analyzer's question, and for each of ours the places of the answers of which one must say yes. */
function askedOf(worlds: readonly AskedWorld[], one: Unanswered) {
  const asked = worlds[one.world];
  const source = asked?.world.pods[0];
  if (!asked || !source) throw new Error(`there is no world ${one.world}`);
  const mesh = meshForNca(one.objects, source.namespace);
  const queries = queriesOf(asked.grid);
  const flat: [source: string, destination: string, port: number, protocol: string][] = [];
  const places = queries.map((query) =>
    destinationsOf(query, mesh.hosts).map(
      (destination) => flat.push([`${source.namespace}/${source.name}`, destination, query.port, query.protocol]) - 1,
    ),
  );
  const question: NcaQuestion = {
    layer: 'Istio',
    objects: [...worldObjects(asked.world), ...mesh.objects],
    queries: flat,
  };
  return { world: asked.world, queries, places, question };
}

/**
 * A name goes out if the proxy lets unknown destinations out, or if it knows a host that covers the name. (To the analyzer a host that
 * a Sidecar does not import is denied even with ALLOW_ANY; Istio passes it through as any unknown one: istio.io,
 * OutboundTrafficPolicy.) What is not TCP goes past the proxy.
 */
function destinationsOf({ address, protocol }: Query, hosts: ReadonlyMap<string, readonly string[]>): string[] {
  if (parseIp(address)) return [`ip:${address}`];
  if (protocol !== 'TCP') return [OUTSIDE];
  const covering = [...hosts].filter(
    ([host]) => host === address || (host.startsWith('*.') && address.endsWith(host.slice(1))),
  );
  return [OUTSIDE, ...covering.flatMap(([, names]) => names.map((name) => `host:${name}`))];
}

const { count, seed, check, writeVectors: write } = readArguments({ count: 500, seed: 1 });
if (check !== undefined) {
  const { worlds, cases } = await readVectors(check);
  await compare(worlds, cases);
} else {
  const random = seeded(seed);
  const worlds = Array.from({ length: WORLDS }, () => randomWorld(random));
  const cases = Array.from({ length: count }, (_, index) => ({ world: index % WORLDS, objects: randomMesh(random) }));
  const answered = await compare(worlds, cases);
  if (write) process.stdout.write(`${await writeVectors(VECTORS, { worlds, cases: answered })} bytes written\n`);
}
