/** The shape of every file in `core/causes`: what supports a class on one failing endpoint, and what would decide it. */
import type { Cause, CauseClass } from '../model/diagnosis.ts';
import type { Phase } from '../path/phase.ts';
import type { Case, EndpointCase } from '../verdict/case.ts';

export interface Suspect {
  readonly case: Case;
  readonly endpoint: EndpointCase;
  readonly phase: Phase;
}

export interface Assessment {
  readonly class: CauseClass;
  readonly confidence: Cause['confidence'];
  readonly statement: string;
  /** The one observation that would settle it, when it isn't settled. */
  readonly decidedBy?: string;
}

/** Returns an assessment only where something seen supports the class. */
export type CauseRule = (suspect: Suspect) => Assessment | undefined;

/** `HOST:PORT` the way it is written everywhere. */
export const endpointName = (endpoint: Pick<EndpointCase, 'host' | 'port'>): string =>
  endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
