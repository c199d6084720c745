/** One set, tried: put into force, probed with packets, asked of the engine, and the two compared. */
import type { ClusterSource } from '../../../src/ports/cluster-source.ts';
import type { TestCluster } from '../support/cluster.ts';
import { type Agent, evidence, forget, realised } from './agent.ts';
import { type Lane, type Places, targetsOf } from './lanes.ts';
import type { PolicySet } from './policy-sets.ts';
import { type Outcome, type Prediction, predict } from './predict.ts';
import { probe, type Seen } from './probe.ts';
import { create, remove } from './stage.ts';

export interface Bench {
  readonly cluster: TestCluster;
  readonly source: ClusterSource;
  readonly agent: Agent;
}

export interface Comparison {
  readonly prediction: Prediction;
  readonly seen: Outcome | 'other';
  readonly detail: string;
  readonly verdict: 'agree' | 'unknown' | 'disagree';
}

export interface Trial {
  readonly set: PolicySet;
  readonly comparisons: readonly Comparison[];
  /** What the agent knew, where something disagreed. */
  readonly evidence?: string;
}

/** The sets of one lane, one after the other. */
export async function runLane(bench: Bench, lane: Lane, places: Places, sets: readonly PolicySet[]): Promise<Trial[]> {
  const trials: Trial[] = [];
  let gone = new Map<string, string>();
  for (const set of sets) {
    await forget(bench.agent, lane);
    const policies = await create(bench.cluster, set.manifests);
    const valid = ([, name]: readonly [string, string]): boolean => !set.invalid.includes(name);
    const invalid = [...policies].filter((one) => !valid(one));
    await realised(bench.agent, lane, {
      present: new Map([...policies].filter(valid)),
      absent: new Map([...gone, ...invalid]),
    });
    trials.push(await tryOut(bench, lane, places, set));
    await remove(bench.cluster, set.manifests);
    gone = policies;
  }
  return trials;
}

async function tryOut(bench: Bench, lane: Lane, places: Places, set: PolicySet): Promise<Trial> {
  const comparisons = await compareAll(bench, lane, places);
  const disputed = comparisons.some((one) => one.verdict === 'disagree');
  return { set, comparisons, ...(disputed && { evidence: await evidence(bench.agent, lane) }) };
}

/** Packets and predictions for all targets of a lane, whatever is in force there. */
export async function compareAll(
  { cluster, source }: Pick<Bench, 'cluster' | 'source'>,
  lane: Lane,
  places: Places,
): Promise<readonly Comparison[]> {
  const caller = { namespace: lane.namespace, name: 'caller' };
  const targets = targetsOf(lane, places);
  const seen = await probe(cluster, caller, targets);
  const signal = AbortSignal.timeout(30_000);
  const pod = await source.findPod({ ...caller, kind: 'pod' }, signal);
  if (!pod.ok) throw new Error(`the caller cannot be read: ${pod.notRead.reason}`);
  const predictions = predict(await source.readState(caller, signal), pod.value, targets);
  return predictions.map((prediction) => compare(prediction, seen));
}

function compare(prediction: Prediction, seen: Seen): Comparison {
  const { outcome, detail } = observed(prediction, seen);
  return { prediction, seen: outcome, detail, verdict: verdictOf(prediction, outcome) };
}

function verdictOf({ outcome, reason }: Prediction, seen: Comparison['seen']): Comparison['verdict'] {
  if (outcome !== 'unknown') return outcome === seen ? 'agree' : 'disagree';
  // "Probably dropped, unless another pod looks the name up": no other pod does, the lanes see to that.
  return reason === 'dns_not_proxied' && seen !== 'silent' ? 'disagree' : 'unknown';
}

function observed({ stage, target }: Prediction, seen: Seen): { outcome: Comparison['seen']; detail: string } {
  if (stage === 'connect') return seen.attempts[target.id] ?? { outcome: 'other', detail: 'not tried' };
  const lookup = seen.lookups[target.host ?? ''];
  if (!lookup) return { outcome: 'other', detail: 'not asked' };
  const { outcome, addresses, detail } = lookup;
  if (outcome === 'resolved' && !addresses.includes(target.address))
    return { outcome: 'other', detail: `resolved to ${addresses.join(', ')} instead of ${target.address}` };
  return { outcome, detail };
}
