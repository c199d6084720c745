/** May an ephemeral container be added, and then adds it: refusal is the default; asked by `probe-ways.ts` when no container can run a probe. */
import type { NotRead, Read } from '../../core/model/cluster-state.ts';
import type { Pod } from '../../core/model/workload.ts';
import { debugCommand, NOT_REMOVABLE } from '../../core/path/debug-container.ts';
import type { Deps, Run } from '../deps.ts';
import { podRef } from '../locate.ts';

/** The name of a running container that a probe can use. `byHand`: a shell command for the person who has to do it instead. */
export async function addEphemeral(deps: Deps, pod: Pod, byHand: string, run: Run): Promise<Read<string>> {
  const { ephemeral } = deps;
  const ref = podRef(pod);
  if (ephemeral === undefined)
    return refused(pod, 'this program was started without --allow-ephemeral', debugCommand(ref, undefined, byHand));
  const { image } = ephemeral;
  const where = `pod ${ref.namespace}/${ref.name}`;
  const question = `No program in ${where} can probe the network. Add an ephemeral container with image ${image} to it? It runs without privileges and ends by itself after ten minutes, but ${NOT_REMOVABLE}.`;
  const answer = await run.confirm?.(question);
  if (answer !== undefined && answer !== 'accepted')
    return refused(pod, answer === 'declined' ? 'it was declined' : NOBODY, debugCommand(ref, image, byHand));
  run.progress(`adding an ephemeral container (${image}) to ${where}: ${NOT_REMOVABLE}`);
  return ephemeral.add(ref, run.signal);
}

const NOBODY = 'nobody answered the question whether it may be';

function refused({ meta }: Pod, why: string, command: string): Read<never> {
  const notRead: NotRead = {
    what: `ephemeral container in pod ${meta.namespace ?? 'default'}/${meta.name}`,
    code: 'refused',
    reason: `no ephemeral container was added, because ${why}`,
    nextStep: `Add one by hand (${NOT_REMOVABLE}): ${command}`,
  };
  return { ok: false, notRead };
}
