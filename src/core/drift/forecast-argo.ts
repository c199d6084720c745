/**
 * What an Application of Argo CD does to a policy that is its own; a part of `forecast.ts`. After autoSync in controller/appcontroller.go,
 * CompareAppState in controller/state.go and pruneObject in gitops-engine/pkg/sync/sync_context.go of argo-cd.
 */
import type { ArgoApplication, SyncForecast } from '../model/sync.ts';
import { differing } from './argo-differences.ts';
import { type ArgoStep, leftOut, optionsOn, whenArgo } from './argo-step.ts';
import { COMPARE_OPTIONS, optionValue, SYNC_OPTIONS } from './controls.ts';
import { withApplication } from './forecast-deleted.ts';
import { sayer } from './forecast-flux.ts';
import type { SyncQuestion } from './owned.ts';
import { entryOf } from './owner-argo.ts';
import { reasonOf } from './plain.ts';
import {
  type Basis,
  basisOf,
  type Compared,
  covers,
  mayNotBuild,
  notAsWritten,
  refText,
  unreadNear,
} from './same-source.ts';

export function argoForecast(question: SyncQuestion, by: ArgoApplication): SyncForecast {
  const say = sayer(by);
  const stopped = stoppingArgo(question, by);
  if (stopped !== undefined) return stopped;
  if (question.live?.annotations['argocd.argoproj.io/hook'] !== undefined)
    return say('not_checked', 'it is a hook of Argo CD, which is made and deleted by rules of its own');
  const step: ArgoStep = { question, by, basis: basisOf(by, question.compared), say };
  if (question.kind === 'only_live' || isLeftOut(step)) return extra(step);
  return question.kind === 'same' ? same(step) : changed(step);
}

/** Why it syncs nothing at all at present. What is skipped is not even finalized (canProcessApp in controller/appcontroller.go). */
export function stoppingArgo(question: SyncQuestion, by: ArgoApplication): SyncForecast | undefined {
  const say = sayer(by);
  if (by.suspended)
    return say(
      'kept',
      `${refText(by.object)} has argocd.argoproj.io/skip-reconcile: "true"`,
      'never while that is set',
    );
  return by.deleting ? withApplication(question, by, say) : undefined;
}

/** It is among the files, and the Application's directory options leave that file out: what Argo CD found comes first. */
function isLeftOut({ question, by, basis }: ArgoStep): boolean {
  if (question.live === undefined) return false;
  if (basis.state !== 'coming') return entryOf(by, question)?.requiresPruning ?? false;
  return leftOut(by, question.file ?? '') === 'not';
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
  if (by.rendering === 'plugin' || (by.rendering === 'helm' && !isChart(by, question.compared)))
    return `${refText(by.object)} renders its source with ${by.rendering}, and the files were compared as written`;
  const added = addedBy(by, question.compared);
  if (added !== undefined) return added;
  const folder = by.path ?? '';
  // What it has compared with, it could build.
  const isBuilt = basis.state === 'fetched' && by.failing === undefined;
  return (
    notAsWritten(question.compared, folder, question.file) ??
    (isBuilt ? undefined : mayNotBuild(question.compared, basis, folder))
  );
}

/** What it adds to the kustomization of its folder and was not built with it. */
function addedBy({ object, path = '', kustomize, rendering }: ArgoApplication, compared: Compared): string | undefined {
  if (kustomize === undefined || rendering !== 'kustomize') return undefined;
  const left = compared.asApplied && compared.path === path ? kustomize.unknown : kustomize.fields;
  return left.length === 0
    ? undefined
    : `${refText(object)} sets ${left.join(', ')} (spec.source.kustomize), and the files were compared without that`;
}

/** A chart says nothing as it is written. */
const isChart = ({ rendering }: ArgoApplication, { rendered }: SyncQuestion['compared']): boolean =>
  rendering === 'helm' && rendered === true;

/** Without it any commit of the branch counts, whatever it changes (GetRepoObjs in controller/state.go). */
const PATHS = 'argocd.argoproj.io/manifest-generate-paths';

/** Why it does not sync by itself, in the order in which autoSync asks. */
export function notByItself(step: ArgoStep): SyncForecast | undefined {
  const { by, basis, say } = step;
  const name = refText(by.object);
  if (!by.automated)
    return say('kept', `${name} does not sync by itself (no spec.syncPolicy.automated)`, 'not before someone syncs it');
  const unreadable = stumblingOver(step);
  if (unreadable !== undefined)
    return say(
      'kept',
      `${name} cannot compare with its source (${reasonOf(by.failing ?? '')}), and ${unreadable} could not be read here either`,
      'not before that is repaired',
    );
  if (basis.state === 'coming')
    return by.namesPaths && !by.selfHeal
      ? say(
          'not_checked',
          `${name} syncs only for commits that change what its ${PATHS} names; whether this one does was not read`,
        )
      : undefined;
  if (by.failing !== undefined)
    return say(
      'kept',
      `the last sync or comparison of ${name} failed (${reasonOf(by.failing)}); the same revision is not tried again`,
      'not before that is repaired or a new commit comes',
    );
  if (by.retrying) return say('not_checked', `${name} tries a sync that failed again; whether it succeeds is not told`);
  if (by.selfHeal || !isSynced(by, basis)) return undefined;
  return say(
    'kept',
    `${name} has synced this commit and does not heal itself (spec.syncPolicy.automated.selfHeal: false)`,
    by.namesPaths ? `at the next commit that changes what its ${PATHS} names` : 'at the next commit',
  );
}

/**
 * A file that both fail to read, which the comparison's error names (getObjsFromYAMLOrJson in reposerver/repository/repository.go). While a
 * comparison fails, the commit that it is of is not told.
 */
function stumblingOver({ question: { compared }, by, basis }: ArgoStep): string | undefined {
  if (basis.state !== 'coming' || !by.failing?.startsWith('ComparisonError')) return undefined;
  const names = compared.skipped.map(({ path }) => path).filter((path) => covers(by.path ?? '', path));
  return names.find((path) => by.failing?.includes(`"${path.split('/').at(-1)}"`));
}

/** The last sync was to the revision that Argo CD compares with; of several sources neither is one revision. */
function isSynced({ source, appliedRevision }: ArgoApplication, basis: Basis): boolean {
  if (basis.state !== 'other') return basis.state === 'applied';
  return source?.revision === undefined || source.revision === appliedRevision;
}

function changed(step: ArgoStep): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const idle = notByItself(step);
  if (idle !== undefined) return idle;
  const unknown = otherwise(step);
  if (unknown !== undefined) return say('not_checked', unknown);
  if (question.kind === 'only_git')
    return say('created', `${name} has it in its source, and it is not in the cluster`, whenArgo(step));
  return differing(step);
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
  if (by.rendering !== 'directory' && !isBuilt(by, compared))
    return `${name} renders its source (${by.rendering}), and the files were compared as written`;
  const changed = addedBy(by, compared) ?? notAsWritten(compared, folder);
  if (changed !== undefined) return changed;
  const [entry] = unreadNear(compared, folder);
  return entry === undefined ? undefined : `${entry.path} may hold it (${entry.reason})`;
}

const isBuilt = (by: ArgoApplication, compared: Compared): boolean =>
  compared.path === (by.path ?? '') && (by.rendering === 'kustomize' || isChart(by, compared));

function pruning(step: ArgoStep): SyncForecast {
  const { question, by, say } = step;
  const name = refText(by.object);
  const option = optionValue(optionsOn(question, SYNC_OPTIONS), 'Prune');
  if (option === 'false') return say('kept', 'it has the sync option Prune=false');
  if (!by.automated) return say('kept', `${name} does not sync by itself`, 'not before someone syncs it with prune');
  if (!by.prune)
    return say(
      'kept',
      `${name} does not prune by itself (spec.syncPolicy.automated.prune: false)`,
      'not before someone syncs it with prune',
    );
  if (option === 'confirm') return say('kept', 'it has the sync option Prune=confirm', 'not before someone confirms');
  const idle = notByItself(step) ?? emptying(step);
  if (idle !== undefined) return idle;
  const forAll = option === undefined ? optionValue(by.syncOptions, 'Prune') : undefined;
  if (forAll === 'false' || forAll === 'confirm')
    return say(
      'not_checked',
      `${name} has the sync option Prune=${forAll} (spec.syncPolicy.syncOptions), which Argo CD heeds since 3.4 and earlier releases do not; which release runs was not read`,
    );
  const because = `${name} tracks it, prunes by itself, and its source does not hold it`;
  const extraneous = optionsOn(question, COMPARE_OPTIONS).some((item) => item.trim() === 'IgnoreExtraneous');
  return extraneous
    ? say(
        'pruned',
        `${because}; IgnoreExtraneous only keeps it from setting off a sync`,
        'at the next sync that something else sets off',
      )
    : say('pruned', because, whenArgo(step));
}

/** It does not prune all that it has unless it is told that it may (autoSync in controller/appcontroller.go). */
function emptying({ question, by, basis, say }: ArgoStep): SyncForecast | undefined {
  const all = by.resources ?? [];
  if (by.allowEmpty || all.length === 0) return undefined;
  const name = refText(by.object);
  if (basis.state !== 'coming')
    return all.every(({ requiresPruning }) => requiresPruning)
      ? say('kept', `all that ${name} has would be pruned, which it refuses (spec.syncPolicy.automated.allowEmpty)`)
      : undefined;
  const own = entryOf(by, question);
  return all.every((one) => one === own)
    ? say(
        'not_checked',
        `it is all that ${name} has: unless its source holds something else now, it refuses to prune it (allowEmpty)`,
      )
    : undefined;
}
