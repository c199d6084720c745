/** Which failures of the logs are about an endpoint; for the findings and the timeline. */
import type { LogFailure } from '../model/logs.ts';
import type { EndpointCase } from './case.ts';

/** By name, or by an address where the text names no host. */
export function isAbout({ host, address, port }: LogFailure, endpoint: EndpointCase): boolean {
  if (host !== undefined) return host === endpoint.host;
  const { addresses } = endpoint.evaluation.destination;
  return address !== undefined && addresses.includes(address) && (port ?? endpoint.port) === endpoint.port;
}
