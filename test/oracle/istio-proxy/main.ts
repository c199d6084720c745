/** `npm run oracle:istio-proxy`: verdicts about meshes against Istio's own control plane, whose proxies' configuration is simulated. Builds for minutes. */
import { join } from 'node:path';
import { parseIp } from '../../../src/core/net/ip.ts';
import { readArguments } from '../kinds/arguments.ts';
import { ANSWER, ourVerdicts } from '../kinds/ours.ts';
import { seeded } from '../kinds/random.ts';
import { Tally } from '../kinds/tally.ts';
import { type AskedWorld, type Case, readVectors, writeVectors } from '../kinds/vectors.ts';
import { calicoAgent, queriesOf, type Raw, worldObjects } from '../kinds/world.ts';
import { randomProxyMesh, randomProxyWorld } from './generate.ts';
import { type PilotQuestion, pilotVerdicts } from './pilot.ts';

const VECTORS = join(import.meta.dirname, '../../unit/oracle-kinds/fixtures/istio-proxy.jsonl.gz');
const WORLDS = 8;

async function compare(worlds: readonly AskedWorld[], cases: readonly Omit<Case, 'verdicts'>[]): Promise<Case[]> {
  const tally = new Tally();
  const answered: Case[] = [];
  let at = 0;
  for await (const oracle of pilotVerdicts(cases.map((one) => questionOf(worldOf(worlds, one), one.objects)))) {
    const one = cases[at];
    at += 1;
    if (!one) throw new Error('more answers than questions');
    if (oracle === undefined) continue;
    const { world, grid } = worldOf(worlds, one);
    const queries = queriesOf(grid);
    const ours = await ourVerdicts(world, [...worldObjects(world), calicoAgent(), ...one.objects], queries);
    const wanted = [...oracle].map((letter, index) => (letter === 'o' ? elsewhere(ours[index]) : letter)).join('');
    tally.add({ name: `case ${at - 1}`, world, objects: one.objects, queries, oracle: wanted, ours });
    // Vectors are what both are sure of.
    if (!ours.includes('u')) answered.push({ ...one, verdicts: wanted });
  }
  tally.report("Istio's own proxies");
  return answered;
}

/** What goes to the endpoints of another host is let through, and whether those are the ones meant may be left open. */
function elsewhere(ours: string | undefined): string {
  return ours === 'u' ? 'u' : 'a';
}

function worldOf(worlds: readonly AskedWorld[], one: { readonly world: number }): AskedWorld {
  const asked = worlds[one.world];
  if (!asked) throw new Error(`there is no world ${one.world}`);
  return asked;
}

function questionOf({ world, grid }: AskedWorld, objects: readonly Raw[]): PilotQuestion {
  const [source] = world.pods;
  if (!source) throw new Error('a world has a source');
  const config = objects.find((one) => one['kind'] === 'ConfigMap');
  const { mesh = '' } = (config?.['data'] ?? {}) as { readonly mesh?: string };
  return {
    objects: objects.filter((one) => one['kind'] !== 'ConfigMap'),
    mesh,
    namespace: source.namespace,
    labels: source.labels,
    calls: queriesOf(grid).map(({ address, port }) => ({
      host: parseIp(address) ? '' : address,
      address: parseIp(address) ? address : ANSWER,
      port,
      speech: port === 80 || port === 8080 ? 'http' : 'tls',
    })),
  };
}

/** Two entries of one host with different protocols for a port are merged: into what, Istio does not say, and it differs from run to run. */
function isContradictory(objects: readonly Raw[]): boolean {
  const seen = new Map<string, string>();
  for (const one of objects.filter(({ kind }) => kind === 'ServiceEntry')) {
    const { hosts, ports } = one['spec'] as {
      readonly hosts: readonly string[];
      readonly ports: readonly { readonly number: number; readonly protocol: string }[];
    };
    for (const host of hosts)
      for (const { number, protocol } of ports) {
        const key = `${host}:${number}`;
        if ((seen.get(key) ?? protocol) !== protocol) return true;
        seen.set(key, protocol);
      }
  }
  return false;
}

const { count, seed, check, writeVectors: write } = readArguments({ count: 1500, seed: 1 });
if (check !== undefined) {
  const { worlds, cases } = await readVectors(check);
  await compare(worlds, cases);
} else {
  const random = seeded(seed);
  const worlds = Array.from({ length: WORLDS }, () => randomProxyWorld(random));
  const meshes = Array.from({ length: count }, () => randomProxyMesh(random)).filter((one) => !isContradictory(one));
  const cases = meshes.map((objects, at) => ({ world: at % WORLDS, objects }));
  const answered = await compare(worlds, cases);
  if (write) process.stdout.write(`${await writeVectors(VECTORS, { worlds, cases: answered })} bytes written\n`);
}
