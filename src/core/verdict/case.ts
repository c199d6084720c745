/** Everything a diagnosis saw, gathered by `diagnose/steps` and judged here: the only input of causes, findings and verdict. */
import type { ClusterState, NotRead, Read } from '../model/cluster-state.ts';
import type { DriftReport } from '../model/drift.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { Flow, FlowReport, FqdnCacheEntry } from '../model/flow.ts';
import type { WorkloadHistory } from '../model/history.ts';
import type { LogReport } from '../model/logs.ts';
import type { ProbeReport, TargetReport } from '../model/probe.ts';
import type { SyncState } from '../model/sync.ts';
import type { Pod } from '../model/workload.ts';

/** Why an endpoint is part of the case. */
export type EndpointRole = 'asked' | 'second_hop' | 'comparison';

export interface Redirection {
  readonly host: string;
  readonly port: number;
  /** HTTP status, 3xx. */
  readonly status: number;
  readonly presigned: boolean;
  /** The request was for `/`, in place of a path that was not named or is not to be sent: what the application asks for may lead elsewhere. */
  readonly otherPath?: boolean;
}

/** One endpoint with all that was learned about it. */
export interface EndpointCase {
  readonly role: EndpointRole;
  /** Host name or literal address. */
  readonly host: string;
  readonly port: number;
  readonly because: string;
  /** The endpoint whose answer to a request pointed here. */
  readonly redirectedFrom?: Redirection;
  /** The mesh proxy that accepts the pod's connections itself; see `path/mesh.ts`. */
  readonly interceptedBy?: string;
  readonly probe: Read<TargetReport>;
  readonly evaluation: Evaluation;
  /** The engine's own report of a drop of a connection to this endpoint, latest first. */
  readonly drops: readonly Flow[];
  /** The same of the time when the logs show the last failure; they decide nothing about now. */
  readonly pastDrops?: readonly Flow[];
}

export interface Case {
  readonly asOf: string;
  readonly pod: Pod;
  readonly state: ClusterState;
  /** The first is the asked one. */
  readonly endpoints: readonly [EndpointCase, ...EndpointCase[]];
  readonly probe: Read<ProbeReport>;
  readonly logs: Read<LogReport>;
  readonly flows: Read<FlowReport>;
  /** Of the time when the logs show the last failure; absent where they show none, or one just now. */
  readonly pastFlows?: Read<FlowReport>;
  /** Absent when nothing asked for it (it only matters where policy and packets disagree). */
  readonly fqdnCache?: Read<readonly FqdnCacheEntry[]>;
  readonly drift: Read<DriftReport>;
  /** What the workload ran before; absent where nothing asked for it. */
  readonly history?: Read<WorkloadHistory>;
  /** Present where something was asked about Git, or a policy says that it is tracked. */
  readonly sync?: SyncState;
}

export const notRead = (what: string, code: NotRead['code'], reason: string, nextStep?: string): Read<never> => ({
  ok: false,
  notRead: { what, code, reason, ...(nextStep === undefined ? {} : { nextStep }) },
});
