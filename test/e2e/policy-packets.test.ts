/**
 * Random policy sets in the cluster: what real packets meet must be what the engine says. K8S_EGRESS_PACKETS_SEED and
 * K8S_EGRESS_PACKETS_SETS choose other sets, and how many.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compose } from '../../src/compose.ts';
import { forget, openAgent } from './packets/agent.ts';
import { type Lane, lanes, type Places } from './packets/lanes.ts';
import { type PolicySet, policySet } from './packets/policy-sets.ts';
import { disagreements, figures } from './packets/report.ts';
import { clear, raise } from './packets/stage.ts';
import { type Bench, runLane, type Trial } from './packets/trial.ts';
import { openCluster, type TestCluster } from './support/cluster.ts';

const seed = Number(process.env['K8S_EGRESS_PACKETS_SEED'] ?? 2026);
const count = Number(process.env['K8S_EGRESS_PACKETS_SETS'] ?? 40);

let cluster: TestCluster;
let bench: Bench;
let places: ReadonlyMap<Lane, Places>;

beforeAll(async () => {
  cluster = await openCluster();
  places = await raise(cluster);
  const { cluster: source } = await compose({ kubeconfig: cluster.kubeconfig }).openDeps(undefined);
  const [first] = lanes;
  if (!first) throw new Error('there is no lane');
  bench = { cluster, source, agent: await openAgent(cluster, first) };
  await forget(bench.agent);
});

afterAll(async () => {
  if (cluster) await clear(cluster);
});

it('packets meet what the engine says', { timeout: 60_000 + count * 10_000 }, async () => {
  process.stdout.write(`policy packets: seed ${seed}\n`);
  const trials = (await Promise.all(lanes.map(inLane))).flat();
  process.stdout.write(`policy packets: ${figures(trials)}\n`);
  expect(disagreements(trials), `seed ${seed}`).toEqual([]);
  expect(trials).toHaveLength(count);
  const all = trials.flatMap(({ comparisons }) => comparisons);
  // What the engine leaves open is explained by a lookup that teaches nothing, and is a small part.
  const open = all.filter(({ verdict }) => verdict === 'unknown');
  expect(open.filter(({ prediction }) => prediction.reason !== 'dns_not_proxied')).toEqual([]);
  if (count < 20) return;
  expect(open.length).toBeLessThan(all.length / 5);
  // Sets that allow nothing, or everything, would agree by accident.
  for (const seen of ['reached', 'silent', 'resolved', 'refused'])
    expect(all.filter((one) => one.seen === seen).length, seen).toBeGreaterThan(count / 2);
});

async function inLane(lane: Lane, at: number): Promise<Trial[]> {
  const where = places.get(lane);
  if (!where) throw new Error(`${lane.namespace} is not there`);
  const mine: PolicySet[] = [];
  for (let index = at; index < count; index += lanes.length) mine.push(policySet(seed, index, lane));
  return runLane(bench, lane, where, mine);
}
