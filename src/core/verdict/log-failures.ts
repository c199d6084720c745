/** Which failures of the logs are about an endpoint; for the findings and the timeline. */
import type { LogFailure } from '../model/logs.ts';
import type { EndpointCase } from './case.ts';

/** By name, or by an address where the text names no host; at its port where the text names one. */
export function isAbout({ host, address, port }: LogFailure, endpoint: EndpointCase): boolean {
  if ((port ?? endpoint.port) !== endpoint.port) return false;
  if (host !== undefined) return host === endpoint.host;
  return address !== undefined && endpoint.evaluation.destination.addresses.includes(address);
}
