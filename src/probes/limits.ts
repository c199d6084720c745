/** What each rung cannot tell, in words; programs name a limit by code, so that no text of a pod is shown as ours. */
import type { ProbeRecord } from './record.ts';
import { valueOf } from './record.ts';

const LIMITS: Readonly<Record<string, string>> = {
  no_tls: 'TLS was not tried: the container has neither openssl nor a python with the ssl module',
  no_trust_store:
    'the image has no trust store where its TLS library looks, so any certificate counts as untrusted in this probe',
  no_resolv_conf: '/etc/resolv.conf could not be read',
  no_rcode:
    "the DNS server's own answer (REFUSED, NXDOMAIN, SERVFAIL) and CNAMEs cannot be seen with this image's tools",
  no_lookup: 'the container has no tool that prints the addresses of a name, so names could not be connected to',
  lookup_none: 'the container has no tool that looks names up (no getent, no nslookup), so names were not tried',
  lookup_nslookup:
    'nslookup asks the DNS server itself: the order of the search list and what the C library makes of the answers are not tested',
  connect_none: 'connections were not tried: the container has no bash, nc or wget',
  connect_plain: 'this nc cannot close by itself, so an open connection shows only as one that did not fail',
  connect_wget:
    'connections were tried with wget, which sends a GET request for /, and cannot tell a dropped connection from a server that stays silent',
};

export function limitOf(record: ProbeRecord): string | undefined {
  const code = valueOf(record, 'code') ?? '';
  return Object.hasOwn(LIMITS, code) ? LIMITS[code] : undefined;
}
