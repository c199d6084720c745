/** The one observation that would decide an undecided case; asked by `judge.ts` where no cause is supported. */
import { endpointName, type Suspect } from '../causes/cause-rule.ts';
import { lookupDecider } from '../causes/lookup.ts';
import type { Phase } from '../path/phase.ts';
import { INGRESS_NOT_EVALUATED } from '../policy/explain/assumptions.ts';

export function deciderOf(suspect: Suspect): string {
  const { endpoint, phase } = suspect;
  const name = endpointName(endpoint);
  if (phase.kind === 'not_probed') return `a probe of ${name} from inside the pod (execProbe)`;
  if (phase.kind === 'incomplete') return incomplete(suspect, name);
  const lookup = lookupDecider(suspect);
  if (lookup !== undefined) return lookup;
  const answer = whoAnswered(phase, name);
  if (answer !== undefined) return answer;
  const { connect, assumptions } = endpoint.evaluation;
  if (connect.decision === 'unknown') {
    return `a drop of ${name} in the engine's flow log during a probe (observeFlows), since the rules alone do not decide: ${connect.explanation}`;
  }
  if (assumptions.includes(INGRESS_NOT_EVALUATED)) {
    return `whether the ingress policies of the pods behind ${name} let this pod in, and whether those pods listen: a drop in direction ingress in the flow log of their node, else their own logs`;
  }
  return `whether the SYN to ${name} leaves the node (capture on the node's uplink): if it does, the cause is outside the cluster (firewall, route, NAT)`;
}

function incomplete({ endpoint: { interceptedBy } }: Suspect, name: string): string {
  return interceptedBy === undefined
    ? `a probe of ${name} that runs to its end`
    : `what the mesh proxy (${interceptedBy}) reached: it accepts every connection of the pod itself, so its access log tells, or the same probe from a pod outside the mesh`;
}

/** Something came back, so the packets were not lost: who sent it, or why there is no way. */
function whoAnswered(phase: Phase, name: string): string | undefined {
  if (phase.kind !== 'connect_failed') return undefined;
  const { outcome, address } = phase.worst;
  if (outcome === 'refused' || outcome === 'reset')
    return `who ended the connection to ${name} (${outcome} from ${address}): the same connection from a pod that no policy isolates, and from outside the cluster`;
  if (outcome === 'unreachable' || outcome === 'not_permitted')
    return `who says that ${address} is ${outcome.replace('_', ' ')}: \`ip route get ${address}\` in the pod and on its node shows a missing route, a capture in the pod an ICMP answer`;
  return undefined;
}
