/** Other names of a destination's addresses, from what was looked up and what the engine reported; asked by `diagnose/steps/endpoints.ts`. */
import type { Destination } from '../model/destination.ts';
import type { Flow } from '../model/flow.ts';
import type { TargetReport } from '../model/probe.ts';
import { normaliseName } from '../net/dns-name.ts';
import { isHostName } from '../net/host.ts';

/** A content network has thousands; a few show that the address is shared. */
const MOST = 10;

/** Names that the pod itself looked up come first. Aliases of the asked name are not other names. */
export function namesOfAddresses(
  { host, cnames, addresses }: Destination,
  targets: readonly TargetReport[],
  flows: readonly Flow[],
): readonly string[] {
  const known = new Set(addresses);
  const isKnown = (address: string | undefined): boolean => address !== undefined && known.has(address);
  const looked = targets.filter((target) => target.lookup.addresses.some(isKnown)).map((target) => target.host);
  const reported = flows.flatMap(({ destination, dns }) => [
    ...(isKnown(destination.ip) ? destination.names : []),
    ...(dns?.ips.some(isKnown) ? [dns.query] : []),
  ]);
  const own = new Set([host, ...cnames.map(normaliseName)]);
  const others = [...looked, ...reported].map(normaliseName).filter((name) => isHostName(name) && !own.has(name));
  return [...new Set(others)].slice(0, MOST);
}
