/** The fleet answer under the oracle's random policies, in its worlds: each pod must get exactly what it would get alone. */
import { describe, expect, test } from 'vitest';
import { decideEgress } from '../../../src/core/policy/evaluate.ts';
import { fleetEgress } from '../../../src/core/policy/fleet.ts';
import { caseOf } from '../../oracle/generate/cases.ts';
import { worldsOf } from '../../oracle/generate/worlds.ts';
import { stateOf } from '../../oracle/ours.ts';
import { CILIUM_VERSION, OTHER_VERSIONS } from '../../oracle/versions.ts';

const CASES = 60;
const SEED = 'fleet';

describe.each([CILIUM_VERSION, ...OTHER_VERSIONS])('Cilium %s', (version) => {
  const worlds = worldsOf(SEED, version);

  test('gives every pod the verdict it would get alone', async () => {
    const decisions = new Set<string>();
    for (let index = 0; index < CASES; index += 1) {
      const asked = caseOf(SEED, index, worlds);
      const world = worlds.find(({ id }) => id === asked.world);
      const [query] = asked.queries;
      if (!world || !query) throw new Error(`case ${asked.id} asks nothing`);
      const state = await stateOf(world, asked, query.pod.split('/')[0] ?? '');
      const { pod: _, ...rest } = query;
      const destination = { ...rest, cnames: [] };
      const groups = fleetEgress(state, destination);
      for (const { verdict, pods } of groups) {
        decisions.add(verdict.decision);
        for (const one of pods)
          expect(verdict, `${asked.id} ${one.meta.name}`).toEqual(decideEgress(state, one, destination));
      }
      const running = state.pods.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
      expect(new Set(groups.flatMap(({ pods }) => pods))).toEqual(new Set(running));
    }
    expect([...decisions]).toEqual(expect.arrayContaining(['allowed', 'denied']));
  });
});
