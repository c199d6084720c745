/** ENFORCER_STATE, FQDN_IP_CHURN and NODE_DATAPATH: the engine reports a drop although the rules that were read do not deny it. */
import type { Flow } from '../model/flow.ts';
import { isPolicyDrop, matchDrop } from '../path/match-drop.ts';
import { isSilent } from '../path/phase.ts';
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';
import { hasPolicyDrop } from './policy-proof.ts';

export function engineDropsAgainstRules(suspect: Suspect): Assessment | undefined {
  const { endpoint, phase } = suspect;
  const { connect } = endpoint.evaluation;
  if (!hasPolicyDrop(suspect) || connect.decision === 'denied') return undefined;
  const stale = phase.kind === 'not_probed' ? beforeTheProbe(suspect) : undefined;
  if (stale !== undefined) return stale;
  if (connect.decision === 'unknown') return dropWithOpenRules(suspect);
  return dropAgainstAllow(suspect);
}

/** Nothing was probed, so the drop is of some time before, perhaps under rules that were corrected since. */
function beforeTheProbe({ endpoint }: Suspect): Assessment {
  const name = endpointName(endpoint);
  return {
    class: 'ENFORCER_STATE',
    confidence: 'possible',
    statement: `The engine dropped ${name} at ${endpoint.drops[0]?.time ?? 'an unknown time'}, which the rules as they are now do not explain: they may have changed since, or what the agent enforces differs from them.`,
    decidedBy: `a probe of ${name} from inside the pod (execProbe): if it connects, the drop is history`,
  };
}

function dropAgainstAllow({ endpoint }: Suspect): Assessment {
  const { connect, destination } = endpoint.evaluation;
  const name = endpointName(endpoint);
  if (connect.reason === 'host_network')
    return {
      class: 'POLICY_EGRESS_NOT_ALLOWED',
      confidence: 'likely',
      statement: `The pod uses the host network, which pod policies do not govern, yet the engine reported a policy drop of ${name}: the host firewall (clusterwide policies with a nodeSelector) is not evaluated.`,
      decidedBy: "the clusterwide policies whose nodeSelector selects the pod's node",
    };
  const byName = destination.host !== undefined && connect.decidedBy.some((rule) => rule.text.includes('toFQDNs'));
  return {
    class: byName ? 'FQDN_IP_CHURN' : 'ENFORCER_STATE',
    confidence: 'likely',
    statement: byName
      ? `The rules allow ${name} by name, yet the engine dropped it: the address in use is not among those it learned for the name.`
      : `The rules allow ${name}, yet the engine dropped it: what the agent enforces differs from what the API holds.${denierOf(endpoint.drops)}`,
    decidedBy: byName
      ? `whether the agent's FQDN cache on the pod's node maps ${endpoint.host} to the dropped address`
      : "the agent's realised policy of this endpoint (cilium-dbg endpoint get) beside the policies in the API",
  };
}

/** A deny rule that our reading of the policies does not know, or knows no more. */
function denierOf(drops: readonly Flow[]): string {
  const named = [...new Set(drops.flatMap(({ deniedBy }) => deniedBy))].slice(0, 3);
  return named.length === 0 ? '' : ` The engine names ${named.join(', ')} for it.`;
}

function dropWithOpenRules(suspect: Suspect): Assessment {
  const { endpoint } = suspect;
  const unexplained = undropped(suspect);
  const gaps = endpoint.evaluation.notEvaluated.length > 0;
  return {
    class: 'POLICY_EGRESS_NOT_ALLOWED',
    confidence: unexplained.length === 0 ? 'likely' : 'possible',
    statement: `The engine reported a policy drop of ${endpointName(endpoint)}; which rule is missing could not be decided: ${endpoint.evaluation.connect.explanation}${denierOf(endpoint.drops)}`,
    decidedBy:
      unexplained.length > 0
        ? `why ${unexplained.join(', ')} is silent too, for which no drop was reported: a capture on the node's uplink shows whether its SYN leaves`
        : gaps
          ? 'the policies that could not be read (see the findings marked not_checked)'
          : "the agent's realised policy of this endpoint (cilium-dbg endpoint get)",
  };
}

/** Silent addresses that no reported drop explains. */
function undropped({ endpoint, phase }: Suspect): readonly string[] {
  if (phase.kind !== 'connect_failed') return [];
  const drops = endpoint.drops.filter(isPolicyDrop);
  return phase.report.connects
    .filter(({ outcome }) => outcome === 'timeout')
    .map(({ address }) => address)
    .filter((address) => !drops.some((flow) => matchDrop(flow, address, endpoint.port)));
}

/** The engine dropped it for another reason than policy, which it names. */
export function engineDropsOtherwise(suspect: Suspect): Assessment | undefined {
  const { endpoint, phase } = suspect;
  const other = endpoint.drops.find((drop) => !isPolicyDrop(drop) && drop.dropReason !== undefined);
  if (other === undefined || !isSilent(phase) || endpoint.evaluation.connect.decision === 'denied') return undefined;
  const reason = other.dropReason ?? '';
  const name = endpointName(endpoint);
  if (reason === 'AUTH_REQUIRED')
    return {
      class: 'ENFORCER_STATE',
      confidence: 'likely',
      statement: `The engine dropped ${name} because a rule requires mutual authentication that did not take place (AUTH_REQUIRED).`,
      decidedBy: 'the authentication messages in the log of the agent on the pod’s node',
    };
  return {
    class: 'NODE_DATAPATH',
    confidence: 'likely',
    statement: `The engine's datapath dropped ${name} with the reason ${reason}, which is not a verdict of policy.`,
    decidedBy: `what ${reason} means on the pod's node: cilium-dbg status and the agent's log at that time`,
  };
}
