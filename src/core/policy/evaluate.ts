/** The policy verdict: diagnose → here → core/verdict. What the engine decides about lookup and connection, and why. */
import type { ClusterState, NotRead } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Decision, Evaluation, RuleRef, StageVerdict } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { assumptionsOf } from './explain/assumptions.ts';
import { kindNotes } from './explain/kind-notes.ts';
import { nearMissesOf } from './near-miss/find.ts';
import type { PodPolicy } from './rules/pod-policy.ts';
import { podPolicyOf } from './rules/pod-policy.ts';
import { connectStage } from './stages/connect.ts';
import { lookupStage } from './stages/lookup.ts';
import { meshNotes, meshStage } from './stages/mesh.ts';

/** The decision without the explanation around it: no near misses, no premises. */
export type Verdict = Pick<
  Evaluation,
  'destination' | 'decision' | 'decidedBy' | 'lookup' | 'connect' | 'mesh' | 'isolatedBy'
>;

/**
 * Decides as the cluster's engine would (policy-semantics §0–§4). Pure: the same state gives the same answer. Never guesses: what
 * the state cannot tell is `unknown` with its reason.
 */
export function evaluateEgress(state: ClusterState, pod: Pod, destination: Destination): Evaluation {
  // Which policies govern the pod.
  const policy = podPolicyOf(state, pod);
  const { verdict, lookup, connect } = traced(state, policy, destination);
  // Which rules were probably meant to match, and what the answer rests on.
  return {
    ...verdict,
    nearMisses: nearMissesOf(state, policy, destination, { decision: byPolicies(verdict), lookup, connect }),
    assumptions: [
      ...new Set([
        ...assumptionsOf(state, policy, destination, connect),
        ...lookup.assumptions(),
        ...kindNotes({ state, policy, destination, lookup, connect }),
        ...meshNotes(verdict.mesh),
      ]),
    ],
    notEvaluated: notEvaluated(state),
  };
}

/** The decision alone, for questions about many pods or many destinations. */
export function decideEgress(state: ClusterState, pod: Pod, destination: Destination): Verdict {
  return decideUnder(state, podPolicyOf(state, pod), destination);
}

/** The same where it is known already which policies govern the pod. */
export function decideUnder(state: ClusterState, policy: PodPolicy, destination: Destination): Verdict {
  return traced(state, policy, destination).verdict;
}

function traced(state: ClusterState, policy: PodPolicy, destination: Destination) {
  // 1. May the pod look the name up, and does the engine learn the addresses from that.
  const lookup = lookupStage(state, policy, destination);
  // 2. May it connect.
  const connect = connectStage(state, policy, destination, lookup);
  // 3. What a mesh's proxy in the pod makes of it.
  const mesh = meshStage(state, policy.pod, destination);
  const stages = [lookup.stage, connect.stage, ...(mesh ? [mesh] : [])];
  const verdict: Verdict = {
    destination,
    decision: overall(stages.map(({ decision }) => decision)),
    decidedBy: decidedBy(stages),
    lookup: lookup.stage,
    connect: connect.stage,
    ...(mesh && { mesh }),
    isolatedBy: policy.isolatedBy,
  };
  return { verdict, lookup, connect };
}

function decidedBy(stages: readonly StageVerdict[]): RuleRef[] {
  const denying = stages.filter(({ decision }) => decision === 'denied');
  return (denying.length > 0 ? denying : stages).flatMap((stage) => stage.decidedBy);
}

/** What the mesh blocks, no rule of a policy was meant to allow. */
function byPolicies({ lookup, connect }: Verdict): Decision {
  return overall([lookup.decision, connect.decision]);
}

function overall(decisions: readonly Decision[]): Decision {
  if (decisions.includes('denied')) return 'denied';
  return decisions.includes('unknown') ? 'unknown' : 'allowed';
}

function notEvaluated(state: ClusterState): NotRead[] {
  const unread = state.notRead.filter((one) => one.code !== 'kind_absent');
  const unsupported = state.unsupported.map((one): NotRead => {
    const name = `${one.meta.namespace === undefined ? '' : `${one.meta.namespace}/`}${one.meta.name}`;
    return {
      what: `${one.kind} ${name}`,
      code: 'unsupported',
      reason: `${one.apiVersion} ${one.kind} is not evaluated by this version`,
    };
  });
  return [...unread, ...unsupported];
}
