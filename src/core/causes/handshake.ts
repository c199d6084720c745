/** Causes of a handshake that fails on an open connection: lost large packets, and a clock that is wrong. */
import { type CauseRule, endpointName } from './cause-rule.ts';

/**
 * Stalled with full segments, then answered with small ones. Two handshakes one after the other: a server that was slow the first
 * time only (seen on a starved machine) looks the same, so it is no more than possible until the full one has stalled again.
 */
export const largePacketsLost: CauseRule = ({ endpoint, phase }) => {
  if (phase.kind !== 'tls_failed' || phase.tls.outcome !== 'timeout') return undefined;
  const { smallSegments } = phase.tls;
  if (smallSegments === undefined || ['timeout', 'not_checked', 'reset', 'failed'].includes(smallSegments))
    return undefined;
  return {
    class: 'MTU_BLACKHOLE',
    confidence: 'possible',
    statement: `Large packets may be lost on the way to ${endpointName(endpoint)}: TCP connects and the TLS handshake stalled, and then the same handshake with small segments (MSS 536) was answered. No policy does that; if it is so again, look for a smaller MTU on the path (tunnel, VPN) and for ICMP "fragmentation needed" that is filtered.`,
    decidedBy: `the same handshake again with full segments, which a slow server or one of several would answer now; then ping -M do with growing sizes (-s 1372, 1472) to ${endpoint.host}, or the pod interface's MTU lowered to the path's`,
  };
};

/** Beyond what an exec's own delay and a second's rounding explain. */
const TROUBLING_SECONDS = 60;

/** The certificate is valid now, and is not by the container's clock. */
export const clockIsWrong: CauseRule = ({ case: seen, endpoint, phase }) => {
  if (phase.kind !== 'tls_failed' || phase.tls.outcome !== 'expired' || !seen.probe.ok) return undefined;
  const { clockSkewSeconds: skew = 0 } = seen.probe.value;
  const { notBefore, notAfter } = phase.tls;
  if (Math.abs(skew) < TROUBLING_SECONDS || notBefore === undefined || notAfter === undefined) return undefined;
  const now = Date.parse(seen.asOf);
  const there = now + skew * 1000;
  const holds = (at: number): boolean => Date.parse(notBefore) <= at && at <= Date.parse(notAfter);
  if (!holds(now) || holds(there)) return undefined;
  return {
    class: 'TLS_TRUST_CLOCK',
    confidence: 'likely',
    statement: `The certificate of ${endpointName(endpoint)} is valid (${notBefore} to ${notAfter}), and the container's clock, ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} that of this program, says otherwise: containers have their node's clock.`,
    decidedBy:
      "which of the two clocks is wrong: the node's time, and that of this program, against another source (chronyc tracking, timedatectl)",
  };
};
