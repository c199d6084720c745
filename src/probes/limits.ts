/** What each rung cannot tell, in words; programs name a limit by code, so that no text of a pod is shown as ours. */
import type { ProbeRecord } from './record.ts';
import { valueOf } from './record.ts';

const LIMITS: Readonly<Record<string, string>> = {
  no_tls:
    'TLS was not tried: the container has neither openssl nor a language with a TLS library that this probe can use',
  no_trust_store:
    'the image has no trust store where its TLS library looks, so any certificate counts as untrusted in this probe',
  own_trust_store:
    "certificates were checked against this runtime's own list of authorities, which another program in the image may not share",
  ipv4_only: 'this old perl asks for IPv4 addresses only, and reaches no IPv6 one',
  no_resolv_conf: '/etc/resolv.conf could not be read',
  no_rcode:
    "the DNS server's own answer (REFUSED, NXDOMAIN, SERVFAIL) and CNAMEs cannot be seen with this image's tools",
  own_resolver:
    'the container has no tool that asks its C library, so the search list was followed by hand, and what the library makes of the answers is not tested',
  lookup_ipv4: 'this PHP has no sockets extension, so of a name that has IPv4 addresses the others were not seen',
  lookup_none: 'the container has no tool that looks names up, so names were not tried',
  lookup_tool:
    'a tool asks the DNS server itself: the order of the search list and what the C library makes of the answers are not tested',
  tool_dns:
    'a tool asks the DNS server itself, and does not say of each answer how it came, whether it was cut short and how long it holds',
  no_dns_udp:
    'name servers were asked over TCP only, for lack of dd and od: what they say over UDP, as applications ask, does not show',
  connect_none: 'connections were not tried: the container has no bash, nc or curl',
  connect_plain: 'this nc cannot close by itself, so an open connection shows only as one that did not fail',
  no_aaaa: 'name servers were asked for A records only, so trouble with AAAA alone does not show',
  no_dns_tcp: 'name servers were asked over UDP only, so an answer that comes over TCP alone does not show',
  no_search: 'the names that the search list makes of the host were not asked one by one',
  no_http: 'no HTTP request was made: nothing in the image sends one without following redirects or reading bodies',
  no_http_tls: 'no HTTP request was made over TLS',
  no_proxy: "the proxy that the container's environment names was not asked",
  no_received:
    'how many bytes came back in a broken handshake is not known, so a filter on the server name and a server that gives up look alike',
  no_segment: 'a stalled handshake was not tried with small segments, so lost large packets (MTU) do not show',
  no_certificate: 'the certificate itself cannot be read by this program: its issuer, dates and names are not known',
};

export function limitOf(record: ProbeRecord): string | undefined {
  const code = valueOf(record, 'code') ?? '';
  return Object.hasOwn(LIMITS, code) ? LIMITS[code] : undefined;
}
