/** A name or pattern of an engine other than Cilium as a peer, compared in the selector's dialect; used by the translators. */
import type { FqdnSelector } from '../../model/policy.ts';
import { ASSUMED_MINOR } from '../engine/settings.ts';
import { fqdnMatcher, selectorText } from '../fqdn/selector.ts';
import type { DnsFilter, Peer } from '../rules/rule.ts';

export function namePeer(selector: FqdnSelector, path: string): Peer {
  const { matches } = nameFilter(selector, path);
  return { match: { kind: 'fqdn', selector, matches }, path, text: selectorText(selector) };
}

/** The name as a question that a DNS proxy lets pass. Only Cilium's own dialect depends on a version. */
export function nameFilter(selector: FqdnSelector, path: string): DnsFilter {
  return { selector, matches: fqdnMatcher(selector, ASSUMED_MINOR, 'toFQDNs'), path };
}
