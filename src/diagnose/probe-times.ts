/** How long a probe waits, for `execProbe` and the diagnosis alike. */
import type { ProbeRequest } from '../core/model/probe.ts';

const CONNECT_TIMEOUT_MS = 3000;
/** Longer than the five seconds after which resolvers ask again, so that such a retry shows as what it is. */
const LOOKUP_TIMEOUT_MS = 6000;

export const probeTimes = (
  connectTimeoutMs: number | undefined,
): Pick<ProbeRequest, 'connectTimeoutMs' | 'lookupTimeoutMs'> => ({
  connectTimeoutMs: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
  lookupTimeoutMs: LOOKUP_TIMEOUT_MS,
});
