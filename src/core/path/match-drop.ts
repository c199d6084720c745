/** Says whether a flow is the drop of one given connection; `diagnose` uses it to end a wait and to cite the datapath. */
import type { Flow } from '../model/flow.ts';
import { formatIp, parseIp } from '../net/ip.ts';

/**
 * True when the datapath dropped a packet that the pod sent to `address`:`port`. A reply on its way back, another port of the same
 * address or a flow without port never matches: a wrong citation is worse than none. Addresses are compared by value, so that
 * `2001:db8::1` and its long form are one.
 */
export function matchDrop(flow: Flow, address: string, port: number): boolean {
  if (flow.verdict !== 'dropped' || flow.direction === 'ingress') return false;
  const { ip, port: to } = flow.destination;
  return to === port && ip !== undefined && sameAddress(ip, address);
}

function sameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [parseIp(a), parseIp(b)];
  return left !== undefined && right !== undefined && formatIp(left) === formatIp(right);
}
