/** Flows as the datapath reported them (Hubble), reduced to what a diagnosis cites. */
import type { PodRef } from './probe.ts';
import type { Protocol } from './workload.ts';

export type FlowVerdict = 'forwarded' | 'dropped' | 'redirected' | 'audit' | 'error' | 'other';

export interface Flow {
  /** RFC 3339. */
  readonly time: string;
  readonly verdict: FlowVerdict;
  /** e.g. POLICY_DENIED, POLICY_DENY. */
  readonly dropReason?: string;
  readonly direction: 'egress' | 'ingress' | 'unknown';
  readonly source: { readonly namespace?: string; readonly pod?: string; readonly ip?: string };
  readonly destination: {
    readonly ip?: string;
    readonly port?: number;
    readonly protocol?: Protocol;
    /** Names Hubble associates with the address (untrusted). */
    readonly names: readonly string[];
    readonly identity?: number;
    readonly labels: readonly string[];
    readonly namespace?: string;
    readonly pod?: string;
  };
  readonly dns?: {
    readonly query: string;
    readonly rcode?: number;
    readonly ips: readonly string[];
    readonly cnames: readonly string[];
  };
  /** Policies Hubble itself names. */
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  /** One line for people. */
  readonly summary: string;
}

export interface FlowRequest {
  readonly pod: PodRef;
  readonly nodeName?: string;
  readonly sinceSeconds: number;
  /** Only these verdicts; all when empty. */
  readonly verdicts: readonly FlowVerdict[];
  readonly limit: number;
}

export interface FlowReport {
  readonly flows: readonly Flow[];
  /** e.g. `hubble observe in kube-system/cilium-abc`. */
  readonly source: string;
  readonly truncated: boolean;
}

/** One entry of the agent's FQDN cache on the pod's node. */
export interface FqdnCacheEntry {
  readonly name: string;
  readonly ips: readonly string[];
  readonly endpointId?: number;
  readonly expires?: string;
}
