/** Picks the containers of a pod in which a probe can run, best first: asked by `diagnose/steps/probe-ways.ts` before the probe, pure. */
import type { NotRead } from '../model/cluster-state.ts';
import type { Container, Pod } from '../model/workload.ts';
import { debugCommand, OWN_PREFIX } from './debug-container.ts';
import { MESH_PROXIES } from './mesh.ts';

export interface ChosenContainer {
  readonly container: string;
  /** Why this one, where that is not plain, and what its network is; belongs beside the probe's evidence. */
  readonly note?: string;
}

export type Choice =
  | { readonly ok: true; readonly value: readonly [ChosenContainer, ...ChosenContainer[]] }
  /** `room`: the kubelet would still start an ephemeral container in this pod. */
  | { readonly ok: false; readonly notRead: NotRead; readonly room: boolean };

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
 * `wanted` alone, or: the annotated default, the first app container that is no known sidecar, the other ones, native sidecars, and
 * an ephemeral container of ours from before. All containers of a pod share its network, so another running one stands in, with
 * a note; a mesh proxy, whose own traffic may go around the mesh, and an init container never do so by themselves.
 */
export function chooseContainers(pod: Pod, wanted?: string): Choice {
  if (wanted !== undefined) return chooseWanted(pod, wanted);
  const nothing = nothingRuns(pod);
  if (nothing !== undefined) return nothing;
  const apps = pod.containers.filter((container) => container.role === 'app');
  const main = appContainer(pod);
  const order = inOrder(pod, apps, main);
  const running = order.filter(({ state }) => state === 'running');
  const usable = running.length > 0 ? running : order.filter(({ state }) => state === 'unknown');
  const [first, ...rest] = usable.map((container) => withNotes(pod, container, main));
  if (first !== undefined) return { ok: true, value: [first, ...rest] };
  return noneRuns(pod, apps);
}

function inOrder(pod: Pod, apps: readonly Container[], main: Container | undefined): readonly Container[] {
  const sidecars = pod.containers.filter(({ nativeSidecar }) => nativeSidecar === true);
  const ours = pod.containers.filter(({ role, name }) => role === 'ephemeral' && name.startsWith(OWN_PREFIX));
  const all = [
    ...(main === undefined ? [] : [main]),
    ...apps.filter(isOwn),
    ...apps.filter(isHelper),
    ...sidecars.filter(isOwn),
    ...sidecars.filter(isHelper),
    ...ours,
  ];
  return [...new Set(all)];
}

function chooseWanted(pod: Pod, wanted: string): Choice {
  const found = pod.containers.find((container) => container.name === wanted);
  if (found === undefined) {
    const names = pod.containers.map((container) => container.name).join(', ');
    return none(pod, `the pod has no container "${wanted}"`, { next: `name one of: ${names}`, code: 'not_found' });
  }
  const nothing = nothingRuns(pod);
  if (nothing !== undefined) return nothing;
  if (found.state === 'running' || found.state === 'unknown')
    return { ok: true, value: [withNotes(pod, found, found)] };
  const other = chooseContainers(pod);
  const others = other.ok ? other.value.map(({ container }) => container).join(', ') : undefined;
  return none(pod, `${describe(found)}; a probe needs a running container`, {
    next:
      others === undefined
        ? afterNoneRuns(pod, [found])
        : `leave the container out to probe from ${others}, which shares the pod's network${previousLogs(pod, [found])}`,
    room: others === undefined && hasSandbox(pod),
  });
}

/** The container that the pod is for: the annotated default, else the first that is no known sidecar. */
export function appContainer(pod: Pod): Container | undefined {
  const apps = pod.containers.filter(({ role }) => role === 'app');
  const annotated = pod.meta.annotations[DEFAULT_ANNOTATION];
  return apps.find((app) => app.name === annotated) ?? apps.find((app) => isOwn(app)) ?? apps[0];
}

const isOwn = (container: Container): boolean => !MESH_PROXIES.has(container.name) && !HELPERS.has(container.name);
const isHelper = (container: Container): boolean => HELPERS.has(container.name);

function withNotes(pod: Pod, chosen: Container, main: Container | undefined): ChosenContainer {
  const notes = [whyThis(pod, chosen, main), leaving(pod), onHost(pod)].filter((note) => note !== undefined);
  return { container: chosen.name, ...(notes.length === 0 ? {} : { note: notes.join('; ') }) };
}

function whyThis(pod: Pod, chosen: Container, main: Container | undefined): string | undefined {
  if (chosen.state === 'unknown') return `the state of container ${chosen.name} is not known`;
  if (chosen.role === 'init' && chosen.nativeSidecar !== true)
    return `probed from init container ${chosen.name}, before the app has started`;
  if (main === undefined || chosen === main) return firstOfSeveral(pod, chosen, main);
  const stands = chosen.role === 'ephemeral' ? `ephemeral container ${chosen.name}` : `container ${chosen.name}`;
  return `probed from ${stands}, which shares the pod's network, because ${whyNot(main)}`;
}

const whyNot = (main: Container): string =>
  main.state === 'running' ? `no probe can run in container ${main.name}` : describe(main);

/** Their network is one; environment and trust store are each container's own. */
function firstOfSeveral(pod: Pod, chosen: Container, main: Container | undefined): string | undefined {
  const own = pod.containers.filter((container) => container.role === 'app' && isOwn(container));
  const named = pod.meta.annotations[DEFAULT_ANNOTATION] !== undefined;
  if (main === undefined || own.length < 2 || named || own[0] !== chosen) return undefined;
  const others = own.slice(1).map(({ name }) => name);
  return `probed from container ${chosen.name}, the first of the pod's app containers; ${others.join(', ')} may have another environment and other certificate authorities`;
}

const leaving = ({ meta }: Pod): string | undefined =>
  meta.deletionTimestamp === undefined ? undefined : 'the pod is being deleted';

/** Policies select pods by their own address; a pod of the host network has its node's (kubernetes.io, network-policies). */
const onHost = ({ hostNetwork }: Pod): string | undefined =>
  hostNetwork
    ? "the pod uses its node's network (hostNetwork): what the probe says is said of the node, and policies for pods do not hold there, only policies for hosts"
    : undefined;

const describe = (container: Container): string =>
  `container ${container.name} is ${container.state}${container.stateReason ? ` (${container.stateReason})` : ''}`;

/** Before its first container has started, and after its last one has ended, whatever states are missing. */
function nothingRuns(pod: Pod): Choice | undefined {
  const { namespace = 'default', name } = pod.meta;
  if (pod.unscheduled !== undefined)
    return none(pod, `the pod has not been placed on a node yet (${pod.unscheduled}), so it has no network`, {
      next: `kubectl describe pod -n ${namespace} ${name} shows what the scheduler waits for.`,
    });
  if (pod.phase !== 'Succeeded' && pod.phase !== 'Failed') return undefined;
  return none(pod, `the pod has ended (phase ${pod.phase}): nothing runs in it any more`, {
    next: `Probe a running pod of the same workload, or start it again; kubectl logs -n ${namespace} ${name} shows what it met.`,
  });
}

function noneRuns(pod: Pod, apps: readonly Container[]): Choice {
  const { namespace = 'default', name } = pod.meta;
  if (pod.meta.deletionTimestamp !== undefined)
    return none(pod, `the pod is being deleted, and no container that can be probed runs in it any more`, {
      next: 'Probe the pod that replaces it.',
    });
  const init = pod.containers.find(
    ({ role, state, nativeSidecar }) => role === 'init' && state === 'running' && nativeSidecar !== true,
  );
  if (init !== undefined)
    return none(pod, `init container ${init.name} still runs, so the app has not started`, {
      next: `Name it to probe from it: container ${init.name}; kubectl logs -n ${namespace} ${name} -c ${init.name} shows what it waits for.`,
      room: true,
    });
  if (apps.length === 0) return none(pod, `the pod (phase ${pod.phase}) lists no app container`, {});
  const reason = `no app container that can be probed is running (pod phase ${pod.phase}): ${statesOf(pod, apps)}`;
  return none(pod, reason, { next: afterNoneRuns(pod, pod.containers), room: hasSandbox(pod) });
}

/** An init container that fails is why the others wait. */
function statesOf(pod: Pod, apps: readonly Container[]): string {
  const failing = pod.containers.filter(
    ({ role, state, stateReason }) =>
      role === 'init' && state !== 'running' && stateReason !== undefined && stateReason !== 'Completed',
  );
  return [...failing, ...apps].map(describe).join('; ');
}

/** The kubelet starts ephemeral containers also while others wait or crash (kuberuntime_manager.go, computePodActions), once the pod has a node. */
const hasSandbox = (pod: Pod): boolean => pod.nodeName !== undefined && pod.meta.deletionTimestamp === undefined;

function afterNoneRuns(pod: Pod, containers: readonly Container[]): string {
  const { namespace = 'default', name } = pod.meta;
  const byHand = debugCommand({ namespace, name });
  const proxy = pod.containers.find((container) => MESH_PROXIES.has(container.name) && container.state === 'running');
  if (proxy !== undefined)
    return `name container ${proxy.name} to probe from the mesh proxy (its own traffic may bypass the mesh), or add a debug container: ${byHand}`;
  return `probe a running pod of the same workload, or add a debug container: ${byHand}${previousLogs(pod, containers)}`;
}

function previousLogs({ meta }: Pod, containers: readonly Container[]): string {
  const crashed = containers.find((container) => container.restarts > 0);
  return crashed === undefined
    ? ''
    : `; kubectl logs -n ${meta.namespace ?? 'default'} ${meta.name} -c ${crashed.name} --previous shows why it ended`;
}

interface Why {
  readonly next?: string;
  readonly code?: NotRead['code'];
  readonly room?: boolean;
}

function none(pod: Pod, reason: string, { next, code = 'unsupported', room = false }: Why): Choice {
  const what = `probe from inside pod ${pod.meta.namespace ?? 'default'}/${pod.meta.name}`;
  return {
    ok: false,
    room,
    notRead: { what, code, reason, ...(next === undefined ? {} : { nextStep: next }) },
  };
}
