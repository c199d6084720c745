/**
 * What the next reconciliation does to one policy, as far as the objects of the cluster and the compared files tell; used by `with-forecast.ts`.
 * What cannot be told is `not_checked` with what would decide it: that a manual policy is pruned is as wrong to say as that it is kept.
 */
import type { SyncForecast, SyncState } from '../model/sync.ts';
import { argoForecast } from './forecast-argo.ts';
import { fluxForecast } from './forecast-flux.ts';
import { helmForecast } from './forecast-helm.ts';
import { takingUp } from './forecast-new.ts';
import type { SyncQuestion } from './owned.ts';
import { isKustomization, ownerOf } from './owner.ts';

export function forecast(question: SyncQuestion, sync: SyncState): SyncForecast {
  const owner = ownerOf(question, sync);
  if (owner.state === 'unknown') return { outcome: 'not_checked', because: owner.because };
  if (owner.state === 'none') return withoutOwner(question, sync, owner.because);
  switch (owner.by.tool) {
    case 'flux-kustomization':
      return fluxForecast(question, owner.by, sync.controllers.filter(isKustomization));
    case 'flux-helmrelease':
      return helmForecast(question, owner.by);
    case 'argo-application':
      return argoForecast(question, owner.by);
  }
}

/** What nobody has yet: a controller that finds it in Git takes it up; what only the cluster has stays. */
function withoutOwner(question: SyncQuestion, sync: SyncState, because: string): SyncForecast {
  if (question.kind !== 'only_live') return takingUp(question, sync, because);
  return { outcome: 'not_tracked', because: `${because}; nothing prunes it` };
}
