/** Says whether a flow is the drop of one given connection; `diagnose` uses it to end a wait and to cite the datapath. */
import type { Flow } from '../model/flow.ts';
import { formatIp, parseIp } from '../net/ip.ts';

/**
 * True when the datapath dropped a packet that the pod sent to `address`:`port` over TCP. A reply on its way back, another port
 * or protocol (QUIC on 443/UDP) of the same address or a flow without port never matches: a wrong citation is worse than none.
 * Addresses are compared by value, so that `2001:db8::1` and its long form are one.
 */
export function matchDrop(flow: Flow, address: string, port: number): boolean {
  if (!isSentDrop(flow)) return false;
  const { ip, port: to } = flow.destination;
  return to === port && ip !== undefined && sameAddress(ip, address);
}

/** The drop of something the pod sent, by TCP as far as the flow tells. */
export function isSentDrop({ verdict, direction, destination }: Flow): boolean {
  return verdict === 'dropped' && direction !== 'ingress' && (destination.protocol ?? 'TCP') === 'TCP';
}

/**
 * True for the reasons that policy gives (policy-semantics §6: 133 and 181). Others pass: a packet awaiting authentication (189)
 * or a full table is dropped now and let through when it is sent again.
 */
export function isPolicyDrop({ dropReason }: Flow): boolean {
  return /^POLICY_DEN(Y|IED)$/.test(dropReason ?? '');
}

function sameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [parseIp(a), parseIp(b)];
  return left !== undefined && right !== undefined && formatIp(left) === formatIp(right);
}
