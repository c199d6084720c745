/** The smallest policy change that lets the pod through, proved by evaluating the patched state; last pure step of a diagnosis. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Remedy } from '../model/diagnosis.ts';
import type { Evaluation, PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import type { PodPolicy } from '../policy/rules/pod-policy.ts';
import { podPolicyOf } from '../policy/rules/pod-policy.ts';
import { connectStage } from '../policy/stages/connect.ts';
import { lookupStage } from '../policy/stages/lookup.ts';
import { applyChange } from './apply-change.ts';
import { connectChange } from './connect-change.ts';
import { admitName, openDns } from './lookup-change.ts';
import { sideEffects } from './side-effects.ts';
import { summaryOf } from './summary.ts';

// Name, DNS rule, DNS name, and one address family more.
const MOST_CHANGES = 4;

/**
 * Undefined when nothing is denied, when an explicit deny decides (no allow would help), when the state is too incomplete to tell,
 * or when no change of the pod's own policies gets the connection through.
 */
export function proposeRemedy(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  evaluation: Evaluation,
): Remedy | undefined {
  if (evaluation.decision === 'allowed' || isDenied(evaluation)) return undefined;
  const changes: PolicyChange[] = [];
  let current = state;
  let now = evaluation;
  // 1. One change after the other, each chosen from what still stands in the way.
  while (now.decision !== 'allowed' && changes.length < MOST_CHANGES) {
    const change = nextChange(current, pod, destination, { now, changes });
    if (!change) break;
    changes.push(change);
    current = applyChange(current, change);
    now = evaluateEgress(current, pod, destination);
  }
  // 2. The proof: the connection passes, and the lookup is not what stops it.
  const policy = changes[0]?.policy;
  if (!policy || now.connect.decision !== 'allowed' || now.lookup.decision === 'denied') return undefined;
  // 3. What else changes.
  const effects = sideEffects({ before: state, after: current }, pod, destination, changes);
  return {
    changes,
    summary: summaryOf(changes),
    policy,
    before: evaluation.decision,
    after: now.decision,
    alsoAllows: effects.alsoAllows,
    warnings: [...stillOpen(now), ...effects.warnings],
  };
}

/** What the change of the policies does not settle. */
function stillOpen({ decision, lookup, mesh }: Evaluation): readonly string[] {
  if (decision === 'allowed') return [];
  return [
    ...(lookup.decision === 'allowed'
      ? []
      : [`it opens the connection; whether the lookup passes is not known: ${lookup.explanation}`]),
    ...(mesh === undefined || mesh.decision === 'allowed'
      ? []
      : [`the policies then let it pass, the mesh is another matter: ${mesh.explanation}`]),
  ];
}

function isDenied({ lookup, connect }: Evaluation): boolean {
  return lookup.reason === 'explicit_deny' || connect.reason === 'explicit_deny';
}

interface Progress {
  readonly now: Evaluation;
  readonly changes: readonly PolicyChange[];
}

function nextChange(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  { now, changes }: Progress,
): PolicyChange | undefined {
  const policy = podPolicyOf(state, pod);
  const near = changes[0]?.policy;
  if (now.connect.reason === 'default_deny') return missingAllow(state, policy, destination);
  if (now.connect.reason === 'server_name_refused')
    return now.nearMisses.find(({ kind }) => kind === 'server_name_not_listed')?.change;
  if (now.lookup.reason === 'dns_name_refused') return admitName(state, policy, destination.host ?? '', near);
  const bypassed = now.connect.reason === 'dns_not_proxied' && now.lookup.reason !== 'not_applicable';
  return now.lookup.reason === 'default_deny' || bypassed
    ? openDns(state, policy, near ?? listingPolicy(now))
    : undefined;
}

function listingPolicy(now: Evaluation): PolicyChange['policy'] | undefined {
  return now.connect.decidedBy[0]?.policy;
}

/** An allow for the first identity of the destination that is dropped. */
function missingAllow(state: ClusterState, policy: PodPolicy, destination: Destination): PolicyChange | undefined {
  const lookup = lookupStage(state, policy, destination);
  const { traces } = connectStage(state, policy, destination, lookup);
  const dropped = traces.find((trace) => trace.reason === 'default_deny');
  return dropped && connectChange(state, policy, destination, dropped.identity);
}
