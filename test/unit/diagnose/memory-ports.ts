/** Ports over plain values, so that the orchestration can be held to its promises without a cluster; adapters have their own suites. */
import type { ClusterState, Read } from '../../../src/core/model/cluster-state.ts';
import type { Flow } from '../../../src/core/model/flow.ts';
import type { WorkloadHistory } from '../../../src/core/model/history.ts';
import type { ProbeReport, ProbeRequest, TargetReport } from '../../../src/core/model/probe.ts';
import type { SyncState } from '../../../src/core/model/sync.ts';
import type { Pod } from '../../../src/core/model/workload.ts';
import { notRead } from '../../../src/core/verdict/case.ts';
import type { Deps } from '../../../src/diagnose/deps.ts';
import { logs, POD } from '../verdict/case-builder.ts';

export interface World {
  readonly state: ClusterState;
  readonly sync?: SyncState;
  /** What the probe finds for a host; `silent` waits until it is aborted or its time-out passes, `late` connects after a while. */
  readonly network: Readonly<Record<string, 'connects' | 'silent' | 'late' | 'nxdomain'>>;
  /** Drops the engine reports once the probe runs. */
  readonly drops?: readonly Flow[];
  readonly logs?: ReturnType<typeof logs>;
  readonly history?: Read<WorkloadHistory>;
  readonly exec?: boolean;
  /** The pod itself, where it differs. */
  readonly pod?: Partial<Pod>;
  /** Addresses of a host, where the usual one does not do. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  readonly proxyEnv?: Readonly<Record<string, string>>;
  /** Hosts whose answer to a request, where one is asked for, redirects to another host. */
  readonly redirects?: Readonly<Record<string, string>>;
  /** Hears every probe. */
  readonly asked?: (request: ProbeRequest) => void;
}

const address = (host: string): string => `203.0.113.${host.length}`;

export const dropOf = (host: string): Flow => ({
  time: '2026-11-24T12:00:00.500Z',
  verdict: 'dropped',
  dropReason: 'POLICY_DENIED',
  direction: 'egress',
  source: { namespace: 'shop', pod: POD.meta.name },
  destination: { ip: address(host), port: 443, protocol: 'TCP', names: [], labels: ['reserved:world'] },
  allowedBy: [],
  deniedBy: [],
  summary: `dropped ${host}`,
});

export function memoryDeps(world: World): Deps {
  return {
    clock: { now: () => new Date('2026-11-24T12:00:00.000Z') },
    cluster: {
      identify: () => ({ context: 'test', server: 'https://test.invalid' }),
      findPod: async () => ({ ok: true, value: { ...POD, containers: [APP], ...world.pod } }),
      findPods: async () => ({ ok: true, value: [{ ...POD, containers: [APP], ...world.pod }] }),
      readState: async () => world.state,
      readHistory: async () => world.history ?? notRead('revisions', 'unsupported', 'nothing owns the pod'),
      readSync: async () => world.sync ?? { controllers: [], notRead: [] },
    },
    logs: { grep: async () => world.logs ?? logs({}) },
    gitops: {
      compare: async () => notRead('git', 'unreachable', 'no repository here'),
      patch: async (changes) => ({
        ok: true,
        value: { diff: `+${JSON.stringify(changes)}\n`, file: 'policy.yaml', inGit: false },
      }),
    },
    flows: flowsOf(world),
    probes: { run: (request, onEvent, signal) => probe(world, request, { onEvent, signal }) },
  };
}

const APP = { name: 'app', image: 'x', role: 'app', ports: [], env: {}, state: 'running', restarts: 0 } as const;

function flowsOf({ drops }: World): Deps['flows'] {
  if (drops === undefined) {
    const gap = notRead('Hubble flows', 'forbidden', 'exec into the agent is forbidden', 'grant create on pods/exec');
    return { observe: async () => gap, follow: async () => gap, fqdnCache: async () => gap };
  }
  return {
    observe: async () => ({ ok: true, value: { flows: drops, source: 'hubble', truncated: false } }),
    follow: async (_request, on, signal) => {
      on.ready();
      setTimeout(() => drops.forEach((flow) => on.flow(flow)), 20);
      await aborted(signal);
      return { ok: true, value: undefined };
    },
    fqdnCache: async () => ({ ok: true, value: [] }),
  };
}

type Hooks = { readonly onEvent: Parameters<Deps['probes']['run']>[1]; readonly signal: AbortSignal };

async function probe(world: World, request: ProbeRequest, hooks: Hooks): Promise<Read<ProbeReport>> {
  if (world.exec === false)
    return notRead('probe', 'forbidden', 'exec is forbidden', 'grant create on pods/exec in namespace shop');
  world.asked?.(request);
  const targets = await Promise.all(
    request.targets.map(async (target) => {
      const report = await probeTarget(world, target.host, { ...hooks, timeoutMs: request.connectTimeoutMs });
      return target.path === undefined || report.tls.outcome !== 'ok' ? report : answered(world, report, hooks);
    }),
  );
  const now = '2026-11-24T12:00:00.000Z';
  return {
    ok: true,
    value: {
      pod: request.pod,
      container: request.container,
      rung: 'memory',
      limits: [],
      proxyEnv: world.proxyEnv ?? {},
      targets,
      startedAt: now,
      finishedAt: now,
    },
  };
}

function answered(world: World, report: TargetReport, { onEvent }: Hooks): TargetReport {
  const to = world.redirects?.[report.host];
  const redirect = { scheme: 'https', host: to ?? '', port: 443, pathClass: 'presigned' } as const;
  const http = { outcome: 'answered', ...(to === undefined ? { status: 200 } : { status: 307, redirect }) } as const;
  onEvent({ kind: 'http', id: report.id, http });
  return { ...report, http };
}

async function probeTarget(
  world: World,
  host: string,
  { onEvent, signal, timeoutMs }: Hooks & { timeoutMs: number },
): Promise<TargetReport> {
  const id = `${host}|443`;
  const found = world.network[host] ?? 'nxdomain';
  const at = world.addresses?.[host] ?? [address(host)];
  const lookup =
    found === 'nxdomain'
      ? { outcome: found, addresses: [], cnames: [] }
      : { outcome: 'resolved' as const, addresses: at, cnames: [] };
  onEvent({ kind: 'lookup', id, lookup });
  const base = { id, host, port: 443, lookup };
  if (found === 'nxdomain') return { ...base, connects: [], tls: { outcome: 'not_checked' } };
  if (found === 'connects') {
    const connect = { address: address(host), outcome: 'connected' as const, ms: 1 };
    onEvent({ kind: 'connect', id, connect });
    onEvent({ kind: 'tls', id, tls: { outcome: 'ok' } });
    return { ...base, connects: [connect], tls: { outcome: 'ok' } };
  }
  if (found === 'late') {
    const early = await Promise.race([aborted(signal).then(() => true), sleep(200).then(() => false)]);
    if (!early) return { ...base, connects: [{ address: at[0] ?? '', outcome: 'connected' }], tls: { outcome: 'ok' } };
    return { ...base, connects: [{ address: at[0] ?? '', outcome: 'not_checked' }], tls: { outcome: 'not_checked' } };
  }
  const cut = await Promise.race([aborted(signal).then(() => true), sleep(timeoutMs).then(() => false)]);
  return {
    ...base,
    connects: at.map((one) => ({ address: one, outcome: cut ? ('not_checked' as const) : ('timeout' as const) })),
    tls: { outcome: 'not_checked' },
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
