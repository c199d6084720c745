/** Flows as the datapath reported them (Hubble, Cilium's monitor, Calico's Goldmane), reduced to what a diagnosis cites. */
import type { NotRead } from './cluster-state.ts';
import type { PodRef } from './probe.ts';
import type { Protocol } from './workload.ts';

export type FlowVerdict = 'forwarded' | 'dropped' | 'redirected' | 'audit' | 'error' | 'other';

/** What kind of event of the datapath it is: a dropped packet, a decision by policy, a packet seen, what a proxy saw. */
export type FlowEvent = 'drop' | 'policy_verdict' | 'trace' | 'l7';

export interface Flow {
  /** RFC 3339. */
  readonly time: string;
  /** Absent where the source does not tell, or it is none of these. */
  readonly event?: FlowEvent;
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
    /** Seconds, of an answer. */
    readonly ttl?: number;
  };
  /** Policies Hubble itself names. */
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  /** One line for people. */
  readonly summary: string;
}

/**
 * Connections that the source folds together, as Calico's Goldmane does (goldmane/proto/api.proto, FlowKey): it tells neither single
 * pods, where they share a generated name, nor addresses outside. What such a flow tells is true of one of the pods in `source` and
 * of some destination in `destination`: it can support a verdict and name the policies that were asked, and alone proves none.
 */
export interface GroupedFlow {
  /** RFC 3339; the window in which its packets were counted. */
  readonly from: string;
  readonly to: string;
  readonly action: 'allowed' | 'denied';
  /** Whose engine reports it: that of the sender's node or of the receiver's. */
  readonly reporter: 'source' | 'destination';
  /** `name` is a pod's, or what several pods' names begin with, followed by `*`. */
  readonly source: { readonly namespace: string; readonly name: string };
  readonly destination: {
    /** `public` and `private` are the addresses outside that no NetworkSet names. */
    readonly kind: 'public' | 'private' | 'named';
    /** Of pods as above, of a NetworkSet, of a node; absent for `public` and `private`. */
    readonly name?: string;
    readonly namespace?: string;
    readonly port: number;
    readonly protocol: string;
  };
  readonly packets: number;
  /** The policies that were asked, in the order in which they were; the last one decided. */
  readonly enforced: readonly PolicyHit[];
  /** The same as if staged policies were enforced. */
  readonly staged: readonly PolicyHit[];
}

export interface PolicyHit {
  /** As Calico calls it: `GlobalNetworkPolicy`, `NetworkPolicy`, `EndOfTier`, `Profile` … */
  readonly kind: string;
  readonly tier: string;
  readonly namespace?: string;
  readonly name: string;
  readonly action: 'allowed' | 'denied' | 'passed';
  /** For `EndOfTier`: the policy in whose tier nothing matched, for which the end of the tier denies. */
  readonly trigger?: Omit<PolicyHit, 'trigger' | 'action'>;
}

export interface FlowRequest {
  readonly pod: PodRef;
  readonly nodeName?: string;
  /** The window begins so long before now … */
  readonly sinceSeconds: number;
  /** … and ends so long before now; now when absent. */
  readonly untilSeconds?: number;
  /** Only these verdicts; all when empty. */
  readonly verdicts: readonly FlowVerdict[];
  readonly limit: number;
}

/** Why flows of the time asked for may be missing from a report; in words by `path/flow-gap.ts`. */
export type FlowGap =
  /** Between kernel and agent, before Hubble, or overwritten in its buffer. `count` is 0 where it was not told. */
  | { readonly kind: 'lost_events'; readonly where: 'kernel' | 'queue' | 'buffer' | 'unknown'; readonly count: number }
  /** The oldest event that the source still has is of that time (RFC 3339), so many seconds into the window. */
  | { readonly kind: 'buffer_begins'; readonly at: string; readonly seconds: number }
  | { readonly kind: 'buffer_empty' }
  /** The source forgets what is older than so many seconds, which the time asked for is in part. */
  | { readonly kind: 'kept_for'; readonly seconds: number }
  /** How far back the source remembers could not be read. */
  | { readonly kind: 'buffer_unknown' };

export interface FlowReport {
  readonly flows: readonly Flow[];
  /** Only from a source that folds connections together; `flows` is empty then. */
  readonly grouped?: readonly GroupedFlow[];
  /** e.g. `hubble observe in kube-system/cilium-abc`. */
  readonly source: string;
  /** Not everything of the window is in it: cut by a limit, or for the reasons in `missing`. */
  readonly truncated: boolean;
  /** What the source itself says is not in the report. "Not seen" is then no "did not happen". */
  readonly missing?: readonly FlowGap[];
  /** Sources that were there and could not be used. */
  readonly notUsed?: readonly NotRead[];
}

/** Where a follower heard its flows. */
export interface Followed {
  readonly source: string;
}

/** One entry of the agent's FQDN cache on the pod's node. */
export interface FqdnCacheEntry {
  readonly name: string;
  readonly ips: readonly string[];
  readonly endpointId?: number;
  readonly expires?: string;
}
