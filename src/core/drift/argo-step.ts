/** What the parts of the forecast for an Application of Argo CD hand to each other: `forecast-argo.ts`, `argo-differences.ts`, `forecast-new.ts`. */
import type { ArgoApplication } from '../model/sync.ts';
import { PUSHED, type Say } from './forecast-flux.ts';
import type { SyncQuestion } from './owned.ts';
import type { Basis } from './same-source.ts';

export interface ArgoStep {
  readonly question: SyncQuestion;
  readonly by: ArgoApplication;
  readonly basis: Basis;
  readonly say: Say;
}

export function whenArgo({ by, basis }: ArgoStep): string {
  const window = by.syncWindow;
  if (window?.denies) return `once the sync windows of project ${by.project} allow it: now ${window.because}`;
  const limit =
    window === undefined ? `, unless a sync window of project ${by.project} denies it, which could not be read` : '';
  if (basis.state === 'coming')
    return `once ${basis.unpushed ? PUSHED : ''}Argo CD sees this commit, by default within 3 m${limit}`;
  return `at its next automated sync, usually within seconds${limit}`;
}

/** `argocd.argoproj.io/sync-options: Prune=false,…` of the object, before that of the Application (isPruningDisabled). */
export function optionsOn({ live }: SyncQuestion, key: string): readonly string[] {
  return live?.annotations[key]?.split(',') ?? [];
}

/** Whether a file of its folder is not, or may not be, among what it syncs. */
export function leftOut({ rendering, directory, path }: ArgoApplication, file: string): 'not' | 'unknown' | undefined {
  if (rendering !== 'directory' || directory?.include !== undefined || directory?.exclude !== undefined)
    return 'unknown';
  const isDirectly = file.split('/').slice(0, -1).join('/') === (path ?? '');
  return directory?.recurse || isDirectly ? undefined : 'not';
}
