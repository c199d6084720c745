/** How sure a policy cause is: what the engine's rules say joined with what packets and the engine's own reports show. */
import type { Cause } from '../model/diagnosis.ts';
import { isByProxy } from '../path/logged-proxy.ts';
import { isPolicyDrop } from '../path/match-drop.ts';
import { isSilent, type Phase, works } from '../path/phase.ts';
import type { Suspect } from './cause-rule.ts';

/**
 * `proven`: the rules deny it, and either the engine reported the drop or, where its reports can't be read, packets vanished
 * while a comparison connected.
 * `likely`: the rules deny it, or the engine reported a policy drop, and nothing contradicts.
 * Undefined: an answer came back, which a silent policy drop cannot produce, and the rule does not answer either.
 */
export function policyConfidence(suspect: Suspect): Cause['confidence'] | undefined {
  const { endpoint, phase } = suspect;
  const denied = endpoint.evaluation.connect.decision === 'denied';
  const dropReported = hasPolicyDrop(suspect);
  if (phase.kind === 'not_probed' || phase.kind === 'incomplete') return unprobed(denied, dropReported);
  // A refusal may as well be the other side's: only the engine's own report tells them apart.
  if (looksRejected(suspect)) return dropReported ? 'proven' : 'likely';
  return looksDropped(suspect) ? silenced(suspect, { denied, dropReported }) : undefined;
}

function silenced(
  suspect: Suspect,
  { denied, dropReported }: { readonly denied: boolean; readonly dropReported: boolean },
): Cause['confidence'] | undefined {
  if (someoneAnswered(suspect.phase)) return dropReported ? 'likely' : undefined;
  if (denied && onItsWay(suspect) && (dropReported || provenByContrast(suspect))) return 'proven';
  return denied || dropReported ? 'likely' : undefined;
}

const unprobed = (denied: boolean, dropReported: boolean): Cause['confidence'] | undefined =>
  denied ? (dropReported ? 'proven' : 'likely') : undefined;

/** Silence, or the ICMP answer that Cilium gives for a denied packet where it is so configured (policy-semantics §2.4). */
export function looksDropped({ case: seen, phase }: Pick<Suspect, 'case' | 'phase'>): boolean {
  if (isSilent(phase)) return true;
  const icmp = seen.state.engine.config?.['policy-deny-response'] === 'icmp';
  return icmp && phase.kind === 'connect_failed' && ['unreachable', 'not_permitted'].includes(phase.worst.outcome);
}

/** The rule that denies it answers with a RST or an ICMP error (Antrea's action Reject), and that is what came back. */
function looksRejected({ endpoint, phase }: Pick<Suspect, 'endpoint' | 'phase'>): boolean {
  if (!endpoint.evaluation.connect.rejects || phase.kind !== 'connect_failed') return false;
  return ['refused', 'reset', 'unreachable', 'not_permitted'].includes(phase.worst.outcome);
}

/** Some address of the name sent an answer of its own, though all were denied alike. */
const someoneAnswered = (phase: Phase): boolean =>
  phase.kind === 'connect_failed' &&
  phase.report.connects.some(({ outcome }) => outcome === 'refused' || outcome === 'reset');

/** The application goes the way that was probed: no proxy variable sends it elsewhere, and its logs name no proxy. */
const onItsWay = ({ case: seen, endpoint }: Suspect): boolean => !isByProxy(seen, endpoint);

const ENFORCERS: ReadonlySet<string> = new Set([
  'cilium',
  'gke-dataplane-v2',
  'calico',
  'antrea',
  'ovn-kubernetes',
  'openshift-sdn',
  'kube-router',
  'weave-net',
  'azure-npm',
  'kube-network-policies',
]);

/**
 * The rules deny the one that vanished, while another one connects. Only where an engine that enforces them is seen, and its
 * own reports, where they were read in full, do not contradict by showing no drop.
 */
function provenByContrast(suspect: Suspect): boolean {
  const { flows } = suspect.case;
  // A report that folds connections together shows no drop of one of them, whatever happened.
  const contradicted = flows.ok && !flows.value.truncated && flows.value.grouped === undefined;
  return isEnforced(suspect) && !contradicted && comparisonWorks(suspect);
}

/** An engine is seen that enforces what the rules say; elsewhere that is an assumption, or hangs on its configuration. */
export const isEnforced = ({ case: { state } }: Pick<Suspect, 'case'>): boolean => ENFORCERS.has(state.engine.cni);

/** True when the engine itself reported a policy drop towards this endpoint. */
export const hasPolicyDrop = ({ endpoint }: Pick<Suspect, 'endpoint'>): boolean =>
  endpoint.drops.some((drop) => drop.direction !== 'ingress' && isPolicyDrop(drop));

const comparisonWorks = (suspect: Pick<Suspect, 'case' | 'endpoint'>): boolean =>
  suspect.case.endpoints.some((other) => other !== suspect.endpoint && works(other));
