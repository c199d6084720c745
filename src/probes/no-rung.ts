/** The honest answer when no probe program could run: why, and the command that would probe by hand; used by `exec-runner.ts`. */
import type { NotRead, Read } from '../core/model/cluster-state.ts';
import type { ProbeRequest } from '../core/model/probe.ts';
import { debugCommand, NOT_REMOVABLE, tryByHand } from '../core/path/debug-container.ts';

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

function debugStep({ pod, targets: [first] }: ProbeRequest): string {
  const command = debugCommand(pod, undefined, first === undefined ? undefined : tryByHand(first));
  return `Probe by hand from an ephemeral container (${NOT_REMOVABLE}): ${command}`;
}
