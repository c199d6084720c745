/** The egress element that lets a pod ask a DNS server; used by near misses and remedies. */
import type { PeerIdentity } from '../identity/identity.ts';
import { networkPeerOf, peerValueOf } from './peer-value.ts';

/** Of a Cilium policy, through its proxy. Admits every name: which names may be reached is the toFQDNs rules' business. */
export function dnsRuleFor(server: PeerIdentity): Record<string, unknown> {
  return {
    ...peerValueOf(server),
    toPorts: [{ ports: [{ port: String(server.port), protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
  };
}

/** Of a NetworkPolicy; undefined where none can select the server. */
export function networkDnsRuleFor(server: PeerIdentity, cilium: boolean): Record<string, unknown> | undefined {
  const peer = networkPeerOf(server, cilium);
  // Truncated answers are asked for again over TCP.
  const ports = ['UDP', 'TCP'].map((protocol) => ({ port: server.port, protocol }));
  return peer && { to: [peer], ports };
}
