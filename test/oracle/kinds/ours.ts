/** This project's own answers: API objects through the decoders, every question through `decideEgress`. */
import { readState } from '../../../src/cluster/read-state.ts';
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Decision } from '../../../src/core/model/evaluation.ts';
import type { Pod, Protocol } from '../../../src/core/model/workload.ts';
import { parseIp } from '../../../src/core/net/ip.ts';
import { decideEgress } from '../../../src/core/policy/evaluate.ts';
import { memoryReader } from './reader.ts';
import type { Query, Raw, World } from './world.ts';

const LETTER: Record<Decision, string> = { allowed: 'a', denied: 'd', unknown: 'u' };

/** The state that the source's namespace is read into, as for a diagnosis of that pod. */
interface Sight {
  readonly state: ClusterState;
  readonly pod: Pod;
}

/** One letter a query: a allowed, d denied, u unknown. */
export async function ourVerdicts(world: World, objects: readonly Raw[], queries: readonly Query[]): Promise<string> {
  const sights = new Map<number, Sight>();
  const letters: string[] = [];
  for (const query of queries) {
    const sight = sights.get(query.from) ?? (await sightOf(world, objects, query.from));
    sights.set(query.from, sight);
    letters.push(LETTER[decideEgress(sight.state, sight.pod, destinationOf(query)).decision]);
  }
  return letters.join('');
}

async function sightOf(world: World, objects: readonly Raw[], from: number): Promise<Sight> {
  const source = world.pods[from];
  if (!source) throw new Error(`there is no pod ${from}`);
  const { namespace, name } = source;
  const state = await readState(memoryReader(objects), { namespace, name }, new AbortController().signal);
  const pod = state.pods.find(({ meta }) => meta.namespace === namespace && meta.name === name);
  if (!pod) throw new Error(`pod ${namespace}/${name} was not read`);
  return { state, pod };
}

function destinationOf({ address, port, protocol }: Query): Destination {
  const base = { cnames: [], port, protocol: protocol as Protocol };
  if (parseIp(address)) return { ...base, addresses: [address] };
  return { ...base, host: address, addresses: [ANSWER] };
}

/** What every name resolves to: outside the cluster. */
export const ANSWER = '203.0.113.77';
