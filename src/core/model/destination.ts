/** What the pod wants to reach: the question of every evaluation and probe. */
import type { Protocol } from './workload.ts';

export interface Destination {
  /** The name asked for, lower-case, without trailing dot; absent when an address was given. */
  readonly host?: string;
  /** The CNAME chain after `host`, in order; never compared with FQDN selectors (only the question is), used for near misses. */
  readonly cnames: readonly string[];
  /** Addresses the name resolved to, or the literal address asked for. Empty when not known. */
  readonly addresses: readonly string[];
  /** Other names known to resolve to the same addresses (from lookups or flows): engines that learn names by address mix them up. */
  readonly sharedWith?: readonly string[];
  /** The server name a TLS client sends; absent where it is not known. */
  readonly sni?: string;
  readonly port: number;
  readonly protocol: Protocol;
}
