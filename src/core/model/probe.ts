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
  /**
   * Path, without query, of one HEAD request after the connection (over TLS where `tls`). Absent: no application data is sent.
   * Redirects are reported, never followed.
   */
  readonly path?: string;
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

/** One answer of a name server to one question, as the packet says it. */
export interface NameAnswer {
  /** Empty where the tool does not say which server it asked. */
  readonly server: string;
  /** The name asked: the host itself, or the host with one of the search domains after it. */
  readonly name: string;
  readonly question: 'A' | 'AAAA' | 'any';
  /** `tool`: read from a tool's text (nslookup, dig, host), which may hide the transport. */
  readonly via: 'udp' | 'tcp' | 'tool';
  readonly outcome: LookupOutcome;
  readonly cnames: readonly string[];
  readonly addresses: readonly string[];
  /** The smallest time to live on the way from the name to its addresses. */
  readonly ttlSeconds?: number;
  /** The server cut the answer short and asks for TCP. */
  readonly truncated?: boolean;
  readonly ms?: number;
}

export interface LookupReport {
  readonly outcome: LookupOutcome;
  readonly addresses: readonly string[];
  /** CNAME targets in order; empty also where this rung cannot see them (then `limits` says so). */
  readonly cnames: readonly string[];
  readonly ms?: number;
  /** The resolver library's own error text (untrusted). */
  readonly error?: string;
  /** What the name servers said, question by question; absent where this rung cannot ask them. */
  readonly answers?: readonly NameAnswer[];
  /** The control, where `outcome` is a failure: what the C library gets for the name with a final dot. */
  readonly absolute?: { readonly addresses: readonly string[]; readonly error?: string };
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
  /** RFC 3339, of the certificate that was shown. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** DNS names and addresses of the certificate (at most 8; untrusted). */
  readonly names?: readonly string[];
  /** Bytes that came back before a failure; 0: the far side never answered the ClientHello. Absent: this rung cannot count. */
  readonly receivedBytes?: number;
  /**
   * After a stall: the same handshake with small segments (an announced MSS of 536 bytes). `ok` or a judged certificate there
   * shows that only large packets are lost (MTU); `timeout` again shows that size is not the reason.
   */
  readonly smallSegments?: TlsOutcome;
  readonly ms?: number;
  readonly error?: string;
}

/** What the answer to the one HEAD request says; bodies are never read. */
export interface HttpReport {
  readonly outcome: 'answered' | 'timeout' | 'reset' | 'failed' | 'not_checked';
  readonly status?: number;
  /** Where a redirect points, reduced: no query, no credentials, and a path only as its class. */
  readonly redirect?: RedirectTarget;
  /** `Via` and `Server` (untrusted): who answered. */
  readonly via?: string;
  readonly server?: string;
  readonly ms?: number;
  readonly error?: string;
}

export interface RedirectTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** `root`, `path`, or `presigned` for a URL whose query carries a signature. */
  readonly pathClass: 'root' | 'path' | 'presigned';
}

/** A CONNECT through the proxy that the container's environment names, without credentials. */
export interface ProxyReport {
  /** Which variable named it, e.g. `HTTPS_PROXY`. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
  /** `tunnel`: the proxy opened the way (2xx). `refused_by_proxy`: it answered with another status. */
  readonly outcome: 'tunnel' | 'refused_by_proxy' | 'not_reached' | 'failed' | 'not_checked';
  readonly status?: number;
  readonly via?: string;
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
  /** Absent where no path was asked for, and in recordings made before there was one. */
  readonly http?: HttpReport;
  readonly proxy?: ProxyReport;
}

export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Other words of `options`, e.g. `timeout:2`, `single-request`, `use-vc`. */
  readonly options?: readonly string[];
}

/** A limit of a probe that its caller ended, because what was seen decided already. */
export const ENDED_EARLY =
  'the program did not come to its end (the wait was ended early): steps without a result are not checked';

export interface ProbeReport {
  readonly pod: PodRef;
  readonly container: string;
  /** Which program ran: `python3`, `bash+getent`, `busybox`, … */
  readonly rung: string;
  /** What this rung cannot tell, in words. */
  readonly limits: readonly string[];
  readonly resolver?: ResolverConfig;
  /** Which C library resolves names in this image: they differ in search lists and in what a REFUSED answer ends. */
  readonly libc?: 'glibc' | 'musl';
  /** The container's clock minus this server's, in seconds, where they differ by more than the exec itself explains. */
  readonly clockSkewSeconds?: number;
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
  | { readonly kind: 'tls'; readonly id: string; readonly tls: TlsReport }
  | { readonly kind: 'http'; readonly id: string; readonly http: HttpReport };
