/** Causes beyond policy: somebody answered, or there is no route. A refusal is never a silent policy drop. */
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';

export function remoteRefuses({ endpoint, phase }: Suspect): Assessment | undefined {
  if (phase.kind !== 'connect_failed' || phase.worst.outcome !== 'refused') return undefined;
  if (endpoint.evaluation.connect.decision === 'denied') return undefined;
  return {
    class: 'REMOTE_SIDE_DOWN',
    confidence: 'likely',
    statement: `${endpointName(endpoint)} answered with a refusal (RST from ${phase.worst.address}): packets get there and back, nothing listens on that port.`,
    decidedBy: `the same connection from outside the cluster; a refusal there too means the remote side`,
  };
}

export function noIpv6Route({ endpoint, phase }: Suspect): Assessment | undefined {
  if (phase.kind !== 'connect_failed' || phase.worst.outcome !== 'unreachable') return undefined;
  const addresses = phase.report.connects.map((connect) => connect.address);
  if (!addresses.every((address) => address.includes(':'))) return undefined;
  return {
    class: 'IPV6_NO_ROUTE',
    confidence: 'likely',
    statement: `${endpoint.host} resolved to IPv6 addresses only and the pod has no IPv6 route to them.`,
    decidedBy: 'an A record for the name, or `ip -6 route` in the pod',
  };
}
