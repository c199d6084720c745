/** The answer: verdict, cause, proof, fix. Built by `diagnose/diagnose-egress.ts`, rendered by `render/`, typed for clients in `tools/`. */
import type { NotRead } from './cluster-state.ts';
import type { GitPlace } from './drift.ts';
import type { Decision, PolicyChange } from './evaluation.ts';
import type { Finding } from './evidence.ts';
import type { PolicyHistory } from './git-history.ts';
import type { ObjectRef } from './object-meta.ts';
import type { Timeline } from './timeline.ts';

/** The incidents' taxonomy, plus DNS_NAME_NOT_FOUND (no such name: not a network fault, and no class of the taxonomy). */
export const CAUSE_CLASSES = [
  'FQDN_NO_DNS_L7',
  'FQDN_NAME_NOT_COVERED',
  'FQDN_IP_CHURN',
  'FQDN_DNS_REFUSED',
  'FQDN_DNS_PROXY_PATH',
  'POLICY_NO_DNS_EGRESS',
  'POLICY_DNS_TARGET_WRONG',
  'POLICY_EGRESS_NOT_ALLOWED',
  'POLICY_CIDR_IDENTITY',
  'POLICY_PRECEDENCE',
  'POLICY_SCOPE_SELECTOR',
  'ENFORCER_STATE',
  'GITOPS_DRIFT',
  'DNS_SEARCH_NDOTS',
  'DNS_RESOLVER_LIB',
  'DNS_UPSTREAM',
  'DNS_CAPACITY',
  'DNS_CLIENT_PATH',
  'DNS_NAME_NOT_FOUND',
  'IPV6_NO_ROUTE',
  'NODE_DATAPATH',
  'MTU_BLACKHOLE',
  'EGRESS_NAT_GATEWAY',
  'NAT_PORT_CONNTRACK_EXHAUSTION',
  'IDLE_TIMEOUT',
  'CIDR_OVERLAP',
  'CLOUD_FW_ROUTE',
  'METADATA_IDENTITY',
  'HTTP_PROXY',
  'MESH_EGRESS_CONFIG',
  'MESH_SIDECAR_LIFECYCLE',
  'TLS_TRUST_CLOCK',
  'SECOND_HOP_HOST',
  'REMOTE_ALLOWLIST',
  'REMOTE_SIDE_DOWN',
  'HAIRPIN_LB',
] as const;
export type CauseClass = (typeof CAUSE_CLASSES)[number];

export interface Cause {
  readonly class: CauseClass;
  readonly statement: string;
  /** `proven`: engine's decision and observed packets agree; `likely`: one of the two; `possible`: neither refutes it. */
  readonly confidence: 'proven' | 'likely' | 'possible';
  /** The class underneath when `class` says how the user got there (SECOND_HOP_HOST over a policy class). */
  readonly underlying?: CauseClass;
}

export type HopLayer = 'lookup' | 'policy' | 'connect' | 'tls' | 'http';

export interface HopStep {
  readonly layer: HopLayer;
  readonly outcome: 'ok' | 'failed' | 'unknown' | 'not_checked';
  readonly detail: string;
}

/** One endpoint on the way, layer by layer in packet order. */
export interface Hop {
  readonly role: 'asked' | 'second_hop' | 'comparison';
  readonly host: string;
  readonly port: number;
  readonly steps: readonly HopStep[];
}

/** A proposed policy change with its proof by re-evaluation; `core/remedy` makes it. */
export interface Remedy {
  readonly changes: readonly PolicyChange[];
  readonly summary: string;
  readonly policy: ObjectRef;
  readonly before: Decision;
  readonly after: Decision;
  /** What else the change lets through, in words; empty when nothing else that was evaluated changes. */
  readonly alsoAllows: readonly string[];
  readonly warnings: readonly string[];
  /** Set where the change takes something from a deny: whose it is, and that they must agree first. */
  readonly consent?: string;
  /** What a person has to agree to before it is written: it opens more than was asked, or takes from a deny. Absent where it does neither. */
  readonly needsConsent?: readonly string[];
}

export interface Fix extends Remedy {
  readonly diff: string;
  readonly file: string;
  /** True: the diff is against the file in Git. False: against the live object, with the reason in `warnings`. */
  readonly inGit: boolean;
  /** Where the diff is against a file in Git. */
  readonly against?: GitPlace;
  readonly history?: PolicyHistory;
  /** What was not made sure of while the repository was read. */
  readonly limits?: readonly NotRead[];
  readonly pullRequest?: PullRequest;
}

/** Markdown for whoever reviews the change; bounded, without links. */
export interface PullRequest {
  readonly title: string;
  readonly body: string;
}

/** Which pod an answer is about, so that an answer from the wrong cluster or pod shows. */
export interface Subject {
  readonly context: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid?: string;
  readonly node?: string;
  readonly container?: string;
  /** e.g. `cilium 1.19.5`. */
  readonly engine?: string;
}

export interface Diagnosis {
  readonly question: {
    readonly namespace: string;
    readonly workload: string;
    readonly host: string;
    readonly port: number;
    readonly protocol: string;
  };
  readonly subject: Subject;
  readonly verdict: 'blocked' | 'reachable' | 'undetermined';
  /** The endpoint that verdict, cause and fix are about: the asked one, or the second hop that fails behind it. */
  readonly about: { readonly host: string; readonly port: number };
  readonly cause?: Cause;
  /** A second hop in five lines; for people, from the same facts as the rest. */
  readonly story?: readonly string[];
  /** Since when `about` fails and what changed then; absent where no time of a failure is on record. */
  readonly timeline?: Timeline;
  readonly hops: readonly Hop[];
  readonly findings: readonly Finding[];
  readonly fix?: Fix;
  readonly nextSteps: readonly string[];
  /** Premises of the policy verdict that were not read but taken, e.g. that a set of manifests is the whole cluster. */
  readonly assumptions: readonly string[];
  /** RFC 3339: when the diagnosis began (the capture's time in a replay). */
  readonly asOf: string;
}
