/** What the smaller tools answer; built by the use cases in `diagnose/`, rendered by `render/`, typed for clients in `tools/`. */
import type { NotRead } from './cluster-state.ts';
import type { Fix, Subject } from './diagnosis.ts';
import type { Dialect } from './dialect.ts';
import type { PolicyDrift } from './drift.ts';
import type { Evaluation, RuleRef, SelectingPolicy } from './evaluation.ts';
import type { Finding } from './evidence.ts';
import type { Flow, GroupedFlow } from './flow.ts';
import type { LogFailure, LogMatch, LogWindow, SeenUrl } from './logs.ts';
import type { ConnectReport, HttpReport, LookupReport, PodRef, ProbeReport, ProxyReport, TlsReport } from './probe.ts';

/** Every answer carries findings; lists that were cut say how many entries were left out. */
export interface Answer {
  readonly subject?: Subject;
  readonly findings: readonly Finding[];
  /** List name → how many entries were left out of it. */
  readonly leftOut?: Readonly<Record<string, number>>;
}

export interface PoliciesAnswer extends Answer {
  readonly subject: Subject;
  /** True when some selecting policy puts the pod in egress default-deny. */
  readonly isolated: boolean;
  readonly policies: readonly SelectingPolicy[];
  /** Policies read that do not select the pod. */
  readonly notSelecting: number;
  /** Only where a destination was given. */
  readonly evaluation?: Evaluation;
}

export interface FqdnMatchLine {
  readonly selector: string;
  /** How its wildcards were read. */
  readonly dialect: Dialect;
  readonly matches: boolean;
  readonly explanation: string;
  /** Where the selector was read, when it came from a pod's policies. */
  readonly rule?: RuleRef;
  /** `toFQDNs` opens connections, `dns` lets the name be looked up; absent for patterns given by the caller. */
  readonly use?: 'toFQDNs' | 'dns';
}

export interface FqdnAnswer extends Answer {
  /** The engine version whose grammar was applied; absent where none was known. */
  readonly engineVersion?: string;
  readonly names: readonly {
    readonly name: string;
    /** A selector that opens connections matches; `rules.dns` alone does not count. */
    readonly matched: boolean;
    readonly selectors: readonly FqdnMatchLine[];
  }[];
}

export interface ProbedTarget {
  readonly role: 'asked' | 'comparison';
  readonly host: string;
  readonly port: number;
  /** Why this comparison was chosen. */
  readonly because?: string;
  readonly reached: boolean;
  readonly lookup: LookupReport;
  readonly connects: readonly ConnectReport[];
  readonly tls: TlsReport;
  /** Only where a URL was given. */
  readonly http?: HttpReport;
  /** Only where the container's environment names a proxy and the rung can ask it. */
  readonly proxy?: ProxyReport;
}

export interface ProbeAnswer extends Answer, Pick<ProbeReport, 'resolver' | 'libc' | 'clockSkewSeconds'> {
  readonly subject: Subject;
  /** Which program ran in the container; absent when none could. */
  readonly rung?: string;
  readonly limits: readonly string[];
  readonly targets: readonly ProbedTarget[];
}

export interface LogsAnswer extends Answer {
  readonly subject: Subject;
  /** All pods whose logs were read, where it was more than one. */
  readonly pods?: readonly PodRef[];
  readonly linesRead: number;
  readonly truncated: boolean;
  /** How far back each log was read. */
  readonly windows?: readonly LogWindow[];
  readonly failures: readonly LogFailure[];
  readonly urls: readonly SeenUrl[];
  /** The newest. */
  readonly matches: readonly LogMatch[];
}

export interface FlowsAnswer extends Answer {
  readonly subject: Subject;
  readonly source?: string;
  readonly truncated: boolean;
  /** What the source says is not in its report. */
  readonly missing?: readonly string[];
  /** Sources that are there and could not be used. */
  readonly notUsed?: readonly NotRead[];
  readonly flows: readonly Flow[];
  /** Where the source folds connections together, in place of `flows`. */
  readonly grouped?: readonly GroupedFlow[];
}

export interface DriftAnswer extends Answer {
  readonly repository?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly policies: readonly PolicyDrift[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface FixAnswer extends Answer {
  readonly subject: Subject;
  /** The engine's decision for the destination as things stand. */
  readonly decision: Evaluation['decision'];
  readonly fix?: Fix;
}
