/** What our engine says about each target: its verdict for the lookup and for the connection, as the packets will be held against. */
import type { ClusterState } from '../../../src/core/model/cluster-state.ts';
import type { Destination } from '../../../src/core/model/destination.ts';
import type { Evaluation } from '../../../src/core/model/evaluation.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { evaluateEgress } from '../../../src/core/policy/evaluate.ts';
import type { Target } from './lanes.ts';

export type Outcome = 'resolved' | 'refused' | 'reached' | 'silent' | 'unknown';

export interface Prediction {
  /** e.g. `lookup api-a.vendor.example` or `connect alias`. */
  readonly question: string;
  readonly target: Target;
  readonly stage: 'lookup' | 'connect';
  readonly outcome: Outcome;
  /** The engine's words for it. */
  readonly reason: string;
  readonly explanation: string;
  /** Set where the connection is open by the premise that the node knows the address by another name as well. */
  readonly sharedWith?: string;
}

export function predict(state: ClusterState, pod: Pod, targets: readonly Target[]): readonly Prediction[] {
  const evaluated = targets.map((target) => ({
    target,
    evaluation: evaluateEgress(state, pod, destinationOf(target)),
  }));
  const lookups = new Map(evaluated.flatMap((one) => (one.target.host === undefined ? [] : [[one.target.host, one]])));
  return [
    ...[...lookups.values()].map(({ target, evaluation }) => lookupOf(target, evaluation)),
    ...evaluated.map(({ target, evaluation }) => connectOf(target, evaluation, siblings(state, pod, target, targets))),
  ];
}

function destinationOf({ host, address, port, protocol }: Target): Destination {
  return { ...(host !== undefined && { host }), cnames: [], addresses: [address], port, protocol };
}

function lookupOf(target: Target, { lookup }: Evaluation): Prediction {
  const { decision, reason, explanation } = lookup;
  const stopped = reason === 'dns_name_refused' ? 'refused' : 'silent';
  const outcome = decision === 'unknown' ? 'unknown' : decision === 'allowed' ? 'resolved' : stopped;
  return { question: `lookup ${target.host ?? ''}`, target, stage: 'lookup', outcome, reason, explanation };
}

/** The engine answers about one name; that the pod has also looked up another name of the address is a premise it states. */
function connectOf(target: Target, { connect, assumptions }: Evaluation, others: readonly Sibling[]): Prediction {
  const { decision, reason, explanation } = connect;
  const base = { question: `connect ${target.id}`, target, stage: 'connect', reason, explanation } as const;
  const opened = others.find((one) => one.evaluation.connect.decision === 'allowed');
  const premised = reason === 'dns_not_proxied' || assumptions.some((one) => one.includes('the node has'));
  if (decision !== 'allowed' && reason !== 'explicit_deny' && opened && premised)
    return { ...base, outcome: 'reached', sharedWith: opened.host };
  return { ...base, outcome: decision === 'allowed' ? 'reached' : decision === 'denied' ? 'silent' : 'unknown' };
}

interface Sibling {
  readonly host: string;
  readonly evaluation: Evaluation;
}

/** The same packet, asked for by each other name of the address that the pod looks up. */
function siblings(state: ClusterState, pod: Pod, target: Target, targets: readonly Target[]): readonly Sibling[] {
  const hosts = targets.flatMap((one) => (one.address === target.address && one.host !== undefined ? [one.host] : []));
  return [...new Set(hosts)]
    .filter((host) => host !== target.host)
    .map((host) => ({ host, evaluation: evaluateEgress(state, pod, destinationOf({ ...target, host })) }));
}
