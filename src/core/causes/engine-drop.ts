/** ENFORCER_STATE and FQDN_IP_CHURN: the engine reports a policy drop although the rules that were read do not deny it. */
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';
import { hasPolicyDrop } from './policy-proof.ts';

export function engineDropsAgainstRules(suspect: Suspect): Assessment | undefined {
  const { endpoint } = suspect;
  const { connect } = endpoint.evaluation;
  if (!hasPolicyDrop(suspect) || connect.decision === 'denied') return undefined;
  if (connect.decision === 'unknown') return dropWithIncompleteRules(suspect);
  const byName = connect.decidedBy.some((rule) => rule.text.includes('toFQDNs'));
  const name = endpointName(endpoint);
  return {
    class: byName ? 'FQDN_IP_CHURN' : 'ENFORCER_STATE',
    confidence: 'likely',
    statement: byName
      ? `The rules allow ${name} by name, yet the engine dropped it: the address in use is not among those it learned for the name.`
      : `The rules allow ${name}, yet the engine dropped it: what the agent enforces differs from what the API holds.`,
    decidedBy: byName
      ? `whether the agent's FQDN cache on the pod's node maps ${endpoint.host} to the dropped address`
      : "the agent's realised policy of this endpoint (cilium-dbg endpoint get) beside the policies in the API",
  };
}

function dropWithIncompleteRules({ endpoint }: Suspect): Assessment {
  return {
    class: 'POLICY_EGRESS_NOT_ALLOWED',
    confidence: 'likely',
    statement: `The engine reported a policy drop of ${endpointName(endpoint)}; which rule is missing could not be decided: ${endpoint.evaluation.connect.explanation}`,
    decidedBy: 'the policies that could not be read (see the findings marked not_checked)',
  };
}
