/** What AWS's agent allows beside the policies; used by the translators of NetworkPolicy and ApplicationNetworkPolicy. */
import type { Peer, PolicyRule } from '../../rules/rule.ts';
import { NO_L7 } from '../../rules/rule.ts';

/** The agent adds the pod's node to every list of allowed addresses (aws-network-policy-agent pkg/fwruleprocessor/fw_rule_processor.go). */
export function ownNode(policy: PolicyRule['policy']): PolicyRule {
  const peer: Peer = {
    match: { kind: 'entity', entity: 'host' },
    path: 'spec',
    text: "the pod's own node, which AWS's agent always allows",
  };
  return { policy, effect: 'allow', path: 'spec', peers: [peer], ports: 'any', l7: NO_L7 };
}
