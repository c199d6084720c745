/**
 * What becomes of a policy whose controller is being deleted itself; a part of `forecast-flux.ts` and `forecast-argo.ts`. After finalize and
 * finalizerShouldDeleteResources in kustomize-controller internal/controller/kustomization_controller.go, and finalizeApplicationDeletion and
 * shouldBeDeleted in argo-cd controller/appcontroller.go.
 */
import type { ArgoApplication, FluxKustomization, SyncForecast } from '../model/sync.ts';
import { FLUX_NAME, FLUX_NAMESPACE, NOT_DELETED, optionValue, SYNC_OPTIONS, switchOn, switchText } from './controls.ts';
import { inventoryId, type SyncQuestion } from './owned.ts';
import { plain } from './plain.ts';
import { refText } from './same-source.ts';

type Say = (outcome: SyncForecast['outcome'], because: string, when?: string) => SyncForecast;

const NEVER = 'never by it';
const waiting = ({ live }: SyncQuestion): string =>
  live?.finalizers === undefined ? '' : '; it then stays until its finalizers are taken off';

/** `finalizers.fluxcd.io` of api/v1/kustomization_types.go. */
const FLUX_FINALIZER = 'finalizers.fluxcd.io';

/** Which of these it is, is not only `spec.prune`. */
export function withKustomization(question: SyncQuestion, by: FluxKustomization, say: Say): SyncForecast {
  const name = refText(by.object);
  if (question.live === undefined) return say('kept', `${name} is being deleted and applies nothing any more`, NEVER);
  const stays = leftByFlux(question, by);
  if (stays !== undefined) return say('kept', `${name} is being deleted, and ${stays}`, NEVER);
  if (!by.finalizers?.includes(FLUX_FINALIZER))
    return say(
      'not_checked',
      `${name} is being deleted without the finalizer ${FLUX_FINALIZER}: whether Flux still deletes what it applied is not told`,
    );
  const account = by.serviceAccount === undefined ? '' : `, if account ${plain(by.serviceAccount)} is still there`;
  return say(
    'pruned',
    `${name} is being deleted, and its finalizer deletes what is in its inventory (${policyText(by)})${account}${waiting(question)}`,
    'as soon as Flux finalizes it',
  );
}

function leftByFlux(question: SyncQuestion, by: FluxKustomization): string | undefined {
  if (by.suspended) return 'suspended, it deletes nothing (spec.suspend: true)';
  if (!by.inventory?.includes(inventoryId(question))) return 'its inventory does not hold it';
  const policy = by.deletionPolicy ?? 'MirrorPrune';
  if (policy === 'MirrorPrune' ? !by.prune : policy !== 'Delete' && policy !== 'WaitForTermination')
    return `leaves what it applied (${policyText(by)})`;
  return sparedByFlux(question, by);
}

/** deleteObjects in kustomization_controller.go. */
export function sparedByFlux({ live }: SyncQuestion, { object }: FluxKustomization): string | undefined {
  const spared = switchOn(NOT_DELETED, live);
  if (spared !== undefined) return `it has ${switchText(spared)}, so it is not deleted`;
  const { [FLUX_NAME]: owner, [FLUX_NAMESPACE]: namespace } = live?.labels ?? {};
  if (owner === object.name && namespace === object.namespace) return undefined;
  return `its labels do not name ${refText(object)}, which deletes only what they name`;
}

const policyText = ({ deletionPolicy, prune }: FluxKustomization): string =>
  deletionPolicy === undefined || deletionPolicy === 'MirrorPrune'
    ? `spec.prune: ${prune}`
    : `spec.deletionPolicy: ${plain(deletionPolicy)}`;

/** isPropagationPolicyFinalizer in pkg/apis/application/v1alpha1/types.go. */
const CASCADES = /^resources-finalizer\.argocd\.argoproj\.io(?:\/(?:foreground|background))?$/;

export function withApplication(question: SyncQuestion, by: ArgoApplication, say: Say): SyncForecast {
  const name = refText(by.object);
  if (question.live === undefined) return say('kept', `${name} is being deleted and applies nothing any more`, NEVER);
  if (!by.finalizers?.some((one) => CASCADES.test(one)))
    return say('kept', `${name} is being deleted without a resources-finalizer, so what it synced stays`, NEVER);
  const { annotations } = question.live;
  const options = annotations[SYNC_OPTIONS]?.split(',') ?? [];
  if (optionValue(options, 'Delete') === 'false')
    return say('kept', `${name} is being deleted, and it has the sync option Delete=false`, NEVER);
  if (annotations['helm.sh/resource-policy'] === 'keep')
    return say('kept', `${name} is being deleted, and it has helm.sh/resource-policy: keep`, NEVER);
  if (optionValue(options, 'Delete') === 'confirm' || by.resources?.some((one) => one.requiresDeletionConfirmation))
    return say(
      'not_checked',
      `${name} is being deleted, and waits for a confirmation (sync option Delete=confirm); whether that was given was not read`,
    );
  return say(
    'pruned',
    `${name} is being deleted, and its finalizer deletes what it tracks, as far as project ${plain(by.project)} permits${waiting(question)}`,
    'as soon as Argo CD finalizes it',
  );
}
