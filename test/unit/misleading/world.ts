/** Test support: a whole diagnosis over logs as programs write them, flows as the engine tells them and a cluster with a past. */
import { mergeFailures, mergeUrls } from '../../../src/core/logs/merge.ts';
import type { ClusterState, Read } from '../../../src/core/model/cluster-state.ts';
import type { Diagnosis } from '../../../src/core/model/diagnosis.ts';
import type { Flow, FlowReport } from '../../../src/core/model/flow.ts';
import type { Revision, WorkloadHistory } from '../../../src/core/model/history.ts';
import type { LogReport, LogRole, LogWindow } from '../../../src/core/model/logs.ts';
import type { ObjectMeta } from '../../../src/core/model/object-meta.ts';
import type { CiliumPolicy } from '../../../src/core/model/policy.ts';
import { diagnoseEgress } from '../../../src/diagnose/diagnose-egress.ts';
import type { DiagnoseInput } from '../../../src/diagnose/diagnose-input.ts';
import { createLogReader } from '../../../src/logs/read-log.ts';
import { KUBE_DNS } from '../diagnose/kube-dns.ts';
import { dropOf, memoryDeps, type World } from '../diagnose/memory-ports.ts';
import { POD, STATE } from '../verdict/case-builder.ts';

export const API = 'api.vendor.example';
export const FILES = 'files.vendor.example';
/** The clock stands at noon of that day. */
export const at = (time: string): string => `2026-11-24T${time}Z`;
export const LONG_AGO = '2026-10-01T08:00:00Z';

const selector = (matchLabels: Record<string, string>) => ({ matchLabels, matchExpressions: [] });

export const metaOf = (namespace: string | undefined, name: string, more: Partial<ObjectMeta> = {}): ObjectMeta => ({
  ...(namespace === undefined ? {} : { namespace }),
  name,
  labels: {},
  annotations: {},
  owners: [],
  managers: [],
  ...more,
});

/** Last written then, status aside. */
export const written = (time: string, manager = 'kubectl-edit'): Partial<ObjectMeta> => ({
  generation: 3,
  creationTimestamp: LONG_AGO,
  managers: [{ manager, operation: 'Update', time }],
});

/** What a case says of the outcome; what it leaves out is not looked at. */
export interface Expected {
  readonly verdict?: Diagnosis['verdict'];
  readonly about?: string;
  readonly cause?: string;
  readonly confidence?: string;
  readonly changed?: string;
  /** The state of the finding that the logs name the host. */
  readonly logs?: string;
  readonly drop?: string;
  readonly past?: string;
  readonly fix?: boolean;
}

export function outcomeOf(diagnosis: Diagnosis, { ...wanted }: Expected): Expected {
  const { verdict, about, cause, timeline, fix } = diagnosis;
  const all = {
    verdict,
    about: about.host,
    cause: cause?.class ?? 'none',
    confidence: cause?.confidence ?? 'none',
    changed: timeline?.changed ?? 'none',
    logs: findingOf(diagnosis, 'logs-name-host')?.state ?? 'none',
    drop: findingOf(diagnosis, 'engine-reports-drop')?.state ?? 'none',
    past: findingOf(diagnosis, 'drop-at-failure')?.state ?? 'none',
    fix: fix !== undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in wanted)) as Expected;
}

/** DNS through the proxy, and those names on 443. */
export function allowing(names: readonly string[], meta: Partial<ObjectMeta> = written(LONG_AGO)): CiliumPolicy {
  return {
    kind: 'CiliumNetworkPolicy',
    meta: metaOf('shop', 'checkout-egress', meta),
    conditions: [],
    rules: [
      {
        path: 'spec',
        rule: {
          endpointSelector: selector({ app: 'checkout' }),
          hasIngress: false,
          egress: [
            {
              toEndpoints: [selector({ 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s-app': 'kube-dns' })],
              toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], dns: [{ matchPattern: '*' }] }],
            },
            {
              toFQDNs: names.map((matchName) => ({ matchName })),
              toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
            },
          ],
        },
      },
    ],
  };
}

const DNS_POD = {
  ...POD,
  meta: metaOf('kube-system', 'coredns-1', { labels: { 'k8s-app': 'kube-dns' } }),
  podIPs: ['10.0.0.9'],
};

export const cluster = (...policies: readonly CiliumPolicy[]): ClusterState => ({
  ...STATE,
  engine: { ...STATE.engine, config: {} },
  namespaces: [{ meta: metaOf(undefined, 'shop') }, { meta: metaOf(undefined, 'kube-system') }],
  pods: [POD, DNS_POD],
  ...KUBE_DNS,
  policies,
});

export const ALLOWS_API = cluster(allowing([API, 'login.idp.example']));

export interface ContainerLog {
  readonly container?: string;
  readonly role?: LogRole;
  readonly previous?: true;
  readonly cutBy?: LogWindow['cutBy'];
  /** The time of day by the kubelet, and what the program wrote; a text without a time goes without a stamp. */
  readonly lines: readonly (readonly [time: string, text: string])[];
}

/** Read and put together as `logs/log-source.ts` does. */
export function logged(...logs: readonly ContainerLog[]): Read<LogReport> {
  const parts = logs.map(({ container = 'app', role, previous, cutBy, lines }) => {
    const origin = { container, ...(role && { role }), ...(previous && { previous }) };
    const reader = createLogReader(origin);
    reader.push(
      Buffer.from(
        lines.map(([time, text]) => `${time === '' ? '' : `2026-11-24T${time}.000000000Z `}${text}\n`).join(''),
      ),
    );
    return { origin, ...(cutBy && { cutBy }), findings: reader.finish() };
  });
  return {
    ok: true,
    value: {
      pod: { namespace: 'shop', name: POD.meta.name },
      containers: [...new Set(parts.map(({ origin }) => origin.container))],
      linesRead: parts.reduce((sum, { findings }) => sum + findings.lines, 0),
      truncated: parts.some(({ cutBy }) => cutBy !== undefined && cutBy !== 'since'),
      windows: parts.map(({ origin, cutBy, findings: { from, to } }) => ({
        ...origin,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(cutBy && { cutBy }),
      })),
      failures: mergeFailures(parts.flatMap(({ findings }) => findings.failures)),
      urls: mergeUrls(parts.flatMap(({ findings }) => findings.urls)),
      matches: [],
    },
  };
}

export const app = (...lines: ContainerLog['lines']): Read<LogReport> => logged({ lines });

/** What requests writes. */
export const timedOut = (host: string, port = 443): string =>
  `requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='${host}', port=${port}): Max retries exceeded with url: /x (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f>, 'Connection to ${host} timed out. (connect timeout=5)'))`;
export const unresolved = (host: string): string => `Error: getaddrinfo EAI_AGAIN ${host}`;
export const signed = (host: string): string =>
  `https://${host}/exports/42.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261124%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261124T110000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef`;

export const revision = (
  number: number,
  created: string,
  image: string,
  more: Partial<Revision> & { readonly env?: Readonly<Record<string, string>> } = {},
): Revision => ({
  object: { kind: 'ReplicaSet', namespace: 'shop', name: `checkout-${number}` },
  revision: number,
  created,
  current: false,
  containers: [{ name: 'app', role: 'app', image, env: more.env ?? {} }],
  ...(more.settings && { settings: more.settings }),
});

export function history(...revisions: readonly Revision[]): Read<WorkloadHistory> {
  const last = Math.max(...revisions.map((one) => one.revision));
  return {
    ok: true,
    value: {
      workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
      revisions: revisions.map((one) => ({ ...one, current: one.revision === last })),
    },
  };
}

export const upgraded = (time: string): Read<WorkloadHistory> =>
  history(revision(1, LONG_AGO, 'vendor/app:2.3'), revision(2, time, 'vendor/app:2.4'));

export const NETWORK = { [API]: 'connects', 'login.idp.example': 'connects', [FILES]: 'silent' } as const;

export interface Misleading extends Partial<World> {
  /** The container's clock minus this one's. */
  readonly skew?: number;
  /** What the engine has of the time when the logs show the last failure. */
  readonly past?: Partial<FlowReport>;
}

export async function diagnosed(
  { past, skew, ...world }: Misleading,
  host = API,
  more: Partial<DiagnoseInput> = {},
): Promise<Diagnosis> {
  const deps = memoryDeps({ state: ALLOWS_API, network: NETWORK, ...world });
  const observe: typeof deps.flows.observe = async (request, signal) =>
    past !== undefined && request.untilSeconds !== undefined
      ? { ok: true, value: { flows: [], source: 'hubble', truncated: false, ...past } }
      : deps.flows.observe(request, signal);
  const run: typeof deps.probes.run = async (...asked) => {
    const probe = await deps.probes.run(...asked);
    return probe.ok && skew !== undefined ? { ok: true, value: { ...probe.value, clockSkewSeconds: skew } } : probe;
  };
  return diagnoseEgress(
    { ...deps, probes: { ...deps.probes, run }, flows: { ...deps.flows, observe } },
    {
      workload: { namespace: 'shop', kind: 'pod', name: POD.meta.name },
      target: { host, port: 443 },
      connectTimeoutMs: 30,
      ...more,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
}

export function dropAt(
  time: string,
  host = FILES,
  to: Partial<Flow['destination']> = {},
  more: Partial<Flow> = {},
): Flow {
  const drop = dropOf(host);
  const destination = { ...drop.destination, names: [host], ...to };
  return { ...drop, time: at(time), summary: `${drop.summary} ${time}`, destination, ...more };
}

export const findingOf = ({ findings }: Diagnosis, id: string) => findings.find((one) => one.id === id);
export const textOf = (diagnosis: Diagnosis): string => JSON.stringify(diagnosis);
