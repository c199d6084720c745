/** The one internal rule type: every API kind is translated into it (`translate/`) and only it is evaluated (`decide/match.ts`). */
import type { ObjectRef } from '../../model/object-meta.ts';
import type { FqdnSelector, Policy } from '../../model/policy.ts';
import type { Pod, Protocol } from '../../model/workload.ts';
import type { Cidr } from '../../net/cidr.ts';
import type { PortRange } from '../../net/port-range.ts';
import type { PeerIdentity } from '../identity/identity.ts';
import type { Tri } from '../tri.ts';
import type { Requirements } from './label-selector.ts';
import type { LayerKey } from './layers.ts';

/** Everything a verdict may be asked for; ICMP matches rules without ports only. */
export type L4Protocol = Protocol | 'ICMP';

/** What a peer selects. */
export type PeerMatch =
  | { readonly kind: 'labels'; readonly requirements: Requirements }
  | { readonly kind: 'entity'; readonly entity: string }
  | { readonly kind: 'cidr'; readonly cidr: Cidr; readonly except: readonly Cidr[] }
  | { readonly kind: 'fqdn'; readonly selector: FqdnSelector; readonly matches: (name: string) => boolean }
  /** What no other kind can say, e.g. another engine's selector grammar; `why` explains an unknown. */
  | { readonly kind: 'where'; readonly test: (identity: PeerIdentity) => PeerAnswer }
  /** All of them at once; an empty list takes everything. */
  | { readonly kind: 'all'; readonly of: readonly PeerMatch[] }
  /** Cannot be decided from the state; `why` says what is missing. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface PeerAnswer {
  readonly tri: Tri;
  /** Why it is unknown, in words. */
  readonly why?: string;
}

export interface Peer {
  readonly match: PeerMatch;
  /** e.g. `spec.egress[1].toFQDNs[0]`. */
  readonly path: string;
  /** e.g. `toFQDNs matchName "api.vendor.example"`. */
  readonly text: string;
}

/** A peer of which the state does not tell whom it takes. */
export function unknownPeer(text: string, path: string, why: string): Peer {
  return { match: { kind: 'unknown', why }, path, text };
}

/** `any`: no peer field; `none`: a present-but-empty list, which selects nothing. */
export type PeerSet = 'any' | 'none' | readonly Peer[];

export interface PortMatch {
  readonly protocols: readonly L4Protocol[];
  /** A number range or a container port's name, which Cilium lets begin a range too. */
  readonly port: PortRange | { readonly name: string; readonly endPort?: number };
  readonly text: string;
}

/** The port as a number range; undefined for a port name. */
export function numericRange({ port }: PortMatch): PortRange | undefined {
  return 'name' in port ? undefined : port;
}

/** `any`: every protocol and port, ICMP included; `none`: a port list that lists nothing. */
export type PortSet = 'any' | 'none' | readonly PortMatch[];

export interface L7 {
  /** Names that may be asked; absent when the rule is no DNS rule. */
  readonly dns?: readonly DnsFilter[];
  readonly http: boolean;
  readonly other: boolean;
  readonly serverNames: readonly string[];
  /** Cilium's name of the parser that the rule needs: `dns`, `http`, `kafka`, `tls`, `crd` (a listener) or `proxylib`. */
  readonly parser?: string;
}

export interface DnsFilter {
  readonly selector: FqdnSelector;
  readonly matches: (name: string) => boolean;
  /** e.g. `spec.egress[0].toPorts[0].rules.dns[1]`. */
  readonly path: string;
}

/** One egress element with one of its port lists. */
export interface PolicyRule {
  readonly policy: ObjectRef;
  /** `pass` leaves the layer: the rest of it is not asked. */
  readonly effect: 'allow' | 'deny' | 'pass';
  /** The engine answers a denied packet with a reset or an ICMP error instead of silence (Antrea Reject). */
  readonly rejects?: boolean;
  /** e.g. `spec.egress[1]`. */
  readonly path: string;
  /** e.g. `spec.egress[1].toPorts[0]`; absent for a rule without ports. */
  readonly portsPath?: string;
  readonly peers: PeerSet;
  readonly ports: PortSet;
  readonly l7: L7;
  /** Its own place in an ordered layer, where that is not its policy's. */
  readonly order?: number;
}

/** One selector with its rules, in order: a `spec`, one of `specs`, or a whole policy of the other kinds. */
export interface PolicySection {
  readonly path: string;
  /** Requirements on the pod's identity labels; undefined when the section never governs pods (nodeSelector). */
  readonly subject: Requirements | undefined;
  /** True when it puts the pods it selects in egress default deny. */
  readonly isolates: boolean;
  readonly rules: readonly PolicyRule[];
  /** What the selector wants beyond `subject`, in a grammar of its own. */
  readonly where?: (pod: Pod) => Tri;
  /** The rules as they are for one pod, where a rule's own conditions on its source leave some pods out. */
  readonly rulesFor?: (pod: Pod) => readonly PolicyRule[];
}

/** The section's rules for a pod that it selects. */
export function rulesOfSection(section: PolicySection, pod: Pod): readonly PolicyRule[] {
  return section.rulesFor?.(pod) ?? section.rules;
}

/** A policy ready for evaluation, or the reason why the engine enforces nothing of it. */
export interface TranslatedPolicy {
  readonly policy: Policy;
  readonly ref: ObjectRef;
  readonly layer: LayerKey;
  /** In an ordered layer: low first, then by `sortKey`, else by name. */
  readonly order: number;
  readonly sortKey?: string;
  readonly valid: boolean;
  readonly invalidReason?: string | undefined;
  /** What the policy would do; of an invalid one, what it was meant to do. */
  readonly sections: readonly PolicySection[];
  /** Set when an earlier version of the object may be in force, or a part cannot be evaluated. */
  readonly uncertain?: string | undefined;
  /** What is uncertain may take away from what deny rules of the layer deny, also those of other policies. */
  readonly unsettlesDenies?: boolean | undefined;
}

export const NO_L7: L7 = { http: false, other: false, serverNames: [] };
