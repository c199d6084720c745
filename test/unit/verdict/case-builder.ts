/** Builds cases for the verdict's tables: everything fine unless said otherwise. */
import type { ClusterState, Read } from '../../../src/core/model/cluster-state.ts';
import type { Evaluation, NearMiss, StageVerdict } from '../../../src/core/model/evaluation.ts';
import type { Flow } from '../../../src/core/model/flow.ts';
import type { LogReport } from '../../../src/core/model/logs.ts';
import type { ConnectOutcome, LookupOutcome, TargetReport, TlsOutcome } from '../../../src/core/model/probe.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { type Case, type EndpointCase, notRead } from '../../../src/core/verdict/case.ts';

export const AS_OF = '2026-11-24T12:00:00.000Z';

export const POD: Pod = {
  meta: {
    namespace: 'shop',
    name: 'checkout-1',
    labels: { app: 'checkout' },
    annotations: {},
    owners: [],
    managers: [],
  },
  phase: 'Running',
  nodeIPs: ['192.0.2.10'],
  podIPs: ['10.0.0.5'],
  hostNetwork: false,
  serviceAccount: 'default',
  dnsPolicy: 'ClusterFirst',
  hostAliases: [],
  containers: [],
};

export const STATE: ClusterState = {
  engine: { cni: 'cilium', version: '1.19.5', seenBy: 'test' },
  namespaces: [],
  pods: [POD],
  nodes: [],
  services: [],
  backends: [],
  policies: [],
  cidrGroups: [],
  unsupported: [],
  notRead: [],
};

const POLICY = { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'egress' };

export const stage = (decision: StageVerdict['decision'], reason: StageVerdict['reason']): StageVerdict => ({
  decision,
  reason,
  decidedBy:
    reason === 'allowed_by_rule' || reason === 'explicit_deny'
      ? [
          {
            policy: POLICY,
            path: 'spec.egress[1]',
            effect: reason === 'explicit_deny' ? 'deny' : 'allow',
            text: 'toFQDNs matchName "x" on 443/TCP',
          },
        ]
      : [],
  explanation: `explained: ${reason}`,
});

export const nearMiss = (kind: NearMiss['kind']): NearMiss => ({
  rule: { policy: POLICY, path: 'spec.egress[1].toFQDNs[0]', effect: 'allow', text: 'toFQDNs' },
  kind,
  statement: `near miss: ${kind}`,
});

export interface EndpointSpec {
  readonly role?: EndpointCase['role'];
  readonly host?: string;
  readonly lookup?: LookupOutcome;
  readonly connect?: ConnectOutcome;
  readonly address?: string;
  readonly tls?: TlsOutcome;
  readonly probed?: boolean;
  readonly lookupStage?: StageVerdict;
  readonly connectStage?: StageVerdict;
  readonly meshStage?: StageVerdict;
  readonly nearMisses?: readonly NearMiss[];
  readonly drop?: string;
  /** Further addresses with their outcomes. */
  readonly others?: Readonly<Record<string, ConnectOutcome>>;
  readonly interceptedBy?: string;
}

export function endpoint(spec: EndpointSpec = {}): EndpointCase {
  const host = spec.host ?? 'files.vendor.example';
  return {
    role: spec.role ?? 'asked',
    host,
    port: 443,
    because: 'test',
    ...(spec.interceptedBy === undefined ? {} : { interceptedBy: spec.interceptedBy }),
    probe:
      spec.probed === false
        ? notRead('probe', 'forbidden', 'exec is forbidden')
        : { ok: true, value: report(host, spec) },
    evaluation: evaluation(host, spec),
    drops: spec.drop === undefined ? [] : [drop(spec.drop)],
  };
}

function report(host: string, spec: EndpointSpec): TargetReport {
  const lookup = spec.lookup ?? 'resolved';
  const address = spec.address ?? '203.0.113.20';
  const resolved = lookup === 'resolved';
  const connect = spec.connect ?? 'connected';
  const others = Object.entries(spec.others ?? {});
  return {
    id: host,
    host,
    port: 443,
    lookup: { outcome: lookup, addresses: resolved ? [address, ...others.map(([one]) => one)] : [], cnames: [] },
    connects: resolved
      ? [{ address, outcome: connect, ms: 1 }, ...others.map(([one, outcome]) => ({ address: one, outcome, ms: 1 }))]
      : [],
    tls: { outcome: spec.tls ?? (resolved && connect === 'connected' ? 'ok' : 'not_checked') },
  };
}

function evaluation(host: string, spec: EndpointSpec): Evaluation {
  const lookup = spec.lookupStage ?? stage('allowed', 'allowed_by_rule');
  const connect = spec.connectStage ?? stage('allowed', 'allowed_by_rule');
  return {
    destination: { host, cnames: [], addresses: [], port: 443, protocol: 'TCP' },
    decision: [lookup, spec.meshStage].some((one) => one?.decision === 'denied') ? 'denied' : connect.decision,
    decidedBy: connect.decidedBy,
    lookup,
    connect,
    ...(spec.meshStage !== undefined && { mesh: spec.meshStage }),
    isolatedBy: [POLICY],
    nearMisses: spec.nearMisses ?? [],
    assumptions: [],
    notEvaluated: [],
  };
}

const drop = (reason: string): Flow => ({
  time: AS_OF,
  verdict: 'dropped',
  dropReason: reason,
  direction: 'egress',
  source: {},
  destination: { ip: '203.0.113.20', port: 443, protocol: 'TCP', names: [], labels: [] },
  allowedBy: [],
  deniedBy: [],
  summary: 'dropped',
});

const NO_LOGS: LogReport = {
  pod: { namespace: 'shop', name: 'checkout-1' },
  containers: ['app'],
  linesRead: 10,
  truncated: false,
  failures: [],
  urls: [],
  matches: [],
};

export const logs = (report: Partial<LogReport>): Read<LogReport> => ({ ok: true, value: { ...NO_LOGS, ...report } });

export const caseOf = (endpoints: Case['endpoints'], more: Partial<Case> = {}): Case => ({
  asOf: AS_OF,
  pod: POD,
  state: STATE,
  endpoints,
  probe: {
    ok: true,
    value: {
      pod: { namespace: 'shop', name: 'checkout-1' },
      container: 'app',
      rung: 'python3',
      limits: [],
      proxyEnv: {},
      targets: [],
      startedAt: AS_OF,
      finishedAt: AS_OF,
    },
  },
  logs: logs({}),
  flows: notRead('Hubble flows', 'forbidden', 'exec into the agent is forbidden'),
  drift: notRead('git', 'not_asked', 'no repository was named'),
  ...more,
});
