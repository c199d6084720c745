/** Picks the container of a pod in which a probe can run: asked by `diagnose` before the probe, pure. */
import type { NotRead, Read } from '../model/cluster-state.ts';
import type { Container, Pod } from '../model/workload.ts';
import { MESH_PROXIES } from './mesh.ts';

export interface ChosenContainer {
  readonly container: string;
  /** Why this one, where that is not plain; belongs beside the probe's evidence. */
  readonly note?: string;
}

const HELPERS = new Set([
  'vault-agent',
  'cloud-sql-proxy',
  'cloudsql-proxy',
  'alloydb-auth-proxy',
  'daprd',
  'aws-xray-daemon',
  'xray-daemon',
  'datadog-agent',
  'fluent-bit',
  'fluentd',
  'filebeat',
  'otel-collector',
  'opentelemetry-collector',
  'oauth2-proxy',
  'kube-rbac-proxy',
  'git-sync',
  'jaeger-agent',
]);

/** kubectl's own convention for "the container that matters". */
const DEFAULT_ANNOTATION = 'kubectl.kubernetes.io/default-container';

/**
 * The container to probe: `wanted`, or the annotated default, or the first running app container that is no known sidecar.
 * All containers of a pod share its network, so another running one stands in, with a note; a mesh proxy never does by itself.
 */
export function chooseContainer(pod: Pod, wanted?: string): Read<ChosenContainer> {
  if (wanted !== undefined) return chooseWanted(pod, wanted);
  const apps = pod.containers.filter((container) => container.role === 'app');
  const main = mainContainer(pod, apps);
  const candidates = [
    ...(main ? [main] : []),
    ...apps.filter((app) => isOwn(app)),
    ...apps.filter((app) => isHelper(app)),
  ];
  const chosen = candidates.find((app) => app.state === 'running') ?? candidates.find((app) => app.state === 'unknown');
  if (chosen === undefined) return notRead(pod, 'unsupported', noneRuns(pod, apps), afterNoneRuns(pod, apps));
  const note = noteOn(chosen, main);
  return { ok: true, value: { container: chosen.name, ...(note === undefined ? {} : { note }) } };
}

function chooseWanted(pod: Pod, wanted: string): Read<ChosenContainer> {
  const found = pod.containers.find((container) => container.name === wanted);
  if (found === undefined) {
    const names = pod.containers.map((container) => container.name).join(', ');
    return notRead(pod, 'not_found', `the pod has no container "${wanted}"`, `name one of: ${names}`);
  }
  if (found.state === 'running') return { ok: true, value: { container: found.name } };
  if (found.state === 'unknown') return { ok: true, value: { container: found.name, note: stateUnknown(found) } };
  return notRead(
    pod,
    'unsupported',
    `${describe(found)}; a probe needs a running container`,
    afterNoneRuns(pod, [found]),
  );
}

function mainContainer(pod: Pod, apps: readonly Container[]): Container | undefined {
  const annotated = pod.meta.annotations[DEFAULT_ANNOTATION];
  return apps.find((app) => app.name === annotated) ?? apps.find((app) => isOwn(app)) ?? apps[0];
}

const isOwn = (container: Container): boolean => !MESH_PROXIES.has(container.name) && !HELPERS.has(container.name);
const isHelper = (container: Container): boolean => HELPERS.has(container.name);

function noteOn(chosen: Container, main: Container | undefined): string | undefined {
  if (chosen.state === 'unknown') return stateUnknown(chosen);
  if (main === undefined || chosen === main) return undefined;
  return `probed from container ${chosen.name}, which shares the pod's network, because ${describe(main)}`;
}

const stateUnknown = (container: Container): string => `the state of container ${container.name} is not known`;

const describe = (container: Container): string =>
  `container ${container.name} is ${container.state}${container.stateReason ? ` (${container.stateReason})` : ''}`;

function noneRuns(pod: Pod, apps: readonly Container[]): string {
  if (apps.length === 0) return `the pod (phase ${pod.phase}) lists no app container`;
  return `no app container that can be probed is running (pod phase ${pod.phase}): ${apps.map(describe).join('; ')}`;
}

function afterNoneRuns(pod: Pod, containers: readonly Container[]): string {
  const { namespace = 'default', name } = pod.meta;
  const proxy = pod.containers.find((container) => MESH_PROXIES.has(container.name) && container.state === 'running');
  if (proxy !== undefined) {
    return `name container ${proxy.name} to probe from the mesh proxy (its own traffic may bypass the mesh), or use kubectl debug -it -n ${namespace} ${name} --image=busybox`;
  }
  const crashed = containers.find((container) => container.restarts > 0);
  const logs = crashed ? `; kubectl logs -n ${namespace} ${name} -c ${crashed.name} --previous shows why it ended` : '';
  return `probe a running pod of the same workload, or add a debug container: kubectl debug -it -n ${namespace} ${name} --image=busybox${logs}`;
}

function notRead(pod: Pod, code: NotRead['code'], reason: string, nextStep: string): Read<ChosenContainer> {
  const what = `probe from inside pod ${pod.meta.namespace ?? 'default'}/${pod.meta.name}`;
  return { ok: false, notRead: { what, code, reason, nextStep } };
}
