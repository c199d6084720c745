/** Support for the tests of near misses: the misses of a question, and what becomes of it once a miss's change is made. */
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Evaluation, NearMiss } from '../../../src/core/model/evaluation.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import { applyChange } from '../../../src/core/remedy/apply-change.ts';
import { P, ports } from './world.ts';

export const FILES: Destination = {
  host: 'files.vendor.example',
  cnames: [],
  addresses: ['203.0.113.10'],
  port: 443,
  protocol: 'TCP',
};

export const named = (names: readonly string[], ...list: string[]) => ({
  toFQDNs: names.map((matchName) => ({ matchName })),
  toPorts: [{ ports: ports(...(list.length > 0 ? list : ['443/TCP'])) }],
});

export const patterns = (...list: string[]) => ({
  toFQDNs: list.map((matchPattern) => ({ matchPattern })),
  toPorts: [{ ports: ports('443/TCP') }],
});

/** The question's evaluation, with a way to the miss of one kind and to the evaluation after its change. */
export function asked(state: ClusterState, destination: Destination = FILES, pod: Pod = P) {
  const evaluation = evaluateEgress(state, pod, destination);
  const miss = (kind: NearMiss['kind']) => {
    const found = evaluation.nearMisses.find((one) => one.kind === kind);
    if (!found)
      throw new Error(`no ${kind} among ${evaluation.nearMisses.map((one) => one.kind).join(', ') || 'none'}`);
    return found;
  };
  const after = (kind: NearMiss['kind']): Evaluation => {
    const { change } = miss(kind);
    if (!change) throw new Error(`${kind} has no change`);
    const changed = applyChange(state, change);
    return evaluateEgress(changed, changed.pods.find(({ meta }) => meta.name === pod.meta.name) ?? pod, destination);
  };
  return { evaluation, miss, after, kinds: evaluation.nearMisses.map((one) => one.kind) };
}
