/**
 * Random policy sets in a cluster with Calico: what real packets meet must be what the engine says. K8S_EGRESS_PACKETS_SEED and
 * K8S_EGRESS_PACKETS_SETS choose other sets, and how many.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compose } from '../../src/compose.ts';
import type { ClusterSource } from '../../src/ports/cluster-source.ts';
import { type Lane, lanes, type Places } from '../e2e/packets/lanes.ts';
import { head } from '../e2e/packets/policy-sets.ts';
import { disagreements, figures } from '../e2e/packets/report.ts';
import { clear, create, raise, remove } from '../e2e/packets/stage.ts';
import { compareAll, type Trial } from '../e2e/packets/trial.ts';
import { openCluster, type TestCluster } from '../e2e/support/cluster.ts';
import { clearAdminPolicies } from './packets/admin-policies.ts';
import { type Felix, openFelix, realised } from './packets/felix.ts';
import { calicoSet } from './packets/policy-sets.ts';
import { CALICO, STORED } from './packets/stage.ts';

const seed = Number(process.env['K8S_EGRESS_PACKETS_SEED'] ?? 2026);
const count = Number(process.env['K8S_EGRESS_PACKETS_SETS'] ?? 60);

let cluster: TestCluster;
let felix: Felix;
let source: ClusterSource;
let places: ReadonlyMap<Lane, Places>;

beforeAll(async () => {
  cluster = await openCluster();
  await clearAdminPolicies(cluster);
  places = await raise(cluster, CALICO);
  source = (await compose({ kubeconfig: cluster.kubeconfig }).openDeps(undefined)).cluster;
  felix = await openFelix(cluster);
});

afterAll(async () => {
  if (!cluster) return;
  await clearAdminPolicies(cluster);
  await clear(cluster, CALICO);
});

it('packets meet what the engine says', { timeout: 60_000 + count * 10_000 }, async () => {
  process.stdout.write(`policy packets: seed ${seed}\n`);
  const trials = (await Promise.all(lanes.map(inLane))).flat();
  process.stdout.write(`policy packets: ${figures(trials)}\n`);
  expect(disagreements(trials), `seed ${seed}`).toEqual([]);
  expect(trials).toHaveLength(count);
  const all = trials.flatMap(({ comparisons }) => comparisons);
  // Nothing of these sets depends on what cannot be read.
  expect(all.filter(({ verdict }) => verdict === 'unknown')).toEqual([]);
  if (count < 20) return;
  // Sets that allow nothing, or everything, would agree by accident.
  for (const seen of ['reached', 'silent', 'resolved'])
    expect(all.filter((one) => one.seen === seen).length, seen).toBeGreaterThan(count / 2);
});

it('what only the API refuses is in force all the same, so the engine leaves it open', async () => {
  const [lane] = lanes;
  const where = lane && places.get(lane);
  if (!where) throw new Error('there is no lane');
  const mark = '198.19.255.1';
  const destination = { selector: 'global()' };
  const egress = [
    { action: 'Deny', destination },
    { action: 'Allow', destination: { nets: [`${mark}/32`] } },
  ];
  const spec = { tier: 'default', order: 1, selector: "app == 'caller'", types: ['Egress'], egress };
  const policy = { ...head(STORED, 'NetworkPolicy', 'default.past-the-api', lane.namespace), spec };
  await create(cluster, [policy]);
  await realised(felix, { present: [mark], absent: [] });
  const comparisons = await compareAll({ cluster, source }, lane, where);
  await remove(cluster, [policy]);
  expect(comparisons.filter(({ verdict }) => verdict !== 'unknown')).toEqual([]);
  const ofPeer = comparisons.find(({ prediction }) => prediction.question === 'connect pod');
  expect(ofPeer?.seen).toBe('silent');
  expect(ofPeer?.prediction.explanation).toContain("global() can only be used in a rule's namespaceSelector");
});

async function inLane(lane: Lane, at: number): Promise<Trial[]> {
  const where = places.get(lane);
  if (!where) throw new Error(`${lane.namespace} is not there`);
  const trials: Trial[] = [];
  let absent: readonly string[] = [];
  for (let index = at; index < count; index += lanes.length) {
    const set = calicoSet(seed, index, lane);
    await create(cluster, set.manifests);
    await realised(felix, { present: shown(set.marks, set.manifests), absent });
    const comparisons = await compareAll({ cluster, source }, lane, where);
    const disputed = comparisons.some((one) => one.verdict === 'disagree');
    trials.push({ set, comparisons, ...(disputed && { evidence: await felix.everything() }) });
    await remove(cluster, set.manifests);
    absent = [...set.marks.values()];
  }
  return trials;
}

/** Felix keeps only the egress rules of policies that select a pod of the node and govern its egress. */
function shown(marks: ReadonlyMap<string, string>, manifests: readonly { metadata: { name: string } }[]): string[] {
  return manifests.flatMap((manifest) => {
    const text = JSON.stringify(manifest);
    const mark = marks.get(manifest.metadata.name);
    const seen = !text.includes("'nobody'\"") && !text.includes('"types":["Ingress"]');
    return mark !== undefined && seen ? [mark] : [];
  });
}
