/** How sure a policy cause is: what the engine's rules say joined with what packets and the engine's own reports show. */
import type { Cause } from '../model/diagnosis.ts';
import { isSilent, works } from '../path/phase.ts';
import type { Suspect } from './cause-rule.ts';

/**
 * `proven`: the rules deny it, and either the engine reported the drop or packets vanished while a comparison connected.
 * `likely`: the rules deny it, or the engine reported a policy drop, and nothing contradicts.
 * Undefined: an answer came back, which a silent policy drop cannot produce.
 */
export function policyConfidence(suspect: Suspect): Cause['confidence'] | undefined {
  const { endpoint, phase } = suspect;
  const denied = endpoint.evaluation.connect.decision === 'denied';
  const dropReported = hasPolicyDrop(suspect);
  if (phase.kind === 'not_probed' || phase.kind === 'incomplete') return unprobed(denied, dropReported);
  if (!isSilent(phase)) return undefined;
  if (denied && (dropReported || comparisonWorks(suspect))) return 'proven';
  return denied || dropReported ? 'likely' : undefined;
}

const unprobed = (denied: boolean, dropReported: boolean): Cause['confidence'] | undefined =>
  denied ? (dropReported ? 'proven' : 'likely') : undefined;

/** True when the engine itself reported a policy drop towards this endpoint. */
export const hasPolicyDrop = ({ endpoint }: Pick<Suspect, 'endpoint'>): boolean =>
  endpoint.drops.some((drop) => drop.direction !== 'ingress' && /^POLICY_DEN(Y|IED)$/.test(drop.dropReason ?? ''));

export const comparisonWorks = (suspect: Pick<Suspect, 'case' | 'endpoint'>): boolean =>
  suspect.case.endpoints.some((other) => other !== suspect.endpoint && works(other));
