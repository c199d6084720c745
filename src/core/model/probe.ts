/** What a probe from inside the pod asks and reports, layer by layer; the same shape whatever interpreter ran it. */

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

export interface ProbeTarget {
  /** The caller's name for this target; comes back in the report. */
  readonly id: string;
  /** Host name or address, already checked by `core/net/host.ts`. */
  readonly host: string;
  readonly port: number;
  /** Also try a TLS handshake with SNI = host. */
  readonly tls: boolean;
}

export interface ProbeRequest {
  readonly pod: PodRef;
  readonly container: string;
  readonly targets: readonly ProbeTarget[];
  /** Per connection attempt. Default 3000. */
  readonly connectTimeoutMs: number;
  readonly lookupTimeoutMs: number;
}

export type LookupOutcome =
  | 'resolved'
  | 'nxdomain'
  | 'nodata'
  | 'refused'
  | 'servfail'
  | 'timeout'
  | 'failed'
  | 'not_checked';

export interface LookupReport {
  readonly outcome: LookupOutcome;
  readonly addresses: readonly string[];
  /** CNAME targets in order; empty also where this rung cannot see them (then `limits` says so). */
  readonly cnames: readonly string[];
  readonly ms?: number;
  /** The resolver library's own error text (untrusted). */
  readonly error?: string;
}

export type ConnectOutcome =
  | 'connected'
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'not_permitted'
  | 'failed'
  /** The wait was ended early because the engine reported the drop of this very connection. */
  | 'drop_seen'
  | 'not_checked';

export interface ConnectReport {
  readonly address: string;
  readonly outcome: ConnectOutcome;
  readonly ms?: number;
  /** errno name or text (untrusted). */
  readonly error?: string;
}

export type TlsOutcome = 'ok' | 'untrusted' | 'wrong_name' | 'expired' | 'reset' | 'timeout' | 'failed' | 'not_checked';

export interface TlsReport {
  readonly outcome: TlsOutcome;
  readonly version?: string;
  readonly issuer?: string;
  readonly ms?: number;
  readonly error?: string;
}

export interface TargetReport {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly lookup: LookupReport;
  readonly connects: readonly ConnectReport[];
  readonly tls: TlsReport;
}

export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
}

export interface ProbeReport {
  readonly pod: PodRef;
  readonly container: string;
  /** Which program ran: `python3`, `bash+getent`, `busybox`, … */
  readonly rung: string;
  /** What this rung cannot tell, in words. */
  readonly limits: readonly string[];
  readonly resolver?: ResolverConfig;
  /** Proxy variables seen in the container's environment (credentials removed). */
  readonly proxyEnv: Readonly<Record<string, string>>;
  readonly targets: readonly TargetReport[];
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** Progress of a running probe; lets the caller end the wait when the engine already reported the drop. */
export type ProbeEvent =
  | { readonly kind: 'lookup'; readonly id: string; readonly lookup: LookupReport }
  | { readonly kind: 'connect'; readonly id: string; readonly connect: ConnectReport }
  | { readonly kind: 'tls'; readonly id: string; readonly tls: TlsReport };
