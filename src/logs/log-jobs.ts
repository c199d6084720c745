/** Which logs of a pod are read, and what their containers are to it; used by `log-source.ts`. */
import type { LogRequest, LogRole } from '../core/model/logs.ts';
import type { Container, Pod } from '../core/model/workload.ts';
import { OWN_PREFIX } from '../core/path/debug-container.ts';
import { MESH_PROXIES } from '../core/path/mesh.ts';

export interface LogJob {
  readonly container: string;
  readonly role?: LogRole;
  readonly previous: boolean;
}

/** All containers that have run but this program's own, or the one asked for. A previous instance exists only where the kubelet counted a restart. */
export function logJobs(pod: Pod, request: Pick<LogRequest, 'container' | 'previous'>): readonly LogJob[] {
  const chosen = pod.containers.filter(({ name }) =>
    request.container === undefined ? !name.startsWith(OWN_PREFIX) : name === request.container,
  );
  return chosen.filter(hasStarted).flatMap((container) => {
    const role = roleOf(container);
    const job = { container: container.name, ...(role && { role }) };
    const restarted = request.previous && container.restarts > 0;
    return [{ ...job, previous: false }, ...(restarted ? [{ ...job, previous: true }] : [])];
  });
}

/** A container that never ran has no log, and asking for it is an error of the API, not a finding. */
function hasStarted({ state, stateReason, restarts }: Container): boolean {
  return state !== 'waiting' || restarts > 0 || stateReason === 'CrashLoopBackOff';
}

function roleOf({ name, role, nativeSidecar }: Container): LogRole | undefined {
  if (MESH_PROXIES.has(name)) return 'mesh_proxy';
  if (nativeSidecar) return 'sidecar';
  return role === 'app' ? undefined : role;
}
