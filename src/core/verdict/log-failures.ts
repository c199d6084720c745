/** Which failures of the logs are about an endpoint; for the findings and the timeline. */
import type { LogFailure } from '../model/logs.ts';
import type { EndpointCase } from './case.ts';

/** By name, or by an address where the text names no host; at its port where the text names one. */
export function isAbout({ host, address, port }: LogFailure, endpoint: EndpointCase): boolean {
  if ((port ?? endpoint.port) !== endpoint.port) return false;
  if (host !== undefined) return host === endpoint.host;
  return address !== undefined && endpoint.evaluation.destination.addresses.includes(address);
}

/** Containers that are there for the application's own work; a proxy or a shipper of logs calls hosts of its own. */
export function isOfApplication({ role }: LogFailure): boolean {
  return role !== 'sidecar' && role !== 'mesh_proxy';
}

/** A client that got no connection; one that got an answer was let through. */
export function isOfConnection({ class: name }: Pick<LogFailure, 'class'>): boolean {
  return CONNECTION.has(name);
}

const CONNECTION: ReadonlySet<LogFailure['class']> = new Set([
  'lookup_failed',
  'name_not_found',
  'connect_timeout',
  'connect_refused',
  'connection_reset',
  'unreachable',
]);
