/** What a failure in a log says of whom: asked by `path/plan-targets.ts`, the verdict and the timeline. */
import type { LogFailure } from '../model/logs.ts';

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
