/** The egress element that lets a pod ask a DNS server through Cilium's proxy; used by near misses and remedies. */
import type { PeerIdentity } from './identity.ts';
import { peerValueOf } from './peer-value.ts';

/** Admits every name: which names may be reached is the toFQDNs rules' business. */
export function dnsRuleFor(server: PeerIdentity): Record<string, unknown> {
  return {
    ...peerValueOf(server),
    toPorts: [{ ports: [{ port: String(server.port), protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
  };
}
