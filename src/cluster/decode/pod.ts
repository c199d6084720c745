/** Decodes pods: addresses, node, containers with their state; literal environment values only. */
import { z } from 'zod';
import type { Container, ContainerPort, Pod } from '../../core/model/workload.ts';
import { metaSchema } from './meta.ts';
import { compact, listOf, maybe, orEmpty, stringMap, text } from './shapes.ts';

export const protocol = z.enum(['TCP', 'UDP', 'SCTP']).catch('TCP');

const containerPort = z
  .object({ name: maybe(text), containerPort: z.number(), protocol: maybe(protocol) })
  .transform(
    (port): ContainerPort => compact({ name: port.name, port: port.containerPort, protocol: port.protocol ?? 'TCP' }),
  );

/** `valueFrom` may point at a Secret and is never followed. */
const env = listOf(z.object({ name: text, value: maybe(text) })).transform((entries) =>
  Object.fromEntries(entries.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
);

const container = z.object({
  name: text,
  image: maybe(text),
  ports: listOf(containerPort),
  env,
  restartPolicy: maybe(text),
});

const phase = maybe(z.object({ reason: maybe(text), finishedAt: maybe(text), exitCode: maybe(z.number()) }));
const status = z.object({
  name: text,
  restartCount: maybe(z.number()),
  state: maybe(z.object({ running: phase, waiting: phase, terminated: phase })),
  lastState: maybe(z.object({ terminated: phase })),
});
type Status = z.output<typeof status>;
type RawContainer = z.output<typeof container>;

const ip = z.object({ ip: maybe(text) });

const dnsConfig = z.object({
  nameservers: listOf(text),
  searches: listOf(text),
  options: listOf(z.object({ name: maybe(text), value: maybe(text) })).transform((options) =>
    options.flatMap(({ name, value }) => (name === undefined ? [] : [compact({ name, value })])),
  ),
});

const podSpec = z.object({
  nodeName: maybe(text),
  os: maybe(z.object({ name: text })),
  nodeSelector: stringMap,
  hostNetwork: maybe(z.boolean()),
  serviceAccountName: maybe(text),
  dnsPolicy: maybe(text),
  dnsConfig: maybe(dnsConfig),
  hostAliases: listOf(z.object({ ip: text, hostnames: listOf(text) })),
  containers: listOf(container),
  initContainers: listOf(container),
  ephemeralContainers: listOf(container),
});

const podStatus = z.object({
  phase: maybe(text),
  podIP: maybe(text),
  podIPs: listOf(ip),
  hostIP: maybe(text),
  hostIPs: listOf(ip),
  conditions: listOf(z.object({ type: text, status: text, reason: maybe(text) })),
  containerStatuses: listOf(status),
  initContainerStatuses: listOf(status),
  ephemeralContainerStatuses: listOf(status),
});

export const podSchema: z.ZodType<Pod> = z
  .object({ metadata: metaSchema, spec: podSpec, status: orEmpty(podStatus) })
  .transform(({ metadata, spec, status }) =>
    compact({
      meta: metadata,
      phase: status.phase ?? 'Unknown',
      os: osOf(spec),
      nodeSelector: Object.keys(spec.nodeSelector).length === 0 ? undefined : spec.nodeSelector,
      unscheduled: unscheduled(status.conditions),
      nodeName: spec.nodeName,
      nodeIPs: addresses(status.hostIPs, status.hostIP),
      podIPs: addresses(status.podIPs, status.podIP),
      hostNetwork: spec.hostNetwork ?? false,
      serviceAccount: spec.serviceAccountName ?? 'default',
      dnsPolicy: spec.dnsPolicy ?? 'ClusterFirst',
      dnsConfig: spec.dnsConfig,
      hostAliases: spec.hostAliases,
      containers: [
        ...spec.containers.map((raw) => asContainer(raw, 'app', status.containerStatuses)),
        ...spec.initContainers.map((raw) => asContainer(raw, 'init', status.initContainerStatuses)),
        ...spec.ephemeralContainers.map((raw) => asContainer(raw, 'ephemeral', status.ephemeralContainerStatuses)),
      ],
    }),
  );

/** `os.name` came with Kubernetes 1.24; before it, and beside it, Windows pods were told by the node selector (kubernetes.io, windows/user-guide). */
function osOf({ os, nodeSelector }: z.output<typeof podSpec>): string | undefined {
  return os?.name ?? nodeSelector['kubernetes.io/os'] ?? nodeSelector['beta.kubernetes.io/os'];
}

function unscheduled(conditions: z.output<typeof podStatus>['conditions']): string | undefined {
  const held = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return held && (held.reason ?? 'not scheduled');
}

function addresses(
  list: readonly { readonly ip?: string | undefined }[] | undefined,
  single: string | undefined,
): string[] {
  const all = (list ?? []).flatMap((entry) => entry.ip || []);
  return all.length > 0 || !single ? all : [single];
}

function asContainer(raw: RawContainer, role: Container['role'], statuses: readonly Status[]): Container {
  const status = statuses.find((entry) => entry.name === raw.name);
  const stopped = status?.state?.waiting ?? status?.state?.terminated;
  return compact({
    name: raw.name,
    image: raw.image ?? '',
    role,
    nativeSidecar: role === 'init' && raw.restartPolicy === 'Always' ? (true as const) : undefined,
    ports: raw.ports,
    env: raw.env,
    state: stateOf(status),
    stateReason: stopped?.reason,
    ...instancesOf(status),
  });
}

function instancesOf(status: Status | undefined): Pick<Container, 'restarts' | 'lastEnd'> {
  return compact({ restarts: status?.restartCount ?? 0, lastEnd: endOf(status) });
}

function endOf(status: Status | undefined): Container['lastEnd'] {
  const ended = status?.lastState?.terminated;
  return ended && compact({ at: ended.finishedAt, reason: ended.reason, exitCode: ended.exitCode });
}

function stateOf(status: Status | undefined): Container['state'] {
  if (status?.state?.running !== undefined) return 'running';
  if (status?.state?.waiting !== undefined) return 'waiting';
  return status?.state?.terminated === undefined ? 'unknown' : 'terminated';
}
