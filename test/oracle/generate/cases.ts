/** Policy cases: a few policies that meet in one of the worlds, and questions that fall on their edges. */
import type { RawObject } from '../../../src/cluster/object-reader.ts';
import type { PolicyCase, Query, World } from '../case.ts';
import { cidrGroups, ciliumPolicy } from './cilium-policies.ts';
import { clusterPolicies } from './cluster-policies.ts';
import { HOSTS, NODES, OUTSIDE, PODS, PORTS } from './destinations.ts';
import { networkPolicy } from './network-policies.ts';
import type { Random } from './random.ts';
import { randomOf } from './random.ts';
import { SUBJECTS } from './worlds.ts';

export const QUERIES_PER_CASE = 24;

/** Case number `index` of a seed; made by itself, so that one can be looked at alone. */
// oxlint-disable-next-line max-params -- which case, and how much of it
export function caseOf(
  seed: string,
  index: number,
  worlds: readonly World[],
  queries: number = QUERIES_PER_CASE,
): PolicyCase {
  const random = randomOf(`${seed} case ${index}`);
  const world = random.pick(worlds);
  const names = namesOf(random);
  const subjects = subjectsOf(random);
  return {
    id: `${seed}:${index}`,
    world: world.id,
    objects: [...cidrGroups(random), ...policies(random), ...clusterPolicies(random, world)],
    queries: Array.from({ length: queries }, () => query(random, random.pick(subjects), names)),
  };
}

function policies(random: Random): RawObject[] {
  const count = random.weighted([
    [5, 1],
    [5, 2],
    [3, 3],
    [1, 5],
  ]);
  return Array.from({ length: count }, (_, index) =>
    random.chance(0.78) ? ciliumPolicy(random, `p${index}`) : networkPolicy(random, `p${index}`),
  );
}

/** Which addresses the names stand for in this case: some share one, some have several. */
function namesOf(random: Random): ReadonlyMap<string, readonly string[]> {
  return new Map(
    HOSTS.map((host) => {
      const addresses = random.weighted<readonly string[]>([
        [10, [random.pick(OUTSIDE)]],
        [2, random.some(OUTSIDE, 2, 3)],
        [0.5, [random.pick(PODS)]],
        [0.5, [random.pick(NODES)]],
        [0.5, [random.pick(OUTSIDE), random.pick(PODS)]],
      ]);
      return [host, addresses];
    }),
  );
}

/** One pod, sometimes two: most of what a case takes is one pod's policy. */
function subjectsOf(random: Random): string[] {
  const first = random.weighted([
    [9, SUBJECTS[0]],
    [2, SUBJECTS[1]],
    [2, SUBJECTS[2]],
    [1, SUBJECTS[3]],
  ]);
  return random.chance(0.3) ? [first, random.pick(SUBJECTS)] : [first];
}

function query(random: Random, pod: string, names: ReadonlyMap<string, readonly string[]>): Query {
  const protocol = random.weighted<Query['protocol']>([
    [7, 'TCP'],
    [3, 'UDP'],
    [0.7, 'SCTP'],
  ]);
  return { pod, ...target(random, names), port: random.pick(PORTS), protocol };
}

function target(random: Random, names: ReadonlyMap<string, readonly string[]>): Pick<Query, 'host' | 'addresses'> {
  if (random.chance(0.4)) {
    const host = random.pick(HOSTS);
    return { host, addresses: names.get(host) ?? [] };
  }
  const address = random.weighted<() => string>([
    [5, () => random.pick(OUTSIDE)],
    [4, () => random.pick(PODS)],
    [2, () => random.pick(NODES)],
  ])();
  return { addresses: [address] };
}
