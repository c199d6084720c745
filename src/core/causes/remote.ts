/** Causes beyond policy: somebody answered, or there is no route. A refusal is never a silent policy drop. */
import { type Assessment, endpointName, type Suspect } from './cause-rule.ts';

export function remoteRefuses({ case: seen, endpoint, phase }: Suspect): Assessment | undefined {
  if (phase.kind !== 'connect_failed' || phase.worst.outcome !== 'refused') return undefined;
  const { decision } = endpoint.evaluation.connect;
  if (decision === 'denied') return undefined;
  // Antrea can reject with an RST of its own.
  const rejecting = decision === 'unknown' && seen.state.engine.cni !== 'cilium';
  return {
    class: 'REMOTE_SIDE_DOWN',
    confidence: rejecting ? 'possible' : 'likely',
    statement: `${endpointName(endpoint)} answered with a refusal (RST from ${phase.worst.address}): packets get there and back, nothing listens on that port.`,
    decidedBy: `the same connection from outside the cluster; a refusal there too means the remote side`,
  };
}

export function noIpv6Route({ case: seen, endpoint, phase }: Suspect): Assessment | undefined {
  if (phase.kind !== 'connect_failed' || phase.worst.outcome !== 'unreachable') return undefined;
  const { lookup, connects } = phase.report;
  const addresses = [...lookup.addresses, ...connects.map((connect) => connect.address)];
  if (!addresses.every((address) => address.includes(':'))) return undefined;
  // A denied packet may be answered just so (policy-deny-response: icmp); without the configuration that is open.
  if (endpoint.evaluation.connect.decision === 'denied' && seen.state.engine.config === undefined) return undefined;
  const literal = endpoint.evaluation.destination.host === undefined;
  return {
    class: 'IPV6_NO_ROUTE',
    confidence: 'likely',
    statement: literal
      ? `${endpoint.host} is an IPv6 address and the pod has no IPv6 route to it.`
      : `${endpoint.host} resolved to IPv6 addresses only and the pod has no IPv6 route to them.`,
    decidedBy: literal ? '`ip -6 route` in the pod' : 'an A record for the name, or `ip -6 route` in the pod',
  };
}
