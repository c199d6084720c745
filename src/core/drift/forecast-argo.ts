/**
 * What an Application of Argo CD does to a policy that is its own; a part of `forecast.ts`. After autoSync in controller/appcontroller.go,
 * CompareAppState in controller/state.go and pruneObject in gitops-engine/pkg/sync/sync_context.go of argo-cd.
 */
import type { ArgoApplication, SyncForecast } from '../model/sync.ts';
import { argoIgnores } from './argo-ignores.ts';
import { COMPARE_OPTIONS, optionValue, SYNC_OPTIONS } from './controls.ts';
import { type Say, sayer } from './forecast-flux.ts';
import type { SyncQuestion } from './owned.ts';
import { entryOf } from './owner-argo.ts';
import { reasonOf } from './plain.ts';
import { type Basis, basisOf, mayNotBuild, notAsWritten, refText, unreadNear } from './same-source.ts';

export interface ArgoStep {
  readonly question: SyncQuestion;
  readonly by: ArgoApplication;
  readonly basis: Basis;
  readonly say: Say;
}

export function argoForecast(question: SyncQuestion, by: ArgoApplication): SyncForecast {
  const say = sayer(by);
  const name = refText(by.object);
  if (by.deleting)
    return say(
      'not_checked',
      `${name} is being deleted; whether what it synced goes with it depends on its finalizers`,
    );
  if (by.suspended)
    return say('kept', `${name} has argocd.argoproj.io/skip-reconcile: "true"`, 'never while that is set');
  if (question.live?.annotations['argocd.argoproj.io/hook'] !== undefined)
    return say('not_checked', 'it is a hook of Argo CD, which is made and deleted by rules of its own');
  const step: ArgoStep = { question, by, basis: basisOf(by, question.compared), say };
  if (question.kind === 'only_live') return extra(step);
  return question.kind === 'same' ? same(step) : changed(step);
}

function same({ question, by, basis, say }: ArgoStep): SyncForecast {
  if (entryOf(by, question)?.status === 'Synced' && basis.state !== 'coming')
    return say('kept', `${refText(by.object)} finds it synced`);
  const unknown = otherwise({ question, by, basis, say });
  return unknown === undefined
    ? say('kept', `${refText(by.object)} syncs it, and Git says the same`)
    : say('not_checked', unknown);
}

/** Why what it syncs may say something else than the file that was compared. */
export function otherwise({ question, by, basis }: ArgoStep): string | undefined {
  if (basis.state === 'other') return `${refText(by.object)} has it, but ${basis.because}`;
  if (by.rendering === 'helm' || by.rendering === 'plugin')
    return `${refText(by.object)} renders its source with ${by.rendering}, and the files were compared as written`;
  const folder = by.path ?? '';
  return notAsWritten(question.compared, folder, question.file) ?? mayNotBuild(question.compared, basis, folder);
}

/** Why it does not sync by itself, in the order in which autoSync asks. */
export function notByItself({ by, basis, say }: ArgoStep): SyncForecast | undefined {
  const name = refText(by.object);
  if (!by.automated)
    return say('kept', `${name} does not sync by itself (no spec.syncPolicy.automated)`, 'not before someone syncs it');
  if (basis.state === 'coming') return undefined;
  if (by.failing !== undefined)
    return say(
      'kept',
      `the last sync or comparison of ${name} failed (${reasonOf(by.failing)}); the same revision is not tried again`,
      'not before that is repaired or a new commit comes',
    );
  if (by.selfHeal || !isSynced(by, basis)) return undefined;
  return say(
    'kept',
    `${name} has synced this commit and does not heal itself (spec.syncPolicy.automated.selfHeal: false)`,
    'at the next commit that changes what it renders',
  );
}

/** The last sync was to the revision that Argo CD compares with; of several sources neither is one revision. */
function isSynced({ source, appliedRevision }: ArgoApplication, basis: Basis): boolean {
  if (basis.state !== 'other') return basis.state === 'applied';
  return source?.revision === undefined || source.revision === appliedRevision;
}

export function whenArgo({ by, basis }: ArgoStep): string {
  const window = by.syncWindow;
  if (window?.denies) return `once the sync windows of project ${by.project} allow it: now ${window.because}`;
  const limit =
    window === undefined ? `, unless a sync window of project ${by.project} denies it, which could not be read` : '';
  if (basis.state === 'coming') return `once Argo CD sees this commit, by default within 3 m${limit}`;
  return `at its next automated sync, usually within seconds${limit}`;
}

const LATER = 'at the next sync that something else sets off';

function changed(step: ArgoStep): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const idle = notByItself(step);
  if (idle !== undefined) return idle;
  const unknown = otherwise(step);
  if (unknown !== undefined) return say('not_checked', unknown);
  if (question.kind === 'only_git')
    return say('created', `${name} has it in its source, and it is not in the cluster`, whenArgo(step));
  const doubted = doubtful(step);
  if (doubted !== undefined) return say('not_checked', doubted);
  const ignores = argoIgnores(by, question);
  if (ignores.unknown !== undefined) return say('not_checked', ignores.unknown);
  if (question.differences.every(({ path }) => ignores.covers(path))) return ignored(step);
  const left = new Set(question.git?.unwritten ?? []);
  const replaces =
    optionValue(optionsOn(question, SYNC_OPTIONS), 'Replace') === 'true' || by.syncOptions.includes('Replace=true');
  const decisive = question.differences.filter(({ path }) => !ignores.covers(path) && (replaces || !left.has(path)));
  if (decisive.length > 0) return say('reverted', `it differs from Git, and ${name} syncs by itself`, whenArgo(step));
  return say(
    'not_checked',
    `Git does not write ${[...left].join(', ')}: whether a sync removes it depends on what was applied last, which was not read`,
  );
}

/** What Argo CD itself says of an object that differs from the file. */
function doubtful({ question, by, basis }: ArgoStep): string | undefined {
  const status = basis.state === 'coming' ? undefined : entryOf(by, question)?.status;
  const name = refText(by.object);
  if (status === 'Unknown')
    return `${name} does not know its state (status.resources: Unknown), as for kinds that its project does not permit`;
  if (status !== 'Synced') return undefined;
  return `${name} finds it synced: it may ignore the difference (resource.customizations in argocd-cm), or not have looked yet`;
}

/** Ignored differences set off no sync; one that comes for another reason overwrites them, unless it is told to respect them. */
function ignored({ by, say }: ArgoStep): SyncForecast {
  const name = refText(by.object);
  if (by.syncOptions.includes('RespectIgnoreDifferences=true'))
    return say(
      'kept',
      `${name} ignores these differences (spec.ignoreDifferences) and keeps them when it syncs (RespectIgnoreDifferences=true)`,
    );
  if (by.syncOptions.includes('ApplyOutOfSyncOnly=true'))
    return say(
      'kept',
      `${name} ignores these differences and applies only what is out of sync (ApplyOutOfSyncOnly=true)`,
    );
  return say(
    'reverted',
    `${name} ignores these differences (spec.ignoreDifferences), so they set off no sync, but a sync overwrites them`,
    LATER,
  );
}

/** Live and its own, not among the files. What Argo CD itself found comes before what the files show. */
function extra(step: ArgoStep): SyncForecast {
  const { question, by, basis, say } = step;
  const name = refText(by.object);
  const entry = entryOf(by, question);
  if (basis.state !== 'coming' && entry?.status !== undefined && !entry.requiresPruning)
    return say('kept', `${name} finds it in its source, which makes it in a way that the files do not show`);
  if (entry?.requiresPruning && basis.state !== 'coming') return pruning(step);
  const hidden = hiding(step);
  return hidden === undefined ? pruning(step) : say('not_checked', hidden);
}

function hiding({ question: { compared }, by, basis }: ArgoStep): string | undefined {
  const name = refText(by.object);
  if (basis.state === 'other') return `${name} has it, but ${basis.because}`;
  const folder = by.path ?? '';
  if (compared.path !== '' && compared.path !== folder)
    return `only ${compared.path} was read, and ${name} syncs ${folder || 'the whole repository'}`;
  const built = by.rendering === 'kustomize' && compared.path === folder;
  if (by.rendering !== 'directory' && !built)
    return `${name} renders its source (${by.rendering}), and the files were compared as written`;
  const changed = notAsWritten(compared, folder);
  if (changed !== undefined) return changed;
  const [entry] = unreadNear(compared, folder);
  return entry === undefined ? undefined : `${entry.path} may hold it (${entry.reason})`;
}

/** `argocd.argoproj.io/sync-options: Prune=false,…` of the object, before that of the Application (isPruningDisabled). */
export function optionsOn({ live }: SyncQuestion, key: string): readonly string[] {
  return live?.annotations[key]?.split(',') ?? [];
}

function pruning(step: ArgoStep): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const option = optionValue(optionsOn(question, SYNC_OPTIONS), 'Prune') ?? optionValue(by.syncOptions, 'Prune');
  if (option === 'false') return say('kept', 'it, or its Application, has the sync option Prune=false');
  if (!by.automated) return say('kept', `${name} does not sync by itself`, 'not before someone syncs it with prune');
  if (!by.prune)
    return say(
      'kept',
      `${name} does not prune by itself (spec.syncPolicy.automated.prune: false)`,
      'not before someone syncs it with prune',
    );
  if (option === 'confirm')
    return say('kept', 'it, or its Application, has the sync option Prune=confirm', 'not before someone confirms');
  const idle = notByItself(step);
  if (idle !== undefined) return idle;
  if (
    by.resources !== undefined &&
    by.resources.length > 0 &&
    by.resources.every(({ requiresPruning }) => requiresPruning)
  )
    return say('not_checked', `all that ${name} has would be pruned, which it refuses unless allowEmpty is set`);
  const because = `${name} tracks it, prunes by itself, and its source does not hold it`;
  const extraneous = optionsOn(question, COMPARE_OPTIONS).some((item) => item.trim() === 'IgnoreExtraneous');
  return extraneous
    ? say('pruned', `${because}; IgnoreExtraneous only keeps it from setting off a sync`, LATER)
    : say('pruned', because, whenArgo(step));
}
