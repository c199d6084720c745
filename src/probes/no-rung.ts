/** The honest answer when no probe program could run: why, and the command that would probe by hand; used by `exec-runner.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ProbeRequest } from '../core/model/probe.ts';

/** `code`: `unsupported` when the image has nothing, `timeout` or `invalid` when it started but said nothing usable. */
export function noRung(
  request: ProbeRequest,
  code: Extract<NotRead['code'], 'unsupported' | 'timeout' | 'invalid'>,
  reason: string,
): Read<never> {
  return { ok: false, notRead: { what: whatOf(request), code, reason, nextStep: debugStep(request) } };
}

export function whatOf(request: ProbeRequest): string {
  return `probe from inside pod ${request.pod.namespace}/${request.pod.name} container ${request.container}`;
}

/** An ephemeral container shares the pod's network, so the pod's policies hold for it; it stays in the pod's spec. */
function debugStep(request: ProbeRequest): string {
  const { namespace, name } = request.pod;
  const [first] = request.targets;
  const probe =
    first === undefined
      ? 'sh'
      : `sh -c 'nslookup ${first.host}; nc -w 3 ${first.host} ${first.port} -e true; echo "exit $?"'`;
  return `Probe by hand from an ephemeral container, which stays listed in the pod until the pod is replaced: kubectl debug -it -n ${namespace} ${name} --image=busybox --target=${request.container} -- ${probe}`;
}
