/** POLICY_EGRESS_NOT_ALLOWED after TCP connected: the rules let the packet through, and not the server name that TLS sends. */
import type { Assessment, CauseRule } from './cause-rule.ts';
import { endpointName } from './cause-rule.ts';

/** Only a handshake that was cut off is such a refusal's work, or one that nobody tried; a lost SYN is not. */
export const serverNameRefused: CauseRule = ({ endpoint, phase }): Assessment | undefined => {
  const { connect, nearMisses } = endpoint.evaluation;
  if (connect.reason !== 'server_name_refused') return undefined;
  const cut = phase.kind === 'tls_failed' && ['reset', 'failed'].includes(phase.tls.outcome);
  if (!cut && phase.kind !== 'not_probed') return undefined;
  const list = nearMisses.find(({ kind }) => kind === 'server_name_not_listed')?.rule;
  const where = list === undefined ? '' : ` (serverNames of ${list.path})`;
  return {
    class: 'POLICY_EGRESS_NOT_ALLOWED',
    confidence: 'likely',
    statement: `TCP to ${endpointName(endpoint)} is let through, the TLS handshake is not: the policy filters by server name${where}. ${connect.explanation}`,
    decidedBy: `the same handshake with a server name that the rule lists, on the same address: if it is answered, the name alone is refused`,
  };
};
