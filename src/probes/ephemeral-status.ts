/** Reads from a pod, as the API server tells it, what became of our ephemeral containers; used by `ephemeral.ts`. */
import { OWN_PREFIX } from '../core/path/debug-container.ts';
import { MESH_PROXIES } from '../core/path/mesh.ts';

export interface OwnContainer {
  readonly name: string;
  readonly image: string;
  /** RFC 3339; absent until it runs. */
  readonly startedAt?: string;
  readonly ended: boolean;
  /** Why it does not start, or how it ended, in the kubelet's word. */
  readonly problem?: string;
  /** The kubelet's or runtime's text on it (untrusted). */
  readonly message?: string;
}

type Raw = Readonly<Record<string, unknown>>;

const record = (value: unknown): Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
const records = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.map(record) : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** In the order in which they were added. */
export function ownContainers(pod: unknown): readonly OwnContainer[] {
  const { spec, status } = record(pod);
  const states = new Map(
    records(record(status)['ephemeralContainerStatuses']).map((entry) => [entry['name'], record(entry['state'])]),
  );
  return records(record(spec)['ephemeralContainers']).flatMap((container) => {
    const name = text(container['name']);
    if (name === undefined || !name.startsWith(OWN_PREFIX)) return [];
    return [{ name, image: text(container['image']) ?? '', ...stateOf(states.get(name) ?? {}) }];
  });
}

/** Reasons for waiting that are no fault. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', 'Pulling']);

function stateOf({ running, waiting, terminated }: Raw): Omit<OwnContainer, 'name' | 'image'> {
  if (running !== undefined) {
    // A kubelet that gives no time would otherwise never be seen to have started it.
    return { ended: false, startedAt: text(record(running)['startedAt']) ?? new Date(0).toISOString() };
  }
  const ended = terminated !== undefined;
  const { reason, message } = record(ended ? terminated : waiting);
  const problem = text(reason);
  if (problem === undefined || (!ended && STARTING.has(problem))) return { ended };
  const said = text(message);
  return { ended, problem, ...(said === undefined ? {} : { message: said }) };
}

/** nobody, as distroless images and Kubernetes' own call it: any user but root does. */
const NOT_ROOT = 65_532;

/**
 * Nothing where the pod as a whole already runs as somebody (a container inherits it); where only its containers do, as one of them:
 * some clusters give each namespace its own range of users and admit no other (OpenShift's restricted-v2). Never as a mesh's proxy, whose
 * user's connections the mesh lets go around it (istio.io, application requirements).
 */
export function userFor(pod: unknown): number | undefined {
  const spec = record(record(pod)['spec']);
  const user = (owner: Raw): number => {
    const id = record(owner['securityContext'])['runAsUser'];
    return typeof id === 'number' ? id : 0;
  };
  if (user(spec) > 0) return undefined;
  const apps = records(spec['containers']).filter(({ name }) => !MESH_PROXIES.has(String(name)));
  return apps.map(user).find((id) => id > 0) ?? NOT_ROOT;
}
