/** The smallest policy change that lets the pod through, proved by evaluating the patched state; last pure step of a diagnosis. */
import type { ClusterState } from '../model/cluster-state.ts';
import type { Destination } from '../model/destination.ts';
import type { Remedy } from '../model/diagnosis.ts';
import type { Evaluation, PolicyChange } from '../model/evaluation.ts';
import type { Pod } from '../model/workload.ts';
import { evaluateEgress } from '../policy/evaluate.ts';
import { podPolicyOf } from '../policy/rules/pod-policy.ts';
import { applyChanges } from './apply-change.ts';
import { consentFor } from './deny-change.ts';
import { opensForMany } from './isolating-policy.ts';
import { takesStrangers } from './newly-selected.ts';
import { PLANS, type Plan } from './plans.ts';
import { sideEffects } from './side-effects.ts';
import { summaryOf } from './summary.ts';

// Name, DNS rule, DNS name; and as many address families or addresses more.
const MOST_STEPS = 6;

/**
 * Undefined when nothing is denied, when the state is too incomplete to tell, or when no change gets the connection through. An
 * explicit deny is narrowed only where its owner can be named, who is then asked for consent.
 */
export function proposeRemedy(
  state: ClusterState,
  pod: Pod,
  destination: Destination,
  evaluation: Evaluation,
): Remedy | undefined {
  if (evaluation.decision === 'allowed') return undefined;
  const asked = { state, pod, destination };
  let [second, third]: (Attempt | undefined)[] = [];
  for (const plan of PLANS) {
    const made = attempt(asked, evaluation, plan);
    if (made?.now.decision === 'allowed' && !opensForMany(state, pod, made.changes))
      return remedyOf(asked, evaluation, made);
    if (made?.now.connect.decision === 'allowed') second ??= made;
    else third ??= made;
  }
  const chosen = second ?? third;
  return chosen && remedyOf(asked, evaluation, chosen);
}

interface Asked {
  readonly state: ClusterState;
  readonly pod: Pod;
  readonly destination: Destination;
}

interface Attempt {
  readonly changes: readonly PolicyChange[];
  readonly after: ClusterState;
  /** The question, asked again with the changes made. */
  readonly now: Evaluation;
}

/** Undefined where the proof fails: the connection must pass, and the lookup must not be what stops it; see `opensLookup`. */
function attempt({ state, pod, destination }: Asked, evaluation: Evaluation, plan: Plan): Attempt | undefined {
  const changes: PolicyChange[] = [];
  let after = state;
  let now = evaluation;
  // One step after the other, each chosen from what still stands in the way.
  for (let steps = 0; now.decision !== 'allowed' && steps < MOST_STEPS; steps += 1) {
    const next = plan({ state: after, policy: podPolicyOf(after, pod), destination, now, changes });
    if (next.length === 0) break;
    changes.push(...next);
    after = applyChanges(after, next);
    now = evaluateEgress(after, pod, destination);
  }
  const connects = now.connect.decision === 'allowed' && now.lookup.decision !== 'denied';
  const passes = connects || opensLookup(evaluation, now);
  return changes.length > 0 && passes && !takesStrangers({ before: state, after }, pod, changes)
    ? { changes, after, now }
    : undefined;
}

/** The name could not be looked up, so its addresses are not known: what lets it be looked up is needed, whatever they are. */
function opensLookup(before: Evaluation, now: Evaluation): boolean {
  const opened = before.lookup.decision === 'denied' && now.lookup.decision === 'allowed';
  return opened && now.connect.decision === 'unknown' && before.destination.addresses.length === 0;
}

/** With what else changes. */
function remedyOf(
  { state, pod, destination }: Asked,
  evaluation: Evaluation,
  { changes, after, now }: Attempt,
): Remedy | undefined {
  const policy = changes[0]?.policy;
  if (policy === undefined) return undefined;
  const effects = sideEffects({ before: state, after }, pod, destination, changes);
  const consent = consentFor(state, changes);
  const needed = [...(consent === undefined ? [] : [consent]), ...effects.needsConsent];
  return {
    changes,
    summary: summaryOf(changes),
    policy,
    before: evaluation.decision,
    after: now.decision,
    alsoAllows: effects.alsoAllows,
    warnings: [...stillOpen(now), ...effects.warnings],
    ...(consent === undefined ? {} : { consent }),
    ...(needed.length > 0 && { needsConsent: needed }),
  };
}

/** What the change of the policies does not settle. */
function stillOpen({ decision, lookup, connect, mesh }: Evaluation): readonly string[] {
  if (decision === 'allowed') return [];
  if (connect.decision !== 'allowed')
    return [`it opens the lookup; whether the connection passes then is not known: ${connect.explanation}`];
  return [
    ...(lookup.decision === 'allowed'
      ? []
      : [`it opens the connection; whether the lookup passes is not known: ${lookup.explanation}`]),
    ...(mesh === undefined || mesh.decision === 'allowed'
      ? []
      : [`the policies then let it pass, the mesh is another matter: ${mesh.explanation}`]),
  ];
}
